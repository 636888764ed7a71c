"""A deployed stage: packaged for this machine, created by CloudFormation at the emulator, called over HTTP."""

from __future__ import annotations

import base64
import json
import re
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.api_client import Api, post_form
from local.emulator import REGION
from local.processes import wait_until
from tests.deployment.conftest import PROJECT, commit
from tests.test_main_job import CONSENTS, wait_until_done

SAMPLES = PROJECT / "local" / "samples"


@pytest.fixture(scope="module")
def deployed(cloud, tmp_path_factory):
    """Deploy stage dev; return the completed command and the path of the web client's environment."""
    web = tmp_path_factory.mktemp("web") / ".env"
    completed = cloud.deploy("dev", "--web-env", str(web), *cloud.emulator_options)
    assert completed.returncode == 0, completed.stderr
    prepare_expiry(cloud)
    return completed, web


def prepare_expiry(cloud):
    """Insert an expired counter, and run the schedule every minute instead of every hour."""
    cloud.query("INSERT INTO love_q.usage (user_id, day, credits_used) VALUES ('long ago', '2020-01-01', 1)")
    events = cloud.client("events")
    rules = [rule for rule in events.list_rules()["Rules"] if rule["Name"].startswith("love-q-serverless-dev-")]
    (rule,) = [rule for rule in rules if rule["ScheduleExpression"] == "rate(1 hour)"]
    events.put_rule(Name=rule["Name"], ScheduleExpression="rate(1 minute)")


@pytest.fixture(scope="module")
def outputs(cloud, deployed):
    return cloud.outputs("dev")


@pytest.fixture(scope="module")
def email():
    return f"{uuid.uuid4().hex}@example.com"


@pytest.fixture(scope="module")
def tokens(cloud, outputs, email):
    return cloud.tokens(outputs["UserPoolId"], outputs["WebClientId"], email)


@pytest.fixture(scope="module")
def api(cloud, tokens):
    api = Api(cloud.api_url("dev"), tokens["IdToken"])
    api.call("PUT", "/user-profile", CONSENTS)
    return api


@pytest.fixture(scope="module")
def gateway_responses(cloud, outputs, deployed):
    """Set the gateway's own responses one by one, because the emulator ignores those of the definition."""
    template = json.loads((PROJECT / ".local" / "deploy" / "dev" / "template.json").read_text())
    gateway, api_id = cloud.client("apigateway"), outputs["RestAPIId"]
    for response_type, response in template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"].items():
        headers = {
            f"gatewayresponse.header.{name}": value for name, value in response["ResponseParameters"]["Headers"].items()
        }
        status = {"statusCode": str(response["StatusCode"])} if "StatusCode" in response else {}
        gateway.put_gateway_response(
            restApiId=api_id,
            responseType=response_type,
            responseParameters=headers,
            responseTemplates=response["ResponseTemplates"],
            **status,
        )
    gateway.create_deployment(restApiId=api_id, stageName="v1")


