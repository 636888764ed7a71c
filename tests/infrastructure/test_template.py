"""The template of each stage: every control of docs/security.md that is part of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from chalicelib.settings import Settings
from infrastructure import template, yaml_files
from local.chalice_stage import PROJECT
from tests.infrastructure.conftest import STAGES, lint, of_type, package

STATEFUL = {"AWS::S3::Bucket", "AWS::DSQL::Cluster", "AWS::Cognito::UserPool"}
FUNCTIONS = {
    "APIHandler": "api_handler",
    "FileUpload": "file_upload",
    "EraseExpired": "erase_expired",
    "CheckRetention": "check_retention",
    "AuthMiddleware": "auth_middleware",
}


# The whole template


@pytest.mark.parametrize("stage", STAGES)
def test_cfn_lint_finds_nothing_in_the_template_of_a_stage(template_paths, stage):
    assert lint(template_paths[stage]) == []


def test_cfn_lint_finds_nothing_in_the_expanded_template(expanded_path):
    """Only this form shows a circular dependency between a bucket and the function that it notifies."""
    assert lint(expanded_path) == []


def test_cfn_lint_finds_nothing_in_the_template_with_the_lambda_authorizer(lambda_authorizer_path):
    assert lint(lambda_authorizer_path) == []


def test_cfn_lint_finds_nothing_in_the_accounts_template():
    assert lint(PROJECT / "infrastructure" / "account.yaml") == []


def test_the_templates_of_all_stages_differ_only_in_the_stages_name(templates):
    def normalized(stage):
        return json.dumps(templates[stage]).replace(f'"{stage}"', '"a stage"').replace(f"stage={stage}:", "")

    assert normalized("dev") == normalized("staging") == normalized("prod")


def test_a_template_accepts_only_its_own_stage(templates):
    for stage in STAGES:
        assert templates[stage]["Parameters"]["Environment"]["AllowedValues"] == [stage]


def test_a_stage_sets_only_existing_parameters(templates):
    for stage in STAGES:
        assert set(template.parameters(stage)) <= set(templates[stage]["Parameters"])


def test_the_template_is_small_enough_for_cloudformation(template_paths):
    assert max(path.stat().st_size for path in template_paths.values()) < template.MAX_BYTES


def test_resources_with_user_data_outlive_the_stack(expanded_resources):
    stateful = [resource for resource in expanded_resources.values() if resource["Type"] in STATEFUL]
    assert {resource["Type"] for resource in stateful} == STATEFUL
    for resource in stateful:
        # A resource with a fixed name must not survive a failed creation, because the next attempt needs the name.
        policy = "RetainExceptOnCreate" if "BucketName" in resource["Properties"] else "Retain"
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == (policy, "Retain")


def test_two_files_with_different_values_for_one_key_are_refused():
    with pytest.raises(yaml_files.ConflictingValues, match=r"Resources\.A\.Type"):
        yaml_files.merge({"Resources": {"A": {"Type": "x"}}}, {"Resources": {"A": {"Type": "y"}}})


# Chalice's own checks, which `chalice package` skips


def test_a_route_that_chalice_would_refuse_is_not_packaged(copy_sources, tmp_path):
    sources = copy_sources()
    app = sources / "app.py"
    app.write_text(app.read_text().replace('"/user-export"', '"/user-export/"'))
    refused = package("dev", tmp_path, cwd=sources, check=False)
    assert refused.returncode == 1
    assert "/user-export/" in refused.stderr
    assert not (tmp_path / "template.json").exists()


def test_the_environment_of_the_shell_does_not_change_the_template(template_paths, tmp_path):
    package("prod", tmp_path, CORS_ALLOW_ORIGIN="https://example.com", AUTHORIZER="none", UPLOAD_BUCKET="mine")
    assert (tmp_path / "template.json").read_bytes() == template_paths["prod"].read_bytes()


# Functions


def test_functions_have_their_names_timeouts_and_log_groups(resources, expanded_resources):
    functions = of_type(expanded_resources, "AWS::Lambda::Function")
    assert set(functions) == set(FUNCTIONS)
    for name, handler in FUNCTIONS.items():
        assert functions[name]["FunctionName"] == {"Fn::Sub": f"${{AWS::StackName}}-{handler}"}
        logs = resources[functions[name]["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
        assert logs["LogGroupName"] == {"Fn::Sub": f"/aws/lambda/${{AWS::StackName}}-{handler}"}
    assert {functions[name]["Timeout"] for name in ("FileUpload", "EraseExpired", "CheckRetention")} == {60}
    assert (functions["APIHandler"]["Timeout"], functions["AuthMiddleware"]["Timeout"]) == (30, 15)
    assert {function["Architectures"][0] for function in functions.values()} == {"arm64"}


def test_every_function_has_the_settings_it_needs(expanded_resources):
    for function in of_type(expanded_resources, "AWS::Lambda::Function").values():
        variables = function["Environment"]["Variables"]
        assert (variables["STAGE"], variables["AUTHORIZER"]) == ("prod", "cognito")
        assert set(variables) <= {name.upper() for name in Settings.model_fields}
        assert {"UPLOAD_BUCKET", "DSQL_ENDPOINT", "COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID"} <= set(variables)


def test_every_setting_of_the_models_is_deployed_except_test_endpoints(expanded_resources):
    models = {name.upper() for name in Settings.model_fields if re.match("bedrock|comprehend", name)}
    for function in of_type(expanded_resources, "AWS::Lambda::Function").values():
        variables = set(function["Environment"]["Variables"])
        assert models - variables == {"BEDROCK_ENDPOINT_URL", "COMPREHEND_ENDPOINT_URL"}


def test_no_setting_of_the_local_stack_is_deployed(expanded_resources):
    for function in of_type(expanded_resources, "AWS::Lambda::Function").values():
        assert not {"ENVIRONMENT_FILE", "AWS_EMULATOR_URL"} & set(function["Environment"]["Variables"])


def test_the_import_does_not_refer_to_the_bucket_that_triggers_it(expanded_resources):
    """The bucket depends on the function's permission, so a reference would be circular."""
    for name in ("FileUpload", "FileUploadRole"):
        assert not re.search(r'"UploadBucket[".]', json.dumps(expanded_resources[name]))


