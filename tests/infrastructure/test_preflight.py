"""The requests of a deployment to AWS: preflight checks, costs, the smoke test and failed stacks."""

from __future__ import annotations

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
    return json_answer({"modelDetails": details})


def json_answer(content):
    return Answer(body=json.dumps(content).encode())


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture
def wire(monkeypatch):
    with WireServer() as wire:
        monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
        yield wire


def problems(stage="dev", **parameters):
    return preflight.problems(Account("us-east-1"), stage, DEFAULTS | parameters, for_this_machine=True)


def test_a_stage_without_optional_services_has_no_problems():
    assert problems() == []


def test_packaging_needs_the_python_version_of_lambda():
    found = preflight.problems(Account("us-east-1"), "dev", DEFAULTS, for_this_machine=False)
    assert bool(found) == (sys.version_info[:2] != (3, 13))


def test_an_accessible_model_is_no_problem(wire):
    wire.answers(json_answer(AVAILABLE), lifecycle("ACTIVE"))
    assert problems(**MODEL) == []
    assert wire.sent[0].path == "/foundation-model-availability/anthropic.claude-haiku-5-5"


@pytest.mark.parametrize(
    ("difference", "missing"),
    [
        ({"agreementAvailability": {"status": "NOT_AVAILABLE"}}, "its agreement"),
        ({"authorizationStatus": "NOT_AUTHORIZED"}, "your authorization"),
        ({"entitlementAvailability": "NOT_AVAILABLE"}, "your entitlement"),
        ({"regionAvailability": "NOT_AVAILABLE"}, "the region"),
    ],
)
def test_a_model_without_access_is_reported_with_the_missing_requirement(wire, difference, missing):
    wire.answers(json_answer(AVAILABLE | difference), lifecycle("ACTIVE"))
    (problem,) = problems(**MODEL)
    assert missing in problem
    assert "--set Bedrock=local" in problem


def test_a_model_that_is_being_retired_is_reported(wire):
    wire.answers(json_answer(AVAILABLE), lifecycle("LEGACY"))
    (problem,) = problems(**MODEL)
    assert "retired" in problem


def test_an_error_from_bedrock_is_reported(wire):
    wire.answers(error_answer(403, "AccessDeniedException"))
    (problem,) = problems(**MODEL)
    assert "AccessDeniedException" in problem


def account_settings(concurrent_executions):
    return json_answer({"AccountLimit": {"ConcurrentExecutions": concurrent_executions}, "AccountUsage": {}})


def test_an_account_without_the_quota_to_reserve_concurrency_is_told_how_to_get_it(wire):
    wire.answers(account_settings(10))
    (problem,) = problems(ReservedConcurrency="10")
    assert "quota of 1,000" in problem
    assert "ReservedConcurrency=0" in problem


def test_an_account_with_the_usual_quota_can_reserve_concurrency(wire):
    wire.answers(account_settings(1000))
    assert problems(ReservedConcurrency="10") == []


@pytest.mark.parametrize(
    ("service", "parameters"), [("dsql", {"DatabaseUrl": ""}), ("comprehend", {"Comprehend": "aws"})]
)
def test_a_region_without_a_service_is_reported(monkeypatch, service, parameters):
    monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service.upper()}", f"http://127.0.0.1:{free_port()}")
    (problem,) = problems(**parameters)
    assert problem == f"{service} is not available in us-east-1. Choose another region."


def test_a_service_that_denies_access_is_available(wire):
    wire.answers(error_answer(403, "AccessDeniedException"))
    assert problems(DatabaseUrl="") == []


