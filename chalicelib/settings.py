"""The environment, read once and lazily, as one typed object."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PROJECT = Path(__file__).resolve().parent.parent


class MissingEnvironmentFile(Exception):
    """The stage's environment file is not there, because its local stack is not up."""


class Settings(BaseModel):
    """What a stage may set. Each field is the environment variable of the same name in capitals.

    ``ENVIRONMENT_FILE`` names a JSON object of further variables, which win: the
    local stack writes where its parts are there, and a shell's ``DATABASE_URL``
    or ``AWS_REGION`` is meant for something else.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: str = "local"
    version: str = "0.1.0"
    log_level: str = "INFO"

    database_url: str | None = None
    dsql_endpoint: str | None = None
    dsql_user: str = "love_q"

    aws_region: str = "us-east-1"
    aws_emulator_url: str | None = None
    upload_bucket: str = "love-q-uploads"

    authorizer: Literal["cognito", "lambda", "none"] = "none"
    cognito_user_pool_id: str | None = None
    cognito_client_id: str | None = None
    cognito_issuer: str | None = None
    cognito_jwks_url: str | None = None

    # Who coaches: Claude on Bedrock with the local coach behind it, or the local coach alone.
    bedrock: Literal["aws", "local", "off"] = "local"
    bedrock_model_id: str = "us.anthropic.claude-haiku-5-5"
    bedrock_region: str | None = None
    bedrock_endpoint_url: str | None = None
    bedrock_guardrail_id: str | None = None
    bedrock_guardrail_version: str = "DRAFT"
    # Who reads feelings: Comprehend with the local model behind it, or the local model alone.
    comprehend: Literal["aws", "local"] = "local"
    comprehend_endpoint_url: str | None = None
    # What all users together may cost on Bedrock and Comprehend in a day, in US dollars; past it the local ones answer.
    daily_model_dollars: float = Field(default=3.0, ge=0)

    cors_allow_origin: str = "*"
    require_consents: bool = True
    daily_credits: int = Field(default=20, ge=0)
    # Of one user on each of the costly routes.
    requests_a_minute: int = Field(default=30, ge=1)
    kept_messages: int = Field(default=5_000, ge=1)
    # How long an import holds its file; at least what `file_upload` may run.
    import_lease_s: int = Field(default=65, ge=1)

    @property
    def issuer(self) -> str | None:
        """Who must have signed an ID token, as its ``iss`` says."""
        if self.cognito_issuer or not self.cognito_user_pool_id:
            return self.cognito_issuer
        return f"https://cognito-idp.{self.aws_region}.amazonaws.com/{self.cognito_user_pool_id}"

    @property
    def jwks_url(self) -> str | None:
        """Where the issuer's public keys are."""
        return self.cognito_jwks_url or (f"{self.issuer}/.well-known/jwks.json" if self.issuer else None)


@cache
def settings() -> Settings:
    """The settings of this process.

    Raises:
        pydantic.ValidationError: a variable has a value its field cannot take.
        MissingEnvironmentFile: ``ENVIRONMENT_FILE`` names a file that is not there.
    """
    variables = dict(os.environ)
    if name := variables.get("ENVIRONMENT_FILE"):
        variables |= _file_variables(PROJECT / name)
    return Settings.model_validate({key.lower(): value for key, value in variables.items() if value != ""})


def _file_variables(path: Path) -> dict[str, str]:
    try:
        variables: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingEnvironmentFile(
            f"{path.name} is missing: the local stack is not up. `make run` starts it."
        ) from error
    return variables