def test_only_uploads_trigger_an_import(expanded_resources):
    events = expanded_resources["UploadBucket"]["Properties"]["NotificationConfiguration"]["LambdaConfigurations"]
    assert [(event["Event"], event["Function"]) for event in events] == [
        ("s3:ObjectCreated:*", {"Fn::GetAtt": ["FileUpload", "Arn"]})
    ]
    assert events[0]["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "uploads/"}]


def test_expired_data_is_erased_hourly_and_checked_daily(expanded_resources):
    rules = of_type(expanded_resources, "AWS::Events::Rule")
    assert sorted(rule["ScheduleExpression"] for rule in rules.values()) == ["rate(1 day)", "rate(1 hour)"]


def test_failed_events_are_retried_and_then_kept_in_the_dead_letter_queue(expanded_resources):
    configs = {
        config["FunctionName"]["Ref"]: config
        for config in of_type(expanded_resources, "AWS::Lambda::EventInvokeConfig").values()
    }
    assert set(configs) == {"FileUpload", "EraseExpired", "CheckRetention"}
    for config in configs.values():
        assert config["MaximumRetryAttempts"] in (1, 2)
        assert config["MaximumEventAgeInSeconds"] <= 3600
        assert config["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    queue = expanded_resources["DeadLetters"]["Properties"]
    assert (queue["SqsManagedSseEnabled"], queue["MessageRetentionPeriod"]) == (True, 7 * 24 * 3600)


def test_only_the_api_reserves_concurrency_and_only_with_a_number(expanded_resources):
    functions = of_type(expanded_resources, "AWS::Lambda::Function")
    reserving = {name for name, function in functions.items() if "ReservedConcurrentExecutions" in function}
    assert reserving == {"APIHandler"}
    assert functions["APIHandler"]["ReservedConcurrentExecutions"]["Fn::If"][0] == "ReservesConcurrency"
    assert template.parameters("prod")["ReservedConcurrency"] == "10"


def test_a_customer_managed_key_can_encrypt_the_environment(expanded_resources):
    for function in of_type(expanded_resources, "AWS::Lambda::Function").values():
        assert function["KmsKeyArn"]["Fn::If"][:2] == ["HasEnvironmentKey", {"Ref": "EnvironmentKeyArn"}]


# The gateway


def routes(template):
    for path, methods in template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_route_except_the_public_ones_requires_a_token_of_the_stacks_pool(template):
    public = {
        (path, method)
        for path, method, operation in routes(template)
        if operation.get("security") != [{"cognito": []}] and method != "options"
    }
    assert public == {("/health", "get"), ("/openapi.json", "get")}
    definition = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["securityDefinitions"]["cognito"]
    authorizer = definition["x-amazon-apigateway-authorizer"]
    assert (authorizer["type"], authorizer["providerARNs"]) == (
        "cognito_user_pools",
        [{"Fn::GetAtt": ["UserPool", "Arn"]}],
    )


def test_auth_middleware_replaces_the_pool_in_a_stage_with_the_lambda_authorizer(lambda_authorizer_path):
    template = json.loads(lambda_authorizer_path.read_text())
    protected = [operation["security"] for _, _, operation in routes(template) if "security" in operation]
    names = {name for security in protected for requirement in security for name in requirement}
    assert names - {"api_key"} == {"auth_middleware"}
    definitions = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["securityDefinitions"]
    assert "cognito" not in definitions
    assert definitions["auth_middleware"]["x-amazon-apigateway-authorizer"]["type"] == "token"
    assert set(template["Rules"]) == {"IssuerIsSet"}


def test_the_slow_routes_leave_concurrent_executions_for_the_others(template):
    """A route occupies its rate times its duration in seconds."""
    settings = {
        (entry["HttpMethod"], entry["ResourcePath"]): entry
        for entry in template["Resources"]["RestAPI"]["Properties"]["MethodSettings"]
    }
    rates = {name: template["Parameters"][name]["Default"] for name in template["Parameters"] if "ASecond" in name}
    slow = {("POST", "/~1analyze"): ("AnalysesASecond", 10), ("POST", "/~1process-file"): ("ImportsASecond", 2)}
    occupied = 0
    for route, (parameter, seconds) in slow.items():
        assert settings[route]["ThrottlingRateLimit"] == {"Ref": parameter}
        occupied += rates[parameter] * seconds
    assert occupied <= 5
    assert settings["*", "/*"]["ThrottlingRateLimit"] == {"Ref": "RequestsASecond"}
    assert rates["RequestsASecond"] * 0.15 < 10


def test_every_throttled_route_exists(template):
    paths = {(method.upper(), path) for path, method, _ in routes(template)}
    for entry in template["Resources"]["RestAPI"]["Properties"]["MethodSettings"]:
        path = entry["ResourcePath"].replace("~1", "/").removeprefix("/")
        assert path == "*" or (entry["HttpMethod"], path) in paths


def test_the_access_log_contains_no_body_and_no_header(template):
    properties = template["Resources"]["RestAPI"]["Properties"]
    for entry in properties["MethodSettings"]:
        assert (entry["DataTraceEnabled"], entry["LoggingLevel"]) == (False, "OFF")
    fields = json.loads(properties["AccessLogSetting"]["Format"])
    assert set(fields) == {
        "request_id", "time", "method", "route", "status", "bytes", "duration_ms", "integration_ms",
        "integration_status", "refused", "ip",
    }  # fmt: skip


def test_only_the_response_that_is_the_same_for_every_user_is_cached(template):
    properties = template["Resources"]["RestAPI"]["Properties"]
    cached = [entry["ResourcePath"] for entry in properties["MethodSettings"] if entry["CachingEnabled"] is not False]
    assert cached == ["/~1openapi.json"]
    assert template["Parameters"]["ApiCacheSize"]["Default"] == "off"


def test_the_gateways_own_responses_are_problems_in_korean(template):
    responses = template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]
    assert responses["MISSING_AUTHENTICATION_TOKEN"]["StatusCode"] == 404
    for response_type, response in responses.items():
        body = json.loads(response["ResponseTemplates"]["application/json"])
        assert set(body) == {"type", "title", "status", "detail", "error", "code", "request_id"}
        assert body["type"] == f"urn:love-q:problem:{body['code']}"
        assert re.search("[가-힣]", body["detail"])
        headers = response["ResponseParameters"]["Headers"]
        assert headers["Access-Control-Allow-Origin"] == "'*'"
        assert headers["Content-Type"] == "'application/problem+json'"
        assert ("Retry-After" in headers) == (body["status"] in (429, 503, 504)), response_type
        assert ("WWW-Authenticate" in headers) == (body["status"] == 401)
        if not response_type.startswith("DEFAULT"):
            assert response["StatusCode"] == body["status"]


def test_the_default_responses_set_no_status_which_would_replace_every_other_status(template):
    responses = template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]
    assert "StatusCode" not in responses["DEFAULT_4XX"]
    assert "StatusCode" not in responses["DEFAULT_5XX"]


