"""boto3 clients, created at first use. A client with an endpoint URL, such as that of an emulator, uses only that."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.settings import settings

if TYPE_CHECKING:
    from types_boto3_bedrock_runtime import BedrockRuntimeClient
    from types_boto3_cognito_idp import CognitoIdentityProviderClient
    from types_boto3_comprehend import ComprehendClient
    from types_boto3_s3 import S3Client


@cache
def s3() -> S3Client:
    """Return the client of S3."""
    config = settings()
    client: S3Client = _create(
        "s3",
        config.aws_emulator_url,
        config.aws_region,
        read_timeout=20,
        s3={"addressing_style": "path" if config.aws_emulator_url else "virtual"},
        signature_version="s3v4",
    )
    return client


@cache
def cognito() -> CognitoIdentityProviderClient:
    """Return the client of Cognito user pools."""
    client: CognitoIdentityProviderClient = _create(
        "cognito-idp", settings().aws_emulator_url, settings().aws_region, read_timeout=20
    )
    return client


@cache
def bedrock() -> BedrockRuntimeClient:
    """Return the client of Bedrock in the region of its models. It never retries: each attempt may be billed."""
    client: BedrockRuntimeClient = _create(
        "bedrock-runtime",
        settings().bedrock_endpoint_url,
        settings().bedrock_region or settings().aws_region,
        read_timeout=30,
        retries={"total_max_attempts": 1, "mode": "standard"},
    )
    return client


@cache
def comprehend() -> ComprehendClient:
    """Return the client of Comprehend. It retries once, because a failed attempt costs nothing."""
    client: ComprehendClient = _create(
        "comprehend",
        settings().comprehend_endpoint_url,
        settings().aws_region,
        read_timeout=5,
        retries={"total_max_attempts": 2, "mode": "standard"},
    )
    return client


def _create(service: str, endpoint_url: str | None, region: str, **config: Any) -> Any:
    import boto3  # noqa: PLC0415 (loading it takes 155 ms, which most requests do not need)
    from botocore.config import Config  # noqa: PLC0415 (loaded with boto3)

    # An emulator accepts any key. It must never receive the developer's credentials.
    credentials = {"aws_access_key_id": "local", "aws_secret_access_key": "local"} if endpoint_url else {}
    create: Any = boto3.client  # the typed overloads accept only a literal service name
    return create(
        service,
        region_name=region,
        endpoint_url=endpoint_url,
        config=Config(connect_timeout=3, **config),
        **credentials,
    )
