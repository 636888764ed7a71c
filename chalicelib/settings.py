"""The environment variables as one typed object, read once at first use."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_PROJECT = Path(__file__).resolve().parent.parent


class MissingEnvironmentFile(Exception):
    """The environment file of the stage does not exist, because the local stack is not running."""


class Settings(BaseModel):
    """The settings of a stage. Each field is the environment variable of the same name in capitals.

    The text below a field describes it; `make docs` copies it to docs/settings.md.

    The variable ``ENVIRONMENT_FILE`` names a JSON file with further variables, which take precedence over the
    environment. The local stack writes its addresses there. ``DATABASE_URL`` or ``AWS_REGION`` of a shell may belong to
    another project.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: str = "local"
    """The name of the stage, shown by `GET /health` and used as the dimension of every metric."""
    version: str = "0.1.0"
    """The version of the code, shown by `GET /health` and in the OpenAPI document."""
    log_level: str = "INFO"
    """The log level. `INFO` and `DEBUG` write one line for each request."""

    database_url: str | None = None
    """The URL of a PostgreSQL to use instead of Aurora DSQL, as `postgresql://user:password@host:port/database`."""
    dsql_endpoint: str | None = None
    """The host name of the Aurora DSQL cluster."""
    dsql_user: str = "love_q"
    """The database role with which the functions connect to Aurora DSQL."""

    aws_region: str = "us-east-1"
    """The region of the database, the bucket and the user pool."""
    aws_emulator_url: str | None = None
    """The URL of an emulator to use instead of S3 and Cognito."""
    upload_bucket: str = "love-q-uploads"
    """The bucket for uploads."""

    authorizer: Literal["cognito", "lambda", "none"] = "none"
    """The verifier of ID tokens: API Gateway with the user pool, the Lambda `auth_middleware`, or only the endpoint."""
    cognito_user_pool_id: str | None = None
    """The user pool whose users are deleted with their account, and the default issuer of tokens."""
    cognito_client_id: str | None = None
    """The client id that ID tokens must have as their audience."""
    cognito_issuer: str | None = None
    """The issuer of ID tokens if it is not the user pool."""
    cognito_jwks_url: str | None = None
    """The URL of the issuer's public keys if it is not `/.well-known/jwks.json` below the issuer."""

    bedrock: Literal["aws", "local", "off"] = "local"
    """The coach: `aws` is Claude on Bedrock with the local coach as fallback, the others are only the local coach."""
    bedrock_model_id: str = "us.anthropic.claude-haiku-5-5"
    """The inference profile or model to invoke."""
    bedrock_region: str | None = None
    """The region of Bedrock if it is not `AWS_REGION`."""
    bedrock_endpoint_url: str | None = None
    """The URL of a server to use instead of Bedrock, for tests."""
    bedrock_guardrail_id: str | None = None
    """The guardrail to apply to every request to the model."""
    bedrock_guardrail_version: str = "DRAFT"
    """The version of the guardrail."""
    comprehend: Literal["aws", "local"] = "local"
    """The sentiment model: `aws` is Comprehend with the local model as fallback, `local` is only the local model."""
    comprehend_endpoint_url: str | None = None
    """The URL of a server to use instead of Comprehend, for tests."""
    daily_model_dollars: float = Field(default=3.0, ge=0)
    """The daily budget of all users together for Bedrock and Comprehend, in US dollars. Above it, only the local coach
    and the local model answer."""

    cors_allow_origin: str = "*"
    """The origin whose pages may call the API; `*` for every origin."""
    require_consents: bool = True
    """Whether a user must give the required consents before a chat is stored or analysed."""
    daily_credits: int = Field(default=20, ge=0)
    """The number of new answers that a user may request each day."""
    requests_a_minute: int = Field(default=30, ge=1)
    """The limit of one user on each costly route."""
    kept_messages: int = Field(default=5_000, ge=1)
    """The number of latest messages that a room stores."""
    import_lease_s: int = Field(default=65, ge=1)
    """The seconds for which an import holds its file: at least the timeout of the Lambda `file_upload`."""

    @property
    def issuer(self) -> str | None:
        """Return the issuer (``iss``) that ID tokens must have."""
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
        variables |= _file_variables(_PROJECT / name)
    return Settings.model_validate({key.lower(): value for key, value in variables.items() if value != ""})


def _file_variables(path: Path) -> dict[str, str]:
    try:
        variables: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingEnvironmentFile(
            f"{path.name} is missing because the local stack is not running. Start it with `make run`."
        ) from error
    return variables