def test_missing_credentials_are_reported(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(CannotDeploy, match="rejects your credentials"):
        _ = Account("us-east-1").id


def test_a_package_for_this_machine_is_refused_for_a_real_account(wire, monkeypatch):
    wire.answers(error_answer(403, "AccessDenied"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://example.com")
    options = argparse.Namespace(for_this_machine=True, set=[("DatabaseUrl", "x"), ("Bedrock", "local")])
    assert Account("us-east-1").emulator_url is None
    deployment = deploy.Deployment("dev", Account("us-east-1"), options)
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", wire.url)
    wire.answers(*[Answer(400, b"<ErrorResponse><Error><Message>does not exist</Message></Error></ErrorResponse>")] * 2)
    with pytest.raises(CannotDeploy, match="AWS_ENDPOINT_URL names none"):
        deployment._check_prerequisites()


def test_no_command_destroys_prod(capsys):
    assert deploy.main(["prod", "--destroy", "--yes"]) == 1
    assert "No command destroys prod" in capsys.readouterr().err


# Costs


def cost_group(stage, service, dollars):
    return {"Keys": [f"stage${stage}", service], "Metrics": {"UnblendedCost": {"Amount": dollars, "Unit": "USD"}}}


def test_the_months_costs_are_shown_by_stage_and_service(wire, capsys):
    groups = [
        cost_group("prod", "AWS Lambda", "1.25"),
        cost_group("prod", "Amazon Bedrock", "4.311"),
        cost_group("dev", "Amazon S3", "0.001"),
        cost_group("", "Tax", "0.5"),
    ]
    wire.answers(json_answer({"ResultsByTime": [{"Groups": groups}]}))
    assert deploy.main(["prod", "--cost"]) == 0
    output = capsys.readouterr().out
    assert [line.split()[-1] for line in output.splitlines()[1:]] == ["0.50", "1.25", "4.31", "6.06"]
    assert "Amazon S3" not in output
    request = wire.sent[0].json
    assert request["Filter"] == {"Tags": {"Key": "project", "Values": ["love-q"]}}
    assert request["GroupBy"][0] == {"Type": "TAG", "Key": "stage"}


def test_a_month_without_costs_explains_the_cost_allocation_tags(wire):
    wire.answers(json_answer({"ResultsByTime": [{"Groups": []}]}))
    output = costs.month_so_far(Account("us-east-1"), date(2026, 11, 23))
    assert "cost allocation tags" in output.lower()
    assert wire.sent[0].json["TimePeriod"] == {"Start": "2026-11-01", "End": "2026-11-24"}


# The smoke test


def test_every_unexpected_answer_of_a_deployed_stage_is_reported(wire, monkeypatch):
    """An API of another stage, a missing route, a missing authorizer, and a job that fails."""

    def response(status, content):
        return Answer(status, json.dumps(content).encode())

    failed_job = Answer(200, b'{"errorType": "Unavailable"}', {"X-Amz-Function-Error": "Unhandled"})
    wire.answers(response(200, {"stage": "dev"}), response(404, {}), response(200, {}), failed_job)
    outputs = {"RestAPIId": "api", "EraseExpiredName": "the-job"}
    monkeypatch.setattr(Account, "id", "000000000000")
    with pytest.raises(CannotDeploy) as raised:
        smoke.run(Account("us-east-1"), "prod", outputs)
    text = str(raised.value)
    for part in (
        "stage dev instead of prod",
        "/openapi.json answers 404",
        "/user-profile answers 200",
        "fails with Unavailable",
    ):
        assert part in text


def test_an_unreachable_api_is_reported(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    failures = list(smoke._test_routes(smoke.public_url(Account("us-east-1"), {"RestAPIId": "api"}), "dev"))
    assert failures[0] == "GET /health answers 0 instead of 200"


# Stacks whose creation failed


def xml(operation, content):
    namespace = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
    result = f"<{operation}Result>{content}</{operation}Result>"
    body = f'<{operation}Response xmlns="{namespace}">{result}</{operation}Response>'
    return Answer(body=body.encode(), headers={"Content-Type": "text/xml"})


def stack_with_status(status):
    fields = (
        "<StackName>love-q-account</StackName><StackId>arn</StackId><CreationTime>2026-11-01T00:00:00Z</CreationTime>"
    )
    member = f"<member>{fields}<StackStatus>{status}</StackStatus></member>"
    return xml("DescribeStacks", f"<Stacks>{member}</Stacks>")


def validation_error(message):
    error = f"<Error><Type>Sender</Type><Code>ValidationError</Code><Message>{message}</Message></Error>"
    return Answer(400, f"<ErrorResponse>{error}</ErrorResponse>".encode(), {"Content-Type": "text/xml"})


def test_the_accounts_stack_is_created_again_after_a_failed_creation(wire):
    """The parameters depend on the account's current state, because a rolled-back stack has no outputs."""
    failed, missing = stack_with_status("ROLLBACK_COMPLETE"), validation_error("Stack love-q-account does not exist")
    deletion = [failed, failed, xml("DeleteStack", ""), stack_with_status("DELETE_COMPLETE")]
    wire.answers(failed, json_answer({}), *deletion, missing, missing, validation_error("end of the test"))
    options = argparse.Namespace(set=[])
    with pytest.raises(CannotDeploy, match="end of the test"):
        deploy.Deployment("dev", Account("us-east-1"), options)._deploy_account_stack()
    request = parse_qs(wire.sent[-1].raw.decode())
    assert (request["Action"], request["ChangeSetType"]) == (["CreateChangeSet"], ["CREATE"])
    assert request["Parameters.member.1.ParameterKey"] == ["GatewayLogs"]
    assert request["Parameters.member.1.ParameterValue"] == ["create"]


def test_a_failed_creation_retains_nothing_whose_name_the_next_attempt_needs():
    resources = yaml_files.read(deploy.ACCOUNT)["Resources"]
    retained = {name for name, resource in resources.items() if resource.get("DeletionPolicy") == "Retain"}
    assert not [name for name in retained if any(key.endswith("Name") for key in resources[name]["Properties"])]


def test_resources_that_a_failed_creation_retains_are_listed(wire):
    timestamp = "<LastUpdatedTimestamp>2026-11-01T00:00:00Z</LastUpdatedTimestamp>"
    pool = (
        f"<member>{timestamp}<LogicalResourceId>UserPool</LogicalResourceId>"
        "<PhysicalResourceId>pool-7</PhysicalResourceId><ResourceType>AWS::Cognito::UserPool</ResourceType>"
        "<ResourceStatus>DELETE_SKIPPED</ResourceStatus></member>"
    )
    resources = xml("ListStackResources", f"<StackResourceSummaries>{pool}</StackResourceSummaries>")
    events = xml("DescribeStackEvents", "<StackEvents></StackEvents>")
    wire.answers(xml("ExecuteChangeSet", ""), stack_with_status("ROLLBACK_COMPLETE"), events, resources)
    with pytest.raises(CannotDeploy, match=r"ROLLBACK_COMPLETE[\s\S]*remain[\s\S]*UserPool pool-7"):
        Stack(Account("us-east-1"), "love-q-account").execute(ChangeSet("first", True, []))


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_that_cannot_be_changed_now_is_reported(wire, status):
    wire.answers(stack_with_status(status))
    with pytest.raises(CannotDeploy, match="love-q-account"):
        Stack(Account("us-east-1"), "love-q-account").create_change_set({}, set(), TemplateBody="{}")
    assert len(wire.sent) == 1
