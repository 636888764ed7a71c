"""The template of a stage: what Chalice makes of the routes, with this folder's files merged over it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chalice.package import TemplateDeepMerger

from infrastructure import gateway_responses, yaml_files
from infrastructure.yaml_files import INFRASTRUCTURE, YamlMapping

PARTS = ("parameters", "identity", "storage", "functions", "api", "monitoring", "web")
# CloudFormation's limit for a template that is uploaded.
MAX_BYTES = 1024 * 1024

_POLICY_VERSION = "2012-10-17"


def build(stage: str, authorizer: str, allow_origin: str, made_by_chalice: YamlMapping) -> YamlMapping:
    """The whole template of a stage.

    Args:
        stage: its name.
        authorizer: who guards its routes, as the setting says.
        allow_origin: whose pages may call it, as the setting says.
        made_by_chalice: what Chalice generates for its routes and functions.
    """
    ours = yaml_files.merge(
        *(yaml_files.read(INFRASTRUCTURE / "template" / f"{part}.yaml") for part in PARTS),
        yaml_files.read(INFRASTRUCTURE / "template" / "authorizers" / f"{authorizer}.yaml"),
        {"Resources": dict(_roles())},
        {"Resources": dict(_alarms())},
        _dashboard(),
        _gateway(allow_origin),
        {"Mappings": {"BuiltIn": {"Cors": {"AllowOrigin": allow_origin}}}},
    )
    # A template that was made for one stage is good for no other.
    ours["Parameters"]["Environment"] |= {"AllowedValues": [stage], "Default": stage}
    whole: YamlMapping = TemplateDeepMerger().merge(ours, _without_code(made_by_chalice))
    return whole


def parameters(stage: str) -> dict[str, str]:
    """What a stage's own file sets of the template's parameters."""
    return {name: str(value) for name, value in yaml_files.read(INFRASTRUCTURE / "stages" / f"{stage}.yaml").items()}


def _without_code(template: YamlMapping) -> YamlMapping:
    # Where the code is is said once, for all functions.
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            del resource["Properties"]["CodeUri"]
    return template


def _gateway(allow_origin: str) -> YamlMapping:
    properties = {
        "GatewayResponses": gateway_responses.responses(allow_origin),
        "DefinitionBody": {"info": {"title": {"Ref": "AWS::StackName"}}},
    }
    return {"Resources": {"RestAPI": {"Properties": properties}}}


def _dashboard() -> YamlMapping:
    body = json.loads((INFRASTRUCTURE / "template" / "dashboard.json").read_text(encoding="utf-8"))
    properties = {"DashboardBody": {"Fn::Sub": json.dumps(body, separators=(",", ":"))}}
    return {"Resources": {"Dashboard": {"Properties": properties}}}


# Roles, from policies/


def _roles() -> Iterator[tuple[str, YamlMapping]]:
    for path in sorted((INFRASTRUCTURE / "policies").glob("*.yaml")):
        name = "".join(part.capitalize() for part in path.stem.split("_"))
        yield f"{name}Role", _role(yaml_files.read(path))


def _role(statements: YamlMapping) -> YamlMapping:
    policy = {"Version": _POLICY_VERSION, "Statement": [_statement(*item) for item in statements.items()]}
    trust = {
        "Version": _POLICY_VERSION,
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": trust,
            "Policies": [{"PolicyName": "love-q", "PolicyDocument": policy}],
        },
    }


def _statement(name: str, written: YamlMapping) -> YamlMapping:
    statement = {"Sid": name, "Effect": "Allow"} | {key: written[key] for key in written if key != "when"}
    if "when" not in written:
        return statement
    return {"Fn::If": [written["when"], statement, {"Ref": "AWS::NoValue"}]}


# Alarms, from alarms.yaml


def _alarms() -> Iterator[tuple[str, YamlMapping]]:
    for name, written in yaml_files.read(INFRASTRUCTURE / "alarms.yaml").items():
        yield f"{name}Alarm", {"Type": "AWS::CloudWatch::Alarm", "Properties": _alarm(name, written)}


def _alarm(name: str, written: YamlMapping) -> YamlMapping:
    namespace, metric, dimensions = written["metric"]
    bound = (
        {"ComparisonOperator": "LessThanThreshold", "Threshold": written["below"]}
        if "below" in written
        else {"ComparisonOperator": "GreaterThanThreshold", "Threshold": written["above"]}
    )
    return {
        "AlarmName": {"Fn::Sub": f"${{AWS::StackName}}-{name}"},
        "AlarmDescription": f"{written['says']} docs/operations.md#{name.lower()} says what to do.",
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "Period": written["minutes"] * 60,
        "EvaluationPeriods": 1,
        "TreatMissingData": written.get("quiet", "notBreaching"),
        "AlarmActions": [{"Ref": "Alarms"}],
        "OKActions": [{"Ref": "Alarms"}],
        **_statistic(written["statistic"]),
        **bound,
    }


def _statistic(name: str) -> dict[str, Any]:
    return {"ExtendedStatistic": name} if name.startswith("p") else {"Statistic": name}
