"""AWS clients: made when first needed, and where a stage has an emulator, for that alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from chalicelib.errors import Unavailable
from chalicelib.settings import settings


@cache
def client(service: str) -> Any:
    """The boto3 client of a service."""
    emulator = settings().aws_emulator_url
    addressing = "path" if emulator else "virtual"
    return _made(
        service,
        emulator,
        settings().aws_region,
        read_timeout=20,
        s3={"addressing_style": addressing},
        signature_version=_signature(service),
    )


@cache
def bedrock() -> Any:
    """The client of Bedrock, in the region of its models. It tries nothing twice: every try may be billed."""
    at, region = settings().bedrock_endpoint_url, settings().bedrock_region or settings().aws_region
    return _made("bedrock-runtime", at, region, read_timeout=30, retries={"total_max_attempts": 1, "mode": "standard"})


@cache
def comprehend() -> Any:
    """The client of Comprehend. It may try twice what is answered at once, as a refusal costs nothing."""
    at = settings().comprehend_endpoint_url
    return _made(
        "comprehend", at, settings().aws_region, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"}
    )


def reset() -> None:
    """Discard the clients, so that the next call makes them from the current settings. For tests."""
    for cached in (client, bedrock, comprehend):
        cached.cache_clear()


def _made(service: str, endpoint_url: str | None, region: str, **config: Any) -> Any:
    import boto3  # noqa: PLC0415 (155 ms that most requests need not pay)
    from botocore.config import Config  # noqa: PLC0415

    # A stand-in takes any key; it must never be given the developer's own.
    credentials = {"aws_access_key_id": "local", "aws_secret_access_key": "local"} if endpoint_url else {}
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint_url,
        config=Config(connect_timeout=3, **config),
        **credentials,
    )


@contextmanager
def answering() -> Iterator[None]:
    """Turn an AWS service that refuses or does not answer into what a client is told.

    Raises:
        Unavailable: it refused or did not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (comes with the client)

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable from error


def _signature(service: str) -> str | None:
    return "s3v4" if service == "s3" else None
