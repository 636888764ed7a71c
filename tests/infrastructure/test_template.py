"""What the template promises of each stage: every control of docs/security.md that lives in it."""

import json
import re
import subprocess
import sys

import pytest

from chalicelib.settings import Settings
from infrastructure import template, yaml_files
from local.chalice_stage import PROJECT
from tests.infrastructure.conftest import STAGES, lint, of_type, packaged

STATEFUL = {"AWS::S3::Bucket", "AWS::DSQL::Cluster", "AWS::Cognito::UserPool"}
FUNCTIONS = {
    "APIHandler": "api_handler",
    "FileUpload": "file_upload",
    "EraseExpired": "erase_expired",
    "CheckRetention": "check_retention",
    "AuthMiddleware": "auth_middleware",
}


# As a whole


@pytest.mark.parametrize("stage", STAGES)
def test_every_stages_template_is_lint_clean(paths, stage):
    assert lint(paths[stage]) == []


def test_the_expanded_template_is_lint_clean(expanded_path):
    """Circles between a bucket and the function that it notifies show in this form alone."""
    assert lint(expanded_path) == []


def test_with_the_lambda_authorizer_it_is_lint_clean_too(lambda_path):
    assert lint(lambda_path) == []


def test_what_stages_share_is_lint_clean():
    assert lint(PROJECT / "infrastructure" / "account.yaml") == []


def test_stages_differ_in_what_was_built_in_alone(templates):
    def normal(stage):
        return json.dumps(templates[stage]).replace(f'"{stage}"', '"a stage"').replace(f"stage={stage}:", "")

    assert normal("dev") == normal("staging") == normal("prod")


def test_a_template_is_good_for_its_own_stage_alone(templates):
    for stage in STAGES:
        assert templates[stage]["Parameters"]["Environment"]["AllowedValues"] == [stage]


def test_a_stage_sets_only_parameters_that_there_are(templates):
    for stage in STAGES:
        assert set(template.parameters(stage)) <= set(templates[stage]["Parameters"])


def test_the_template_may_be_uploaded(paths):
    assert max(path.stat().st_size for path in paths.values()) < template.MAX_BYTES


def test_what_people_would_miss_outlives_the_stack(made):
    stateful = {name: found for name, found in made.items() if found["Type"] in STATEFUL}
    assert {found["Type"] for found in stateful.values()} == STATEFUL
    for found in stateful.values():
        # What has its name from us may not stay after a first attempt that failed: the next one needs the name.
        kept = "RetainExceptOnCreate" if "BucketName" in found["Properties"] else "Retain"
        assert (found["DeletionPolicy"], found["UpdateReplacePolicy"]) == (kept, "Retain")


def test_two_files_may_not_say_different_things():
    with pytest.raises(yaml_files.ConflictingValues, match=r"Resources\.A\.Type"):
        yaml_files.merge({"Resources": {"A": {"Type": "x"}}}, {"Resources": {"A": {"Type": "y"}}})


# Chalice's own checks, which `chalice package` leaves out


def test_a_route_that_chalice_would_not_deploy_is_not_packaged(clone, tmp_path):
    place = clone()
    app = place / "app.py"
    app.write_text(app.read_text().replace('"/user-export"', '"/user-export/"'))
    refused = packaged("dev", tmp_path, cwd=place, check=False)
    assert refused.returncode == 1
    assert "/user-export/" in refused.stderr
    assert not (tmp_path / "template.json").exists()


def test_the_shell_of_whoever_packages_changes_nothing(paths, tmp_path):
    packaged("prod", tmp_path, CORS_ALLOW_ORIGIN="https://example.com", AUTHORIZER="none", UPLOAD_BUCKET="mine")
    assert (tmp_path / "template.json").read_bytes() == paths["prod"].read_bytes()


# Functions


