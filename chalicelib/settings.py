"""The environment variables as one typed object, read once at first use."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PROJECT = Path(__file__).resolve().parent.parent


class MissingEnvironmentFile(Exception):
    """The environment file of the stage does not exist, because the local stack is not running."""


class Settings(BaseModel):
    """The settings of a stage. Each field is the environment variable of the same name in capitals.

    ``ENVIRONMENT_FILE`` names a JSON object of further variables. They take precedence over the environment: the local
    stack writes its addresses there, whereas ``DATABASE_URL`` or ``AWS_REGION`` of a shell may belong to another
    project.
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

    # The coach: `aws` is Claude on Bedrock with the local coach as fallback, otherwise only the local coach answers.
    bedrock: Literal["aws", "local", "off"] = "local"
    bedrock_model_id: str = "us.anthropic.claude-haiku-5-5"
    bedrock_region: str | None = None
    bedrock_endpoint_url: str | None = None
    bedrock_guardrail_id: str | None = None
    bedrock_guardrail_version: str = "DRAFT"
    # The sentiment model: `aws` is Comprehend with the local model as fallback, `local` is only the local model.
    comprehend: Literal["aws", "local"] = "local"
    comprehend_endpoint_url: str | None = None
    # The daily budget of all users together for Bedrock and Comprehend, in US dollars. Without budget the local coach
    # and the local model answer.
    daily_model_dollars: float = Field(default=3.0, ge=0)

    cors_allow_origin: str = "*"
    require_consents: bool = True
    daily_credits: int = Field(default=20, ge=0)
    # The limit of one user on each costly route.
    requests_a_minute: int = Field(default=30, ge=1)
    kept_messages: int = Field(default=5_000, ge=1)
    # The seconds for which an import holds its file: at least the timeout of the Lambda `file_upload`.
    import_lease_s: int = Field(default=65, ge=1)

    @property
    def issuer(self) -> str | None:
        """Return the required issuer (``iss``) of ID tokens."""
        if self.cognito_issuer or not self.cognito_user_pool_id:
            return self.cognito_issuer
        return f"https://cognito-idp.{self.aws_region}.amazonaws.com/{self.cognito_user_pool_id}"

    @property
    def jwks_url(self) -> str | None:
        """Return the URL of the issuer's public keys."""
        return self.cognito_jwks_url or (f"{self.issuer}/.well-known/jwks.json" if self.issuer else None)


@cache
def settings() -> Settings:
    """Return the settings of this process.

    Raises:
        pydantic.ValidationError: A variable has an invalid value.
        MissingEnvironmentFile: The file named by ``ENVIRONMENT_FILE`` does not exist.
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
            f"{path.name} is missing because the local stack is not running. Start it with `make run`."
        ) from error
    return variables