def send(cloud, path, token=None, body=None):
    """Send a GET, or a POST if there is a body, and return status, headers and JSON."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"{cloud.api_url('dev')}{path}", body, headers)
    try:
        reply = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        reply = error
    with reply:
        return reply.status, reply.headers, json.load(reply)


def status(cloud, path, token=None):
    return send(cloud, path, token)[0]


def test_the_deployment_reports_its_steps_and_outputs(cloud, deployed, outputs):
    completed, _ = deployed
    assert "the hourly job ran" in completed.stderr
    assert f"UserPoolId={outputs['UserPoolId']}" in completed.stdout
    assert "statements applied" in completed.stderr
    assert cloud.query("SELECT count(*) > 20 FROM love_q.schema_migrations") == [[True]]


def test_the_web_clients_environment_is_written(deployed, outputs, cloud):
    _, web = deployed
    variables = dict(line.split("=", 1) for line in web.read_text().splitlines())
    assert variables["LOVE_Q_API_URL"] == cloud.api_url("dev")
    assert variables["LOVE_Q_CLIENT_ID"] == outputs["WebClientId"]
    assert set(variables) == {
        "LOVE_Q_API_URL", "LOVE_Q_REGION", "LOVE_Q_USER_POOL_ID", "LOVE_Q_CLIENT_ID", "LOVE_Q_SIGN_IN_URL"
    }  # fmt: skip


# Authorization


def test_the_gateway_refuses_a_request_without_a_token(cloud, deployed):
    assert (status(cloud, "/health"), status(cloud, "/user-profile")) == (200, 401)


def test_a_token_of_the_stages_pool_is_accepted(cloud, tokens):
    assert status(cloud, "/user-profile", tokens["IdToken"]) == 200


def test_a_token_of_another_pool_is_refused(cloud, deployed):
    cognito = cloud.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="other", UsernameAttributes=["email"])["UserPool"]["Id"]
    flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="other", ExplicitAuthFlows=flows)
    other_tokens = cloud.tokens(pool, client["UserPoolClient"]["ClientId"], "other@example.com")
    assert status(cloud, "/user-profile", other_tokens["IdToken"]) == 401


def test_a_token_for_another_client_of_the_same_pool_is_refused(cloud, outputs):
    """API Gateway accepts it; the endpoint checks the audience."""
    flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = cloud.client("cognito-idp").create_user_pool_client(
        UserPoolId=outputs["UserPoolId"], ClientName="other", ExplicitAuthFlows=flows
    )
    other_tokens = cloud.tokens(outputs["UserPoolId"], client["UserPoolClient"]["ClientId"], "client@example.com")
    assert status(cloud, "/user-profile", other_tokens["IdToken"]) == 401


def test_an_access_token_and_a_forged_token_are_refused(cloud, tokens):
    header, claims, signature = tokens["IdToken"].split(".")
    padded = claims + "=" * (-len(claims) % 4)
    payload = json.loads(base64.urlsafe_b64decode(padded)) | {"sub": "another user"}
    forged_claims = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    assert status(cloud, "/user-profile", tokens["AccessToken"]) == 401
    assert status(cloud, "/user-profile", f"{header}.{forged_claims}.{signature}") == 401


# The main job


def test_a_file_posted_to_the_bucket_is_imported_by_the_deployed_function(cloud, api):
    created = api.call("POST", "/process-file", {"filename": "카톡 대화+1.csv", "size": 100_000, "my_name": "하늘"})
    post_form(created["upload"], (SAMPLES / "kakaotalk.csv").read_bytes())
    file = wait_until_done(api, created["file"]["file_id"])
    assert (file["status"], file["messages_count"]) == ("ready", 612)
    rows = cloud.query("SELECT count(*) FROM love_q.messages WHERE room_id = :room", room=file["room_id"])
    assert rows == [[612]]


def test_an_imported_chat_gets_three_replies(api):
    content = base64.b64encode((SAMPLES / "kakaotalk_ios.txt").read_bytes()).decode()
    file = api.call("POST", "/process-file", {"file_content": content, "encoding": "base64", "my_name": "하늘"})
    answer = api.call("POST", "/analyze", {"room_id": file["room_id"]})
    assert [response["type"] for response in answer["responses"]] == ["안전형", "균형형", "대담형"]


def test_no_log_contains_text_of_the_chat(cloud, api):
    logs = cloud.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    text = ""
    for group in groups:
        for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
            events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], limit=10_000)
            text += "".join(event["message"] for event in events["events"])
    assert '"route":"/analyze"' in text.replace('": "', '":"')
    assert not re.search("하늘|바다|팝콘", text)


def test_the_bucket_is_private_and_triggers_the_function(cloud, outputs):
    s3, bucket = cloud.client("s3"), outputs["UploadBucketName"]
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    (trigger,) = s3.get_bucket_notification_configuration(Bucket=bucket)["LambdaFunctionConfigurations"]
    assert trigger["LambdaFunctionArn"].endswith("love-q-serverless-dev-file_upload")


def test_the_stage_has_its_throttles(cloud, outputs):
    settings = cloud.client("apigateway").get_stage(restApiId=outputs["RestAPIId"], stageName="v1")["methodSettings"]
    rates = {route: (entry["throttlingRateLimit"], entry["throttlingBurstLimit"]) for route, entry in settings.items()}
    assert rates == {
        "*/*": (10.0, 20),
        "/~1analyze/POST": (0.3, 3),
        "/~1process-file/POST": (1.0, 2),
        "/~1openapi.json/GET": (5.0, 5),
    }


@pytest.fixture
def burst(cloud, outputs):
    """Apply the throttle of POST /analyze and return its burst limit.

    The emulator does not decode CloudFormation's path `/~1analyze`, so the template's throttle has no effect there.
    UpdateStage sets the same limit with a path that it decodes.
    """
    gateway, stage = cloud.client("apigateway"), {"restApiId": outputs["RestAPIId"], "stageName": "v1"}
    method = "/~1analyze/POST"
    limit = gateway.get_stage(**stage)["methodSettings"][method]
    rates = {"rateLimit": limit["throttlingRateLimit"], "burstLimit": limit["throttlingBurstLimit"]}
    changes = [
        {"op": "replace", "path": f"{method}/throttling/{name}", "value": str(rate)} for name, rate in rates.items()
    ]
    gateway.update_stage(**stage, patchOperations=changes)
    yield rates["burstLimit"]
    gateway.update_stage(**stage, patchOperations=[{"op": "remove", "path": method}])


def test_a_throttled_route_answers_429_while_other_routes_answer(cloud, gateway_responses, burst, tokens):
    """The application refuses the empty body of the requests that pass the gateway, so that nothing is analysed."""
    with ThreadPoolExecutor(4 * burst) as pool:
        throttled = [pool.submit(send, cloud, "/analyze", tokens["IdToken"], b"{}") for _ in range(3 * burst)]
        others = [pool.submit(send, cloud, "/user-profile", tokens["IdToken"]) for _ in range(burst)]
    responses = [future.result() for future in throttled]
    refused = [response for response in responses if response[0] == 429]
    accepted = [response[0] for response in responses if response not in refused]
    assert accepted == [422] * (len(responses) - len(refused))
    assert 0 < len(refused) <= len(responses) - burst
    for _, headers, body in refused:
        assert (body["code"], body["status"], bool(body["request_id"])) == ("too_many_requests", 429, True)
        assert headers["Content-Type"] == "application/problem+json"
        assert headers["Retry-After"] == "5"
    assert {future.result()[0] for future in others} == {200}


def test_the_gateways_own_responses_are_problem_details(cloud, gateway_responses):
    for path, code in {"/user-profile": "token_missing", "/nowhere": "not_found"}.items():
        status_code, headers, body = send(cloud, path)
        assert (body["code"], body["status"], bool(body["request_id"])) == (code, status_code, True)
        assert headers["Content-Type"] == "application/problem+json"
        assert headers["Access-Control-Allow-Origin"] == "*"


def test_dead_letters_are_replayed_by_one_command(cloud, outputs):
    """Letters in Lambda's format: one succeeds now, one fails again."""
    queue = cloud.client("sqs")
    hourly = {"source": "aws.events", "detail": {}, "resources": [], "account": "1", "region": REGION, "time": ""}
    hourly |= {"id": "1", "detail-type": "Scheduled Event", "version": "0"}
    for name, event in (("EraseExpiredName", hourly), ("FileUploadName", {"Records": []})):
        arn = f"arn:aws:lambda:{REGION}:000000000000:function:{outputs[name]}:$LATEST"
        letter = {"version": "1.0", "requestContext": {"functionArn": arn}, "requestPayload": event}
        queue.send_message(QueueUrl=outputs["DeadLettersUrl"], MessageBody=json.dumps(letter))
    replayed = cloud.deploy("dev", "--replay")
    assert replayed.returncode == 1
    assert "1 replayed" in replayed.stderr
    assert "file_upload fails with" in replayed.stderr
    queue.purge_queue(QueueUrl=outputs["DeadLettersUrl"])


