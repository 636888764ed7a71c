"""The application as Chalice loads it for stage `local`, with that stage's environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
STAGE = "local"


def load_app(function: str | None = None) -> tuple[Any, Any]:
    """Load `app.app` as `chalice local --stage local` does.

    Chalice writes the stage's variables over the environment. Here the environment has priority, so that a stack in
    another folder can name its own ENVIRONMENT_FILE and a developer can run `BEDROCK=aws make run`. Only the stage
    cannot be overridden.

    Args:
        function: the Lambda function to load; None for the API.

    Returns:
        The Chalice application, and Chalice's configuration of the function.
    """
    from chalice.cli.factory import CLIFactory  # noqa: PLC0415 (slow to load, and only two programs need it)

    factory = CLIFactory(str(PROJECT), environ={})
    config = factory.create_config_obj(chalice_stage_name=STAGE)
    scoped = config.scope(STAGE, function) if function else config
    for name, value in scoped.environment_variables.items():
        os.environ.setdefault(name, value)
    os.environ |= {"STAGE": STAGE, "AWS_CHALICE_CLI_MODE": "true"}
    if str(PROJECT) not in sys.path:
        sys.path.insert(0, str(PROJECT))
    return config.chalice_app, scoped
