"""Least privilege: checks of every statement in every policy of the template."""

from __future__ import annotations

import re

import boto3
import pytest

from infrastructure import yaml_files
from local.chalice_stage import PROJECT
from tests.infrastructure.conftest import of_type

# AWS supports no resource-level permissions for these actions.
WITHOUT_RESOURCE = {
    "comprehend:BatchDetectSentiment",
    "comprehend:BatchDetectEntities",
    "comprehend:BatchDetectKeyPhrases",
}
# The template creates the log groups of the functions. Only the sandbox of stage dev creates its own.
LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
ALLOWED = {
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


def as_list(value):
    return value if isinstance(value, list) else [value]


def statements(role):
    for policy in role["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


@pytest.fixture(scope="module")
def roles(expanded_resources):
    return of_type(expanded_resources, "AWS::IAM::Role")


def test_every_function_has_its_own_role(expanded_resources, roles):
    functions = of_type(expanded_resources, "AWS::Lambda::Function").values()
    used = [function["Role"]["Fn::GetAtt"][0] for function in functions]
    assert sorted(used) == sorted(set(used)) == sorted(ALLOWED)
    assert set(roles) == set(ALLOWED)


def test_a_function_may_perform_only_the_actions_it_needs(roles):
    for name, role in roles.items():
        actions = {action for statement in statements(role) for action in as_list(statement["Action"])}
        assert actions == ALLOWED[name]


def test_no_action_contains_a_wildcard(roles):
    actions = {
        action for role in roles.values() for statement in statements(role) for action in as_list(statement["Action"])
    }
    assert not [action for action in actions if "*" in action]


def test_a_statement_names_its_resource_unless_aws_supports_none(roles):
    for role in roles.values():
        for statement in statements(role):
            if "*" in as_list(statement["Resource"]):
                assert set(as_list(statement["Action"])) <= WITHOUT_RESOURCE


def arns(value):
    """Yield every ARN pattern in a `Resource`, from lists and both branches of conditions."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from arns(item)
    elif "Fn::Sub" in value:
        yield as_list(value["Fn::Sub"])[0]
    elif "Fn::If" in value:
        yield from arns(value["Fn::If"][1:])


def test_a_wildcard_in_an_arn_stays_inside_a_named_resource(roles):
    """Objects under `uploads/`, the streams of a log group, and the regions of a model behind its profile."""
    allowed = (r"/uploads/\*$", r"log-group:/aws/lambda/[^*]+:\*$", r":bedrock:\*::foundation-model/\$\{[^*]+$")
    with_wildcard = [
        arn
        for role in roles.values()
        for statement in statements(role)
        for arn in arns(statement["Resource"])
        if "*" in arn
    ]
    for arn in with_wildcard:
        assert arn == "*" or any(re.search(pattern, arn) for pattern in allowed), arn


def test_no_function_may_change_tables(roles):
    assert "dsql:DbConnectAdmin" not in str(roles)


def test_only_lambda_may_assume_a_functions_role(roles):
    for role in roles.values():
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_permissions_for_optional_services_depend_on_their_condition(roles):
    conditional = {
        statement["Fn::If"][1]["Sid"]: statement["Fn::If"][0]
        for role in roles.values()
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "Fn::If" in statement
    }
    assert conditional == {
        "SandboxLogs": "HasSandbox",
        "Database": "UsesDsql",
        "InferenceProfile": "UsesBedrock",
        "FoundationModel": "UsesBedrock",
        "Guardrail": "HasGuardrail",
        "Sentiment": "UsesComprehend",
        "EnvironmentKey": "HasEnvironmentKey",
    }


def test_the_package_contains_the_service_model_of_every_aws_client():
    services = set(boto3.session.Session().get_available_services())
    used = set()
    for path in (PROJECT / "chalicelib").rglob("*.py"):
        used |= services.intersection(re.findall(r'\(\s*"([a-z0-9-]+)"', path.read_text()))
    assert {"s3", "cognito-idp", "bedrock-runtime", "dsql"} <= used
    assert used <= set(yaml_files.read(PROJECT / "infrastructure" / "code_zip.yaml")["aws_services"])