# Further deployments


def test_a_second_deployment_of_the_same_sources_changes_nothing(cloud, deployed, outputs):
    again = cloud.deploy("dev")
    assert again.returncode == 0, again.stderr
    assert "Changing the stack" not in again.stderr
    assert "0 statements applied" in again.stderr
    assert cloud.outputs("dev") == outputs


def version(cloud):
    with urllib.request.urlopen(f"{cloud.api_url('dev')}/health", timeout=30) as reply:
        return json.load(reply)["version"]


def test_deploying_an_older_version_rolls_the_code_back(cloud, clone, outputs, api):
    newer = clone()
    settings = newer / "chalicelib" / "settings.py"
    settings.write_text(settings.read_text().replace('version: str = "0.1.0"', 'version: str = "0.2.0"'))
    migration = "CREATE TABLE IF NOT EXISTS love_q.of_the_newer (user_id uuid PRIMARY KEY);\n"
    (newer / "migrations" / "9999_newer.sql").write_text(migration)
    commit(newer)
    forward = cloud.deploy("dev", cwd=newer)
    assert forward.returncode == 0, forward.stderr
    assert "Changing the stack" in forward.stderr
    assert "1 statements applied" in forward.stderr
    assert version(cloud) == "0.2.0"

    back = cloud.deploy("dev")
    assert back.returncode == 0, back.stderr
    assert version(cloud) == "0.1.0"
    assert cloud.outputs("dev") == outputs
    assert api.call("GET", "/chat-rooms")["rooms"]


def test_the_schedule_erases_expired_rows(cloud, deployed):
    def is_erased():
        return cloud.query("SELECT 1 FROM love_q.usage WHERE user_id = 'long ago'") == []

    assert wait_until(is_erased, seconds=150, interval=1)
