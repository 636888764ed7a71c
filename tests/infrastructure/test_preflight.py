"""What a deployment asks AWS before it changes anything, over the wire that AWS speaks."""

import argparse
import json
import sys
from datetime import date
from urllib.parse import parse_qs

import pytest

from infrastructure import costs, deploy, preflight, smoke, yaml_files
from infrastructure.aws import Account, CannotDeploy
from infrastructure.stack import ChangeSet, Stack
from local.processes import free_port
from tests.support.aws_wire_server import Answer, WireServer, error_answer

DEFAULTS = {"DatabaseUrl": "postgresql://x", "Bedrock": "local", "Comprehend": "local", "ReservedConcurrency": "0"}
MODEL = {"Bedrock": "aws", "BedrockRegion": "us-east-1", "BedrockFoundationModel": "anthropic.claude-haiku-5-5"}
AVAILABLE = {
    "modelId": "anthropic.claude-haiku-5-5",
    "agreementAvailability": {"status": "AVAILABLE"},
    "authorizationStatus": "AUTHORIZED",
    "entitlementAvailability": "AVAILABLE",
    "regionAvailability": "AVAILABLE",
}


def lifecycle(status):
    details = {"modelArn": "arn", "modelId": "anthropic.claude-haiku-5-5", "modelLifecycle": {"status": status}}
    return answer({"modelDetails": details})


def answer(document):
    return Answer(body=json.dumps(document).encode())


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture
def wire(monkeypatch):
    with WireServer() as wire:
        monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
        yield wire


def problems(stage="dev", **parameters):
    return preflight.problems(Account("us-east-1"), stage, DEFAULTS | parameters, here=True)


def test_nothing_stands_in_the_way_where_nothing_is_asked_for():
    assert problems() == []


def test_the_python_that_packages_must_be_the_one_that_lambda_runs():
    found = preflight.problems(Account("us-east-1"), "dev", DEFAULTS, here=False)
    assert bool(found) == (sys.version_info[:2] != (3, 13))


def test_a_model_that_may_be_asked_is_no_problem(wire):
    wire.answers(answer(AVAILABLE), lifecycle("ACTIVE"))
    assert problems(**MODEL) == []
    assert wire.sent[0].path == "/foundation-model-availability/anthropic.claude-haiku-5-5"


@pytest.mark.parametrize(
    ("lacks", "named"),
    [
        ({"agreementAvailability": {"status": "NOT_AVAILABLE"}}, "its agreement"),
        ({"authorizationStatus": "NOT_AUTHORIZED"}, "your authorization"),
        ({"entitlementAvailability": "NOT_AVAILABLE"}, "your entitlement"),
        ({"regionAvailability": "NOT_AVAILABLE"}, "the region"),
    ],
)
def test_a_model_without_access_is_named_with_what_is_missing(wire, lacks, named):
    wire.answers(answer(AVAILABLE | lacks), lifecycle("ACTIVE"))
    (found,) = problems(**MODEL)
    assert named in found
    assert "--set Bedrock=local" in found


def test_a_model_that_is_being_retired_is_told(wire):
    wire.answers(answer(AVAILABLE), lifecycle("LEGACY"))
    (found,) = problems(**MODEL)
    assert "retired" in found


def test_a_region_without_bedrock_is_told(wire):
    wire.answers(error_answer(403, "AccessDeniedException"))
    (found,) = problems(**MODEL)
    assert "AccessDeniedException" in found


def limits(concurrent):
    return answer({"AccountLimit": {"ConcurrentExecutions": concurrent}, "AccountUsage": {}})


def test_a_new_account_cannot_reserve_concurrency_and_is_told_how_to(wire):
    wire.answers(limits(10))
    (found,) = problems(ReservedConcurrency="10")
    assert "quota of 1,000" in found
    assert "ReservedConcurrency=0" in found


def test_an_account_with_the_usual_quota_can(wire):
    wire.answers(limits(1000))
    assert problems(ReservedConcurrency="10") == []


