"""Build the template of a stage: Chalice's template merged with the files of this folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chalice.package import TemplateDeepMerger

from infrastructure import gateway_responses, yaml_files
from infrastructure.yaml_files import INFRASTRUCTURE, YamlMapping

PARTS = ("parameters", "identity", "storage", "functions", "api", "monitoring", "web")
# CloudFormation's limit for an uploaded template.
MAX_BYTES = 1024 * 1024

_POLICY_VERSION = "2012-10-17"


def build(stage: str, authorizer: str, allow_origin: str, chalice_template: YamlMapping) -> YamlMapping:
    """Return the complete template of a stage.

    Args:
        stage: the name of the stage.
        authorizer: the setting AUTHORIZER, which selects a file in `template/authorizers/`.
        allow_origin: the setting CORS_ALLOW_ORIGIN.
        chalice_template: Chalice's template of the routes and functions.
    """
    own_template = yaml_files.merge(
        *(yaml_files.read(INFRASTRUCTURE / "template" / f"{part}.yaml") for part in PARTS),
        yaml_files.read(INFRASTRUCTURE / "template" / "authorizers" / f"{authorizer}.yaml"),
        {"Resources": dict(_roles())},
        {"Resources": dict(_alarms())},
        _dashboard(),
        _gateway(allow_origin),
        {"Mappings": {"BuiltIn": {"Cors": {"AllowOrigin": allow_origin}}}},
    )
    # The package contains settings of one stage, so its template accepts no other stage.
    own_template["Parameters"]["Environment"] |= {"AllowedValues": [stage], "Default": stage}
    template: YamlMapping = TemplateDeepMerger().merge(own_template, _without_code(chalice_template))
    return template


def parameters(stage: str) -> dict[str, str]:
    """Return the parameters that the stage's own file sets."""
    return {name: str(value) for name, value in yaml_files.read(INFRASTRUCTURE / "stages" / f"{stage}.yaml").items()}


def _without_code(template: YamlMapping) -> YamlMapping:
    """Remove the code's location from every function: `Globals` has it once for all."""
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


def _statement(name: str, entry: YamlMapping) -> YamlMapping:
    statement = {"Sid": name, "Effect": "Allow"} | {key: entry[key] for key in entry if key != "condition"}
    if "condition" not in entry:
        return statement
    return {"Fn::If": [entry["condition"], statement, {"Ref": "AWS::NoValue"}]}


# Alarms, from alarms.yaml


def _alarms() -> Iterator[tuple[str, YamlMapping]]:
    for name, entry in yaml_files.read(INFRASTRUCTURE / "alarms.yaml").items():
        yield f"{name}Alarm", {"Type": "AWS::CloudWatch::Alarm", "Properties": _alarm(name, entry)}


def _alarm(name: str, entry: YamlMapping) -> YamlMapping:
    namespace, metric, dimensions = entry["metric"]
    threshold = (
        {"ComparisonOperator": "LessThanThreshold", "Threshold": entry["below"]}
        if "below" in entry
        else {"ComparisonOperator": "GreaterThanThreshold", "Threshold": entry["above"]}
    )
    return {
        "AlarmName": {"Fn::Sub": f"${{AWS::StackName}}-{name}"},
        "AlarmDescription": f"{entry['description']} See docs/operations.md#{name.lower()}.",
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "Period": entry["minutes"] * 60,
        "EvaluationPeriods": 1,
        "TreatMissingData": entry.get("missing_data", "notBreaching"),
        "AlarmActions": [{"Ref": "Alarms"}],
        "OKActions": [{"Ref": "Alarms"}],
        **_statistic(entry["statistic"]),
        **threshold,
    }


def _statistic(name: str) -> dict[str, Any]:
    return {"ExtendedStatistic": name} if name.startswith("p") else {"Statistic": name}