def test_a_configured_origin_applies_to_routes_gateway_and_bucket(copy_sources, tmp_path):
    sources = copy_sources()
    config = sources / ".chalice" / "config.json"
    origin = "https://love-q.example"
    config.write_text(config.read_text().replace('"STAGE": "dev"', f'"CORS_ALLOW_ORIGIN": "{origin}", "STAGE": "dev"'))
    package("dev", tmp_path, cwd=sources)
    narrowed = json.loads((tmp_path / "template.json").read_text())
    assert narrowed["Mappings"]["BuiltIn"]["Cors"]["AllowOrigin"] == origin
    assert "'*'" not in json.dumps(narrowed["Resources"]["RestAPI"])
    rules = narrowed["Resources"]["UploadBucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    assert [rule["AllowedOrigins"] for rule in rules] == [[{"Fn::FindInMap": ["BuiltIn", "Cors", "AllowOrigin"]}]]


def test_a_custom_domain_requires_tls_1_2(expanded_resources):
    domain = expanded_resources["DomainName"]
    assert (domain["Condition"], domain["Properties"]["SecurityPolicy"]) == ("HasCustomDomain", "TLS_1_2")


def test_the_api_is_regional_and_has_one_stage(expanded_resources):
    stages = of_type(expanded_resources, "AWS::ApiGateway::Stage")
    assert [stage["StageName"] for stage in stages.values()] == ["v1"]
    assert of_type(expanded_resources, "AWS::ApiGateway::RestApi")["RestAPI"]["EndpointConfiguration"]["Types"] == [
        "REGIONAL"
    ]
    assert [
        deployment.get("StageName")
        for deployment in of_type(expanded_resources, "AWS::ApiGateway::Deployment").values()
    ] == [None]


# Identity


def test_users_sign_in_without_sending_a_password(resources):
    client = resources["WebClient"]["Properties"]
    assert client["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    assert (client["AllowedOAuthFlows"], client["GenerateSecret"]) == (["code"], False)


def test_the_pool_does_not_reveal_who_has_an_account(resources):
    assert resources["WebClient"]["Properties"]["PreventUserExistenceErrors"] == "ENABLED"


def test_tokens_last_an_hour_and_can_be_revoked(resources):
    client = resources["WebClient"]["Properties"]
    assert client["EnableTokenRevocation"] is True
    assert (client["IdTokenValidity"], client["TokenValidityUnits"]["IdToken"]) == (60, "minutes")


def test_the_pool_is_protected_against_deletion(resources):
    assert resources["UserPool"]["Properties"]["DeletionProtection"] == "ACTIVE"


def test_sign_in_with_kakao_is_offered_in_a_stage_with_its_keys(resources, template):
    assert resources["KakaoProvider"]["Condition"] == "HasKakao"
    assert resources["WebClient"]["Properties"]["SupportedIdentityProviders"]["Fn::If"][0] == "HasKakao"
    assert template["Parameters"]["KakaoClientSecret"]["NoEcho"] is True


def test_cloudformation_masks_secret_parameters(template):
    secrets = [name for name in template["Parameters"] if re.search("Secret|Token|DatabaseUrl", name)]
    assert len(secrets) == 3
    assert all(template["Parameters"][name]["NoEcho"] for name in secrets)


# Uploads and the database


def test_uploads_are_encrypted_private_and_deleted_after_a_week(resources):
    bucket = resources["UploadBucket"]["Properties"]
    rules = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rules[0]["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["ExpirationInDays"], rule["AbortIncompleteMultipartUpload"]) == (7, {"DaysAfterInitiation": 1})
    assert "VersioningConfiguration" not in bucket


def test_the_bucket_and_the_queue_refuse_requests_without_tls(resources):
    denied = [
        (statement["Effect"], statement["Principal"], next(iter(statement["Condition"].values())))
        for name in ("UploadBucketPolicy", "DeadLettersPolicy")
        for statement in resources[name]["Properties"]["PolicyDocument"]["Statement"]
    ]
    assert denied == [
        ("Deny", "*", {"aws:SecureTransport": "false"}),
        ("Deny", "*", {"s3:TlsVersion": "1.2"}),
        ("Deny", "*", {"aws:SecureTransport": "false"}),
    ]


def test_the_cluster_is_protected_and_only_created_without_another_database(resources):
    cluster = resources["DsqlCluster"]
    assert (cluster["Condition"], cluster["Properties"]["DeletionProtectionEnabled"]) == ("CreatesCluster", True)


# Logs and alarms


def test_every_log_group_keeps_thirty_days(expanded_resources):
    groups = of_type(expanded_resources, "AWS::Logs::LogGroup")
    assert len(groups) == len(FUNCTIONS) + 1
    assert {group["RetentionInDays"] for group in groups.values()} == {30}


def test_every_alarm_notifies_the_topic(expanded_resources):
    alarms = of_type(expanded_resources, "AWS::CloudWatch::Alarm")
    assert len(alarms) >= 13
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "Alarms"}]
    assert list(of_type(expanded_resources, "AWS::SNS::Topic")) == ["Alarms"]


def test_the_alarms_cover_these_metrics(expanded_resources):
    metrics = {
        (alarm["Namespace"], alarm["MetricName"])
        for alarm in of_type(expanded_resources, "AWS::CloudWatch::Alarm").values()
    }
    assert metrics == {
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "Throttles"),
        ("AWS/Lambda", "Duration"),
        ("AWS/Lambda", "Invocations"),
        ("AWS/ApiGateway", "5XXError"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("LoveQ", "DatabaseUnreachable"),
        ("LoveQ", "AnswersDegraded"),
        ("LoveQ", "ModelDollarsUsedUp"),
        ("LoveQ", "Overdue"),
    }


COUNT = "from chalicelib.observability import count; count('Anything')"


def dashboard_metrics(body):
    """Yield namespace, name and dimensions of each metric of a dashboard; a dot repeats the value before."""
    for widget in json.loads(body)["widgets"]:
        previous = []
        for entry in widget["properties"]["metrics"]:
            metric = [value for value in entry if isinstance(value, str)]
            if metric and metric[0] == "...":
                metric = previous[: len(previous) - len(metric) + 1] + metric[1:]
            previous = [previous[i] if value == "." else value for i, value in enumerate(metric)] or previous
            yield previous


def test_alarms_and_dashboard_use_metrics_that_the_application_emits(expanded_resources):
    """With its namespace and its only dimension."""
    sources = "".join(path.read_text() for path in (PROJECT / "chalicelib").rglob("*.py"))
    emitted = set(re.findall(r'count\("([A-Za-z]+)"', sources))
    emitted |= set(re.findall(r'"(Imports[A-Z][a-z]+|Model[A-Z][a-z]+)"', sources))
    all_alarms = of_type(expanded_resources, "AWS::CloudWatch::Alarm").values()
    alarms = [alarm for alarm in all_alarms if alarm["Namespace"] == "LoveQ"]
    alarmed = {alarm["MetricName"] for alarm in alarms}
    for alarm in alarms:
        assert alarm["Dimensions"] == [{"Name": "stage", "Value": {"Ref": "Environment"}}]
    dashboard = list(dashboard_metrics(expanded_resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]))
    ours = {name for namespace, name, *dimensions in dashboard if namespace == "LoveQ"}
    assert {tuple(metric[2:]) for metric in dashboard if metric[0] == "LoveQ"} == {("stage", "${Environment}")}
    assert {"ImportsReady", "Expired", "Microdollars", "DatabaseUnreachable"} <= ours
    assert alarmed | ours <= emitted
    for function in of_type(expanded_resources, "AWS::Lambda::Function").values():
        # A variable of Powertools can add a dimension, and then no alarm matches the metric.
        variables = {
            name: value for name, value in function["Environment"]["Variables"].items() if isinstance(value, str)
        }
        command = [sys.executable, "-c", COUNT]
        completed = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True, env=variables)
        (metric,) = json.loads(completed.stdout)["_aws"]["CloudWatchMetrics"]
        assert (metric["Namespace"], metric["Dimensions"]) == ("LoveQ", [["stage"]])


def test_the_budget_warns_at_50_80_and_100_percent(expanded_resources):
    budget = expanded_resources["Budget"]["Properties"]
    thresholds = [entry["Notification"]["Threshold"] for entry in budget["NotificationsWithSubscribers"]]
    assert thresholds == [50, 80, 100]
    assert template.parameters("prod")["MonthlyBudget"] == "50"
    assert budget["Budget"]["CostTypes"]["IncludeCredit"] is False


def test_every_alarm_has_a_section_in_the_runbook(expanded_resources):
    runbook = (PROJECT / "docs" / "operations.md").read_text()
    anchors = {heading.lower() for heading in re.findall(r"^#+ (\w+)$", runbook, flags=re.MULTILINE)}
    for alarm in of_type(expanded_resources, "AWS::CloudWatch::Alarm").values():
        anchor = re.search(r"operations\.md#(\w+)", alarm["AlarmDescription"])[1]
        assert anchor in anchors