@pytest.mark.parametrize(
    ("service", "parameters"), [("dsql", {"DatabaseUrl": ""}), ("comprehend", {"Comprehend": "aws"})]
)
def test_a_region_without_a_service_is_told(monkeypatch, service, parameters):
    monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service.upper()}", f"http://127.0.0.1:{free_port()}")
    (found,) = problems(**parameters)
    assert found == f"{service} is not to be had in us-east-1; choose another region"


def test_a_service_that_answers_is_there_whatever_it_answers(wire):
    wire.answers(error_answer(403, "AccessDeniedException"))
    assert problems(DatabaseUrl="") == []


def test_without_credentials_it_says_so(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(CannotDeploy, match="does not know you"):
        _ = Account("us-east-1").id


def test_a_package_for_this_machine_is_for_no_real_account(wire, monkeypatch, capsys):
    wire.answers(error_answer(403, "AccessDenied"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://example.com")
    given = argparse.Namespace(for_this_machine=True, set=[("DatabaseUrl", "x"), ("Bedrock", "local")])
    assert Account("us-east-1").emulator is None
    stage = deploy.Deployment("dev", Account("us-east-1"), given)
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", wire.url)
    wire.answers(*[Answer(400, b"<ErrorResponse><Error><Message>does not exist</Message></Error></ErrorResponse>")] * 2)
    with pytest.raises(CannotDeploy, match="names none"):
        stage._preflight()


def test_prod_is_not_destroyed_by_a_command(capsys):
    assert deploy.main(["prod", "--destroy", "--yes"]) == 1
    assert "not destroyed" in capsys.readouterr().err


# Costs


def group(stage, service, dollars):
    return {"Keys": [f"stage${stage}", service], "Metrics": {"UnblendedCost": {"Amount": dollars, "Unit": "USD"}}}


def test_the_months_costs_are_shown_by_stage_and_service(wire, capsys):
    groups = [
        group("prod", "AWS Lambda", "1.25"),
        group("prod", "Amazon Bedrock", "4.311"),
        group("dev", "Amazon S3", "0.001"),
        group("", "Tax", "0.5"),
    ]
    wire.answers(answer({"ResultsByTime": [{"Groups": groups}]}))
    assert deploy.main(["prod", "--cost"]) == 0
    shown = capsys.readouterr().out
    assert [line.split()[-1] for line in shown.splitlines()[1:]] == ["0.50", "1.25", "4.31", "6.06"]
    assert "Amazon S3" not in shown
    asked = wire.sent[0].json
    assert asked["Filter"] == {"Tags": {"Key": "project", "Values": ["love-q"]}}
    assert asked["GroupBy"][0] == {"Type": "TAG", "Key": "stage"}


def test_a_month_without_costs_says_what_may_be_missing(wire):
    wire.answers(answer({"ResultsByTime": [{"Groups": []}]}))
    shown = costs.month_so_far(Account("us-east-1"), date(2026, 11, 23))
    assert "cost allocation tags" in shown.lower()
    assert wire.sent[0].json["TimePeriod"] == {"Start": "2026-11-01", "End": "2026-11-24"}


# After the deployment


def test_what_answers_otherwise_than_it_should_is_told(wire, monkeypatch):
    """An API of another stage, one without its authorizer, and a job that fails."""

    def served(status, document):
        return Answer(status, json.dumps(document).encode())

    failed = Answer(200, b'{"errorType": "Unavailable"}', {"X-Amz-Function-Error": "Unhandled"})
    wire.answers(served(200, {"stage": "dev"}), served(404, {}), served(200, {}), failed)
    outputs = {"RestAPIId": "api", "EraseExpiredName": "the-job"}
    monkeypatch.setattr(Account, "id", "000000000000")
    with pytest.raises(CannotDeploy) as told:
        smoke.run(Account("us-east-1"), "prod", outputs)
    text = str(told.value)
    for part in ("stage dev, not prod", "/openapi.json answers 404", "/user-profile answers 200", "Unavailable"):
        assert part in text


def test_an_api_that_cannot_be_reached_is_told(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    found = list(smoke._ask(smoke.public_url(Account("us-east-1"), {"RestAPIId": "api"}), "dev"))
    assert found[0] == "GET /health answers 0, not 200"


# A first attempt that failed


def xml(operation, inside):
    namespace = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
    result = f"<{operation}Result>{inside}</{operation}Result>"
    body = f'<{operation}Response xmlns="{namespace}">{result}</{operation}Response>'
    return Answer(body=body.encode(), headers={"Content-Type": "text/xml"})


def stack_that_is(status):
    about = (
        "<StackName>love-q-account</StackName><StackId>arn</StackId><CreationTime>2026-11-01T00:00:00Z</CreationTime>"
    )
    member = f"<member>{about}<StackStatus>{status}</StackStatus></member>"
    return xml("DescribeStacks", f"<Stacks>{member}</Stacks>")


def refused(message):
    error = f"<Error><Type>Sender</Type><Code>ValidationError</Code><Message>{message}</Message></Error>"
    return Answer(400, f"<ErrorResponse>{error}</ErrorResponse>".encode(), {"Content-Type": "text/xml"})


def test_what_an_account_needs_is_made_anew_where_the_first_attempt_failed(wire):
    """By what the account has now: a stack that was rolled back tells nothing of that."""
    failed, none = stack_that_is("ROLLBACK_COMPLETE"), refused("Stack with id love-q-account does not exist")
    gone = [failed, failed, xml("DeleteStack", ""), stack_that_is("DELETE_COMPLETE")]
    wire.answers(failed, answer({}), *gone, none, none, refused("enough seen"))
    given = argparse.Namespace(set=[])
    with pytest.raises(CannotDeploy, match="enough seen"):
        deploy.Deployment("dev", Account("us-east-1"), given)._account_stack()
    change = parse_qs(wire.sent[-1].raw.decode())
    assert (change["Action"], change["ChangeSetType"]) == (["CreateChangeSet"], ["CREATE"])
    assert change["Parameters.member.1.ParameterKey"] == ["GatewayLogs"]
    assert change["Parameters.member.1.ParameterValue"] == ["create"]


def test_a_first_attempt_that_fails_leaves_nothing_in_the_way_of_the_next():
    made = yaml_files.read(deploy.ACCOUNT)["Resources"]
    kept = {name for name, found in made.items() if found.get("DeletionPolicy") == "Retain"}
    assert not [name for name in kept if any(key.endswith("Name") for key in made[name]["Properties"])]


def test_what_a_first_attempt_leaves_is_named(wire):
    about = "<LastUpdatedTimestamp>2026-11-01T00:00:00Z</LastUpdatedTimestamp>"
    pool = (
        f"<member>{about}<LogicalResourceId>UserPool</LogicalResourceId><PhysicalResourceId>pool-7</PhysicalResourceId>"
        "<ResourceType>AWS::Cognito::UserPool</ResourceType><ResourceStatus>DELETE_SKIPPED</ResourceStatus></member>"
    )
    resources = xml("ListStackResources", f"<StackResourceSummaries>{pool}</StackResourceSummaries>")
    events = xml("DescribeStackEvents", "<StackEvents></StackEvents>")
    wire.answers(xml("ExecuteChangeSet", ""), stack_that_is("ROLLBACK_COMPLETE"), events, resources)
    with pytest.raises(CannotDeploy, match=r"ROLLBACK_COMPLETE[\s\S]*Left[\s\S]*UserPool pool-7"):
        Stack(Account("us-east-1"), "love-q-account").execute(ChangeSet("first", True, []))


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_in_no_state_for_a_change_is_told(wire, status):
    wire.answers(stack_that_is(status))
    with pytest.raises(CannotDeploy, match="love-q-account"):
        Stack(Account("us-east-1"), "love-q-account").prepare({}, set(), TemplateBody="{}")
    assert len(wire.sent) == 1