def test_functions_have_their_names_limits_and_logs(resources, made):
    functions = of_type(made, "AWS::Lambda::Function")
    assert set(functions) == set(FUNCTIONS)
    for name, called in FUNCTIONS.items():
        assert functions[name]["FunctionName"] == {"Fn::Sub": f"${{AWS::StackName}}-{called}"}
        logs = resources[functions[name]["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
        assert logs["LogGroupName"] == {"Fn::Sub": f"/aws/lambda/${{AWS::StackName}}-{called}"}
    assert {functions[name]["Timeout"] for name in ("FileUpload", "EraseExpired", "CheckRetention")} == {60}
    assert (functions["APIHandler"]["Timeout"], functions["AuthMiddleware"]["Timeout"]) == (30, 15)
    assert {found["Architectures"][0] for found in functions.values()} == {"arm64"}


def test_every_setting_that_a_deployed_function_needs_is_in_its_environment(made):
    for found in of_type(made, "AWS::Lambda::Function").values():
        variables = found["Environment"]["Variables"]
        assert (variables["STAGE"], variables["AUTHORIZER"]) == ("prod", "cognito")
        assert set(variables) <= {name.upper() for name in Settings.model_fields}
        assert {"UPLOAD_BUCKET", "DSQL_ENDPOINT", "COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID"} <= set(variables)


def test_every_setting_of_the_models_can_be_deployed(made):
    """But for where a stand-in listens."""
    models = {name.upper() for name in Settings.model_fields if re.match("bedrock|comprehend", name)}
    for found in of_type(made, "AWS::Lambda::Function").values():
        variables = set(found["Environment"]["Variables"])
        assert models - variables == {"BEDROCK_ENDPOINT_URL", "COMPREHEND_ENDPOINT_URL"}


def test_nothing_of_the_local_stack_is_deployed(made):
    for found in of_type(made, "AWS::Lambda::Function").values():
        assert not {"ENVIRONMENT_FILE", "AWS_EMULATOR_URL"} & set(found["Environment"]["Variables"])


def test_the_triggered_function_asks_nothing_of_the_bucket(made):
    """The bucket waits for the function's permission, and would wait for ever."""
    for name in ("FileUpload", "FileUploadRole"):
        assert not re.search(r'"UploadBucket[".]', json.dumps(made[name]))


def test_uploads_alone_start_an_import(made):
    events = made["UploadBucket"]["Properties"]["NotificationConfiguration"]["LambdaConfigurations"]
    assert [(event["Event"], event["Function"]) for event in events] == [
        ("s3:ObjectCreated:*", {"Fn::GetAtt": ["FileUpload", "Arn"]})
    ]
    assert events[0]["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "uploads/"}]


def test_the_erasing_runs_every_hour(made):
    rules = of_type(made, "AWS::Events::Rule")
    assert sorted(rule["ScheduleExpression"] for rule in rules.values()) == ["rate(1 day)", "rate(1 hour)"]


def test_what_fails_asynchronously_is_tried_again_and_then_kept(made):
    configured = {
        found["FunctionName"]["Ref"]: found for found in of_type(made, "AWS::Lambda::EventInvokeConfig").values()
    }
    assert set(configured) == {"FileUpload", "EraseExpired", "CheckRetention"}
    for found in configured.values():
        assert found["MaximumRetryAttempts"] in (1, 2)
        assert found["MaximumEventAgeInSeconds"] <= 3600
        assert found["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    queue = made["DeadLetters"]["Properties"]
    assert (queue["SqsManagedSseEnabled"], queue["MessageRetentionPeriod"]) == (True, 7 * 24 * 3600)


def test_the_api_alone_reserves_concurrency_and_only_where_a_number_is_given(made):
    functions = of_type(made, "AWS::Lambda::Function")
    reserving = {name for name, found in functions.items() if "ReservedConcurrentExecutions" in found}
    assert reserving == {"APIHandler"}
    assert functions["APIHandler"]["ReservedConcurrentExecutions"]["Fn::If"][0] == "ReservesConcurrency"
    assert template.parameters("prod")["ReservedConcurrency"] == "10"


def test_the_environment_may_be_encrypted_with_a_key_of_ones_own(made):
    for found in of_type(made, "AWS::Lambda::Function").values():
        assert found["KmsKeyArn"]["Fn::If"][:2] == ["HasEnvironmentKey", {"Ref": "EnvironmentKeyArn"}]


# The gateway


def routes(template):
    for path, methods in template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_route_but_the_public_ones_asks_the_stacks_own_pool(template):
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


def test_auth_middleware_takes_the_pools_place_where_a_stage_says_so(lambda_path):
    template = json.loads(lambda_path.read_text())
    guarded = [operation["security"] for _, _, operation in routes(template) if "security" in operation]
    names = {name for security in guarded for found in security for name in found}
    assert names - {"api_key"} == {"auth_middleware"}
    definitions = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["securityDefinitions"]
    assert "cognito" not in definitions
    assert definitions["auth_middleware"]["x-amazon-apigateway-authorizer"]["type"] == "token"
    assert set(template["Rules"]) == {"NamesAnIssuer"}


def test_the_slow_routes_leave_places_for_the_others(template):
    """Rates times the seconds an answer takes are the places a route can fill at a time."""
    found = {
        (entry["HttpMethod"], entry["ResourcePath"]): entry
        for entry in template["Resources"]["RestAPI"]["Properties"]["MethodSettings"]
    }
    rates = {name: template["Parameters"][name]["Default"] for name in template["Parameters"] if "ASecond" in name}
    slow = {("POST", "/~1analyze"): ("AnalysesASecond", 10), ("POST", "/~1process-file"): ("ImportsASecond", 2)}
    places = 0
    for route, (parameter, seconds) in slow.items():
        assert found[route]["ThrottlingRateLimit"] == {"Ref": parameter}
        places += rates[parameter] * seconds
    assert places <= 5
    assert found["*", "/*"]["ThrottlingRateLimit"] == {"Ref": "RequestsASecond"}
    assert rates["RequestsASecond"] * 0.15 < 10


def test_throttled_routes_are_routes(template):
    paths = {(method.upper(), path) for path, method, _ in routes(template)}
    for entry in template["Resources"]["RestAPI"]["Properties"]["MethodSettings"]:
        path = entry["ResourcePath"].replace("~1", "/").removeprefix("/")
        assert path == "*" or (entry["HttpMethod"], path) in paths


def test_no_body_and_no_header_is_written_down(template):
    properties = template["Resources"]["RestAPI"]["Properties"]
    for entry in properties["MethodSettings"]:
        assert (entry["DataTraceEnabled"], entry["LoggingLevel"]) == (False, "OFF")
    written = json.loads(properties["AccessLogSetting"]["Format"])
    assert set(written) == {
        "request_id", "time", "method", "route", "status", "bytes", "duration_ms", "integration_ms",
        "integration_status", "refused", "ip",
    }  # fmt: skip


def test_nothing_is_cached_but_what_is_the_same_for_everyone(template):
    properties = template["Resources"]["RestAPI"]["Properties"]
    cached = [entry["ResourcePath"] for entry in properties["MethodSettings"] if entry["CachingEnabled"] is not False]
    assert cached == ["/~1openapi.json"]
    assert template["Parameters"]["ApiCacheSize"]["Default"] == "off"


def test_what_the_gateway_answers_itself_is_a_problem_in_korean(template):
    answers = template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]
    assert answers["MISSING_AUTHENTICATION_TOKEN"]["StatusCode"] == 404
    for kind, answer in answers.items():
        body = json.loads(answer["ResponseTemplates"]["application/json"])
        assert set(body) == {"type", "title", "status", "detail", "error", "code", "request_id"}
        assert body["type"] == f"urn:love-q:problem:{body['code']}"
        assert re.search("[가-힣]", body["detail"])
        headers = answer["ResponseParameters"]["Headers"]
        assert headers["Access-Control-Allow-Origin"] == "'*'"
        assert headers["Content-Type"] == "'application/problem+json'"
        assert ("Retry-After" in headers) == (body["status"] in (429, 503, 504)), kind
        assert ("WWW-Authenticate" in headers) == (body["status"] == 401)
        if not kind.startswith("DEFAULT"):
            assert answer["StatusCode"] == body["status"]


def test_no_status_is_set_where_it_would_rewrite_every_other(template):
    answers = template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]
    assert "StatusCode" not in answers["DEFAULT_4XX"]
    assert "StatusCode" not in answers["DEFAULT_5XX"]


def test_a_narrower_origin_reaches_routes_gateway_and_bucket(clone, tmp_path):
    place = clone()
    config = place / ".chalice" / "config.json"
    origin = "https://love-q.example"
    config.write_text(config.read_text().replace('"STAGE": "dev"', f'"CORS_ALLOW_ORIGIN": "{origin}", "STAGE": "dev"'))
    packaged("dev", tmp_path, cwd=place)
    narrowed = json.loads((tmp_path / "template.json").read_text())
    assert narrowed["Mappings"]["BuiltIn"]["Cors"]["AllowOrigin"] == origin
    assert "'*'" not in json.dumps(narrowed["Resources"]["RestAPI"])
    rules = narrowed["Resources"]["UploadBucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    assert [rule["AllowedOrigins"] for rule in rules] == [[{"Fn::FindInMap": ["BuiltIn", "Cors", "AllowOrigin"]}]]


def test_the_gateway_speaks_todays_tls_under_a_name_of_ones_own(made):
    name = made["DomainName"]
    assert (name["Condition"], name["Properties"]["SecurityPolicy"]) == ("HasCustomDomain", "TLS_1_2")


def test_there_is_one_stage_and_it_is_regional(made):
    stages = of_type(made, "AWS::ApiGateway::Stage")
    assert [stage["StageName"] for stage in stages.values()] == ["v1"]
    assert of_type(made, "AWS::ApiGateway::RestApi")["RestAPI"]["EndpointConfiguration"]["Types"] == ["REGIONAL"]
    assert [found.get("StageName") for found in of_type(made, "AWS::ApiGateway::Deployment").values()] == [None]


# People


def test_passwords_are_proven_and_never_sent(resources):
    client = resources["WebClient"]["Properties"]
    assert client["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    assert (client["AllowedOAuthFlows"], client["GenerateSecret"]) == (["code"], False)


def test_nobody_learns_from_the_pool_who_has_an_account(resources):
    assert resources["WebClient"]["Properties"]["PreventUserExistenceErrors"] == "ENABLED"


def test_a_signed_out_users_token_can_be_revoked(resources):
    client = resources["WebClient"]["Properties"]
    assert client["EnableTokenRevocation"] is True
    assert (client["IdTokenValidity"], client["TokenValidityUnits"]["IdToken"]) == (60, "minutes")


def test_the_pool_cannot_be_deleted_by_mistake(resources):
    assert resources["UserPool"]["Properties"]["DeletionProtection"] == "ACTIVE"


def test_kakao_is_offered_where_a_stage_has_its_keys(resources, template):
    assert resources["KakaoProvider"]["Condition"] == "HasKakao"
    assert resources["WebClient"]["Properties"]["SupportedIdentityProviders"]["Fn::If"][0] == "HasKakao"
    assert template["Parameters"]["KakaoClientSecret"]["NoEcho"] is True


def test_secrets_are_not_shown(template):
    secret = [name for name in template["Parameters"] if re.search("Secret|Token|DatabaseUrl", name)]
    assert len(secret) == 3
    assert all(template["Parameters"][name]["NoEcho"] for name in secret)


# Uploads and the database


def test_uploads_are_encrypted_private_and_gone_after_a_week(resources):
    bucket = resources["UploadBucket"]["Properties"]
    rules = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rules[0]["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["ExpirationInDays"], rule["AbortIncompleteMultipartUpload"]) == (7, {"DaysAfterInitiation": 1})
    assert "VersioningConfiguration" not in bucket


def test_nothing_travels_to_the_bucket_or_the_queue_in_the_clear(resources):
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


def test_the_cluster_is_protected_and_left_out_where_there_is_a_database(resources):
    cluster = resources["DsqlCluster"]
    assert (cluster["Condition"], cluster["Properties"]["DeletionProtectionEnabled"]) == ("MakesCluster", True)


# Logs and alarms


def test_every_log_is_kept_for_thirty_days(made):
    groups = of_type(made, "AWS::Logs::LogGroup")
    assert len(groups) == len(FUNCTIONS) + 1
    assert {found["RetentionInDays"] for found in groups.values()} == {30}


def test_every_alarm_goes_to_the_one_topic(made):
    alarms = of_type(made, "AWS::CloudWatch::Alarm")
    assert len(alarms) >= 13
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "Alarms"}]
    assert list(of_type(made, "AWS::SNS::Topic")) == ["Alarms"]


def test_alarms_ring_for_what_the_design_names(made):
    rings = {(alarm["Namespace"], alarm["MetricName"]) for alarm in of_type(made, "AWS::CloudWatch::Alarm").values()}
    assert rings == {
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


def shown(body):
    """Namespace, name and dimensions of each metric of a dashboard; a dot repeats what stood there before."""
    for widget in json.loads(body)["widgets"]:
        before = []
        for written in widget["properties"]["metrics"]:
            metric = [value for value in written if isinstance(value, str)]
            if metric and metric[0] == "...":
                metric = before[: len(before) - len(metric) + 1] + metric[1:]
            before = [before[place] if value == "." else value for place, value in enumerate(metric)] or before
            yield before


def test_alarms_and_dashboard_name_metrics_that_the_application_counts(made):
    """In its namespace, and with the one dimension that it gives them."""
    sources = "".join(path.read_text() for path in (PROJECT / "chalicelib").rglob("*.py"))
    counted = set(re.findall(r'count\("([A-Za-z]+)"', sources))
    counted |= set(re.findall(r'"(Imports[A-Z][a-z]+|Model[A-Z][a-z]+)"', sources))
    alarms = [each for each in of_type(made, "AWS::CloudWatch::Alarm").values() if each["Namespace"] == "LoveQ"]
    alarmed = {alarm["MetricName"] for alarm in alarms}
    for alarm in alarms:
        assert alarm["Dimensions"] == [{"Name": "stage", "Value": {"Ref": "Environment"}}]
    dashboard = list(shown(made["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]))
    ours = {name for namespace, name, *dimensions in dashboard if namespace == "LoveQ"}
    assert {tuple(metric[2:]) for metric in dashboard if metric[0] == "LoveQ"} == {("stage", "${Environment}")}
    assert {"ImportsReady", "Expired", "Microdollars", "DatabaseUnreachable"} <= ours
    assert alarmed | ours <= counted
    for found in of_type(made, "AWS::Lambda::Function").values():
        # What the environment says may add a dimension, and then no alarm sees a thing.
        variables = {name: value for name, value in found["Environment"]["Variables"].items() if isinstance(value, str)}
        command = [sys.executable, "-c", COUNT]
        printed = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True, env=variables)
        (metric,) = json.loads(printed.stdout)["_aws"]["CloudWatchMetrics"]
        assert (metric["Namespace"], metric["Dimensions"]) == ("LoveQ", [["stage"]])


def test_the_budget_tells_at_half_at_four_fifths_and_when_it_is_used_up(made):
    budget = made["Budget"]["Properties"]
    told = [found["Notification"]["Threshold"] for found in budget["NotificationsWithSubscribers"]]
    assert told == [50, 80, 100]
    assert template.parameters("prod")["MonthlyBudget"] == "50"
    assert budget["Budget"]["CostTypes"]["IncludeCredit"] is False


def test_every_alarm_is_explained(made):
    handbook = (PROJECT / "docs" / "operations.md").read_text()
    anchors = {heading.lower() for heading in re.findall(r"^#+ (\w+)$", handbook, flags=re.MULTILINE)}
    for alarm in of_type(made, "AWS::CloudWatch::Alarm").values():
        named = re.search(r"operations\.md#(\w+)", alarm["AlarmDescription"])[1]
        assert named in anchors
