"""Least privilege: a walk over every statement of every policy that the template makes."""

import re

import pytest

from infrastructure import yaml_files
from local.chalice_stage import PROJECT
from tests.infrastructure.conftest import of_type

# AWS gives these no resource to name.
WITHOUT_RESOURCE = {
    "comprehend:BatchDetectSentiment",
    "comprehend:BatchDetectEntities",
    "comprehend:BatchDetectKeyPhrases",
}
# The group is the template's, and kept as long as it says; the sandbox of stage dev makes its own.
LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
MAY = {
    "ApiHandlerRole": {
        *LOGS, "s3:PutObject", "s3:DeleteObject", "s3:ListBucket",
        "dsql:DbConnect", "cognito-idp:ListUsers", "cognito-idp:AdminDeleteUser", "bedrock:InvokeModel",
        "bedrock:CountTokens", "bedrock:ApplyGuardrail", "kms:Decrypt", *WITHOUT_RESOURCE,
    },
    "FileUploadRole": {
        *LOGS, "s3:GetObject", "s3:DeleteObject", "s3:ListBucket",
        "dsql:DbConnect", "sqs:SendMessage", "kms:Decrypt",
    },
    "CheckRetentionRole": {*LOGS, "dsql:DbConnect", "sqs:SendMessage", "kms:Decrypt"},
    "EraseExpiredRole": {
        *LOGS, "s3:DeleteObject", "dsql:DbConnect", "sqs:SendMessage",
        "kms:Decrypt",
    },
    "AuthMiddlewareRole": {*LOGS, "kms:Decrypt"},
}  # fmt: skip


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(role):
    for policy in role["Policies"]:
        for found in policy["PolicyDocument"]["Statement"]:
            yield found["Fn::If"][1] if "Fn::If" in found else found


@pytest.fixture(scope="module")
def roles(made):
    return of_type(made, "AWS::IAM::Role")


def test_every_function_has_a_role_of_its_own(made, roles):
    used = [found["Role"]["Fn::GetAtt"][0] for found in of_type(made, "AWS::Lambda::Function").values()]
    assert sorted(used) == sorted(set(used)) == sorted(MAY)
    assert set(roles) == set(MAY)


def test_a_function_may_what_it_needs_and_nothing_else(roles):
    for name, role in roles.items():
        may = {action for found in statements(role) for action in listed(found["Action"])}
        assert may == MAY[name]


def test_no_action_is_a_pattern(roles):
    actions = {action for role in roles.values() for found in statements(role) for action in listed(found["Action"])}
    assert not [action for action in actions if "*" in action]


def test_every_resource_is_named_where_it_can_be(roles):
    for role in roles.values():
        for found in statements(role):
            if "*" in listed(found["Resource"]):
                assert set(listed(found["Action"])) <= WITHOUT_RESOURCE


def arns(value):
    """Every ARN pattern in a resource, of however many choices."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from arns(item)
    elif "Fn::Sub" in value:
        yield listed(value["Fn::Sub"])[0]
    elif "Fn::If" in value:
        yield from arns(value["Fn::If"][1:])


def test_a_star_in_an_arn_stands_for_what_lies_in_what_is_named(roles):
    """For objects below `uploads/`, a log group's streams, and the regions of a model behind its profile."""
    allowed = (r"/uploads/\*$", r"log-group:/aws/lambda/[^*]+:\*$", r":bedrock:\*::foundation-model/\$\{[^*]+$")
    starred = [
        arn for role in roles.values() for found in statements(role) for arn in arns(found["Resource"]) if "*" in arn
    ]
    for arn in starred:
        assert arn == "*" or any(re.search(pattern, arn) for pattern in allowed), arn


def test_no_function_may_change_the_tables(roles):
    assert "dsql:DbConnectAdmin" not in str(roles)


def test_only_lambda_takes_on_a_functions_role(roles):
    for role in roles.values():
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_rights_for_what_a_stage_does_without_are_not_given(roles):
    conditional = {
        found["Fn::If"][1]["Sid"]: found["Fn::If"][0]
        for role in roles.values()
        for policy in role["Policies"]
        for found in policy["PolicyDocument"]["Statement"]
        if "Fn::If" in found
    }
    assert conditional == {
        "SandboxLogs": "HasSandbox",
        "Database": "UsesDsql",
        "Model": "AsksBedrock",
        "ModelBehindTheProfile": "AsksBedrock",
        "Guardrail": "HasGuardrail",
        "Moods": "AsksComprehend",
        "EnvironmentKey": "HasEnvironmentKey",
    }


def test_every_aws_client_that_the_application_makes_has_its_model_in_the_package():
    made = set()
    for path in (PROJECT / "chalicelib").rglob("*.py"):
        made |= set(re.findall(r'(?:client|_create)\(\s*"([a-z0-9-]+)"', path.read_text()))
    assert {"s3", "cognito-idp", "bedrock-runtime", "dsql"} <= made
    assert made <= set(yaml_files.read(PROJECT / "infrastructure" / "code_zip.yaml")["aws_services"])
