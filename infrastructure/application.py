"""Run Chalice's checks on the application and generate its SAM template of routes, functions and events.

`chalice package` is not enough: it skips its own checks, refuses `@app.on_s3_event` and builds a zip that we build
ourselves (`infrastructure.code_zip`). We therefore call the parts of Chalice one by one. They are not a public
interface, so Chalice's version is pinned and the tests cover what we use.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from chalice.cli.factory import CLIFactory
from chalice.config import Config
from chalice.deploy import models
from chalice.deploy.appgraph import ApplicationGraphBuilder, DependencyBuilder
from chalice.deploy.deployer import (
    BaseDeployStep,
    BuildStage,
    InjectDefaults,
    LambdaEventSourcePolicyInjector,
    SwaggerBuilder,
)
from chalice.deploy.swagger import CFNSwaggerGenerator
from chalice.deploy.validate import validate_configuration
from chalice.package import ResourceBuilder, SAMTemplateGenerator
from chalice.utils import to_cfn_resource_name

from infrastructure.yaml_files import PROJECT, YamlMapping

# A placeholder: the real roles are in our part of the template (`policies/`).
_PLACEHOLDER_ROLE = "arn:aws:iam::000000000000:role/from-the-template"
_FORGET_COMMAND = "python -m infrastructure.sandbox forget"


@dataclass(frozen=True)
class Application:
    """Chalice's template of the application, and the settings of the stage that the rest of the template needs."""

    template: YamlMapping
    runtime: str
    architecture: str
    authorizer: str
    allow_origin: str


def load(stage: str, *, architecture: str | None = None) -> Application:
    """Load the application with the environment of a stage, check it and generate its template.

    This imports `app` and therefore needs a process of its own.

    Args:
        stage: one of the stages in `.chalice/config.json`.
        architecture: overrides the stage's architecture, for a package that runs on this machine.

    Raises:
        ValueError: Chalice would refuse to deploy it.
    """
    _remove_settings_from_environment()
    factory = CLIFactory(str(PROJECT), environ=os.environ)
    config = factory.create_config_obj(chalice_stage_name=stage)
    on_disk = config.config_from_disk["stages"][stage]
    if "recorded" in on_disk:
        raise ValueError(
            f"outputs of a deployed stage are recorded in .chalice/config.json; "
            f"{_FORGET_COMMAND} --stage {stage} removes them"
        )
    on_disk |= {"manage_iam_role": False, "iam_role_arn": _PLACEHOLDER_ROLE}
    if architecture:
        on_disk["lambda_architecture"] = architecture
    # The checks of `chalice deploy`.
    validate_configuration(config)
    template = _generate_template(config, factory.create_package_options(), stage)
    from chalicelib.settings import settings  # noqa: PLC0415 (needs the stage's environment, which Chalice has set)

    return Application(
        template,
        config.lambda_python_version,
        config.lambda_architecture,
        settings().authorizer,
        settings().cors_allow_origin,
    )


def _remove_settings_from_environment() -> None:
    """Remove settings that the operator's shell exports for other purposes; only the stage's own values count."""
    from chalicelib.settings import Settings  # noqa: PLC0415 (imported only in the process that packages)

    for name in (*Settings.model_fields, "environment_file"):
        os.environ.pop(name.upper(), None)


def _generate_template(config: Config, options: Any, stage: str) -> YamlMapping:
    steps = [
        InjectDefaults(),
        _NoPackage(),
        SwaggerBuilder(swagger_generator=CFNSwaggerGenerator()),
        LambdaEventSourcePolicyInjector(),
    ]
    builder = ResourceBuilder(ApplicationGraphBuilder(), DependencyBuilder(), BuildStage(steps))
    resources = builder.construct_resources(config, stage)
    template: YamlMapping = _Generator(config, options).generate(resources)
    return template


class _NoPackage(BaseDeployStep):
    """Replaces Chalice's packaging step: `infrastructure.code_zip` builds the zip."""

    def handle(self, config: Config, resource: models.Model) -> None:  # noqa: ARG002 (Chalice's signature)
        if isinstance(resource, models.DeploymentPackage):
            resource.filename = "from-the-parameters"


class _Generator(SAMTemplateGenerator):
    """Chalice's generator, which also turns `@app.on_s3_event` into an event of the stack's bucket."""

    def _generate_s3bucketnotification(self, resource: models.S3BucketNotification, template: YamlMapping) -> None:
        function = template["Resources"][to_cfn_resource_name(resource.lambda_function.resource_name)]
        rules = [{"Name": "prefix", "Value": resource.prefix}] if resource.prefix else []
        rules += [{"Name": "suffix", "Value": resource.suffix}] if resource.suffix else []
        properties = {"Bucket": {"Ref": "UploadBucket"}, "Events": resource.events}
        if rules:
            properties["Filter"] = {"S3Key": {"Rules": rules}}
        function["Properties"]["Events"] = {"Uploaded": {"Type": "S3", "Properties": properties}}
