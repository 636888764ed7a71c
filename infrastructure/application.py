"""The application as Chalice packages it: its own checks, and its template of routes, functions and events.

`chalice package` leaves its checks out, refuses `@app.on_s3_event` and copies a zip about that we make ourselves.
So its parts are used here one by one. They are no public interface: chalice is pinned, and the tests hold them.
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

# Roles are this folder's, so Chalice is told of one that stands for them.
_ROLE = "arn:aws:iam::000000000000:role/from-the-template"
_FORGET = "python -m infrastructure.sandbox forget"


@dataclass(frozen=True)
class Application:
    """What was packaged: the template of its parts, and what its settings say of the stage."""

    template: YamlMapping
    runtime: str
    architecture: str
    authorizer: str
    allow_origin: str


def load(stage: str, *, architecture: str | None = None) -> Application:
    """Load the application with the environment of a stage, check it and generate its template.

    This imports `app` and so belongs in a process of its own.

    Args:
        stage: one of `.chalice/config.json`.
        architecture: another than the stage's, for a package that is to run on this machine.

    Raises:
        ValueError: Chalice would not deploy it.
    """
    _forget_settings()
    factory = CLIFactory(str(PROJECT), environ=os.environ)
    config = factory.create_config_obj(chalice_stage_name=stage)
    on_disk = config.config_from_disk["stages"][stage]
    if "recorded" in on_disk:
        raise ValueError(f"its outputs are recorded in .chalice/config.json; {_FORGET} --stage {stage} takes them out")
    on_disk |= {"manage_iam_role": False, "iam_role_arn": _ROLE}
    if architecture:
        on_disk["lambda_architecture"] = architecture
    # What `chalice deploy` refuses.
    validate_configuration(config)
    template = _template(config, factory.create_package_options(), stage)
    from chalicelib.settings import settings  # noqa: PLC0415 (only now does the stage's environment stand)

    return Application(
        template,
        config.lambda_python_version,
        config.lambda_architecture,
        settings().authorizer,
        settings().cors_allow_origin,
    )


def _forget_settings() -> None:
    """Leave the settings to the stage: what the shell says of them is meant for something else."""
    from chalicelib.settings import Settings  # noqa: PLC0415 (with the application it is about)

    for name in (*Settings.model_fields, "environment_file"):
        os.environ.pop(name.upper(), None)


def _template(config: Config, options: Any, stage: str) -> YamlMapping:
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
    """The step that would make a zip, which `infrastructure.code_zip` does."""

    def handle(self, config: Config, resource: models.Model) -> None:  # noqa: ARG002 (Chalice's signature)
        if isinstance(resource, models.DeploymentPackage):
            resource.filename = "from-the-parameters"


class _Generator(SAMTemplateGenerator):
    """Chalice's, with `@app.on_s3_event` as an event of the stack's bucket."""

    def _generate_s3bucketnotification(self, resource: models.S3BucketNotification, template: YamlMapping) -> None:
        function = template["Resources"][to_cfn_resource_name(resource.lambda_function.resource_name)]
        rules = [{"Name": "prefix", "Value": resource.prefix}] if resource.prefix else []
        rules += [{"Name": "suffix", "Value": resource.suffix}] if resource.suffix else []
        properties = {"Bucket": {"Ref": "UploadBucket"}, "Events": resource.events}
        if rules:
            properties["Filter"] = {"S3Key": {"Rules": rules}}
        function["Properties"]["Events"] = {"Uploaded": {"Type": "S3", "Properties": properties}}
