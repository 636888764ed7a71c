"""The upload bucket: forms to put files in, and the files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from chalicelib.settings import settings

PREFIX = "uploads/"


@dataclass(frozen=True, slots=True)
class UploadForm:
    """What a client posts a file with."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class UploadKey:
    """Where a user's file lies in the bucket."""

    user_id: str
    file_id: str

    def __str__(self) -> str:
        """The object's key."""
        return f"{PREFIX}{self.user_id}/{self.file_id}"

    @classmethod
    def parse(cls, key: str) -> UploadKey | None:
        """The parts of a key, None for one that is not ours."""
        parts = key.removeprefix(PREFIX).split("/")
        return cls(*parts) if key.startswith(PREFIX) and len(parts) == 2 and all(parts) else None  # noqa: PLR2004


def upload_form(key: UploadKey, size: int, lifetime_s: int) -> UploadForm:
    """A form that takes exactly this object, of at most ``size`` bytes, for ``lifetime_s`` seconds."""
    form = _s3().generate_presigned_post(
        settings().upload_bucket,
        str(key),
        Conditions=[["content-length-range", 0, size]],
        ExpiresIn=lifetime_s,
    )
    return UploadForm(form["url"], form["fields"])


def read(bucket: str, key: UploadKey) -> bytes:
    """An object's bytes.

    Raises:
        FileNotFoundError: it is not there.
    """
    client = _s3()
    try:
        content: bytes = client.get_object(Bucket=bucket, Key=str(key))["Body"].read()
    except client.exceptions.NoSuchKey as error:
        raise FileNotFoundError from error
    return content


def erase(bucket: str, key: UploadKey) -> None:
    """Erase an object; one that is not there is as good as erased."""
    _s3().delete_object(Bucket=bucket, Key=str(key))


@cache
def _s3() -> Any:
    import boto3  # noqa: PLC0415 (155 ms that most requests need not pay)
    from botocore.config import Config  # noqa: PLC0415

    emulator = settings().aws_emulator_url
    # The emulator takes any key; it must never be given the developer's own.
    credentials = {"aws_access_key_id": "local", "aws_secret_access_key": "local"} if emulator else {}
    return boto3.client(
        "s3",
        region_name=settings().aws_region,
        endpoint_url=emulator,
        config=Config(s3={"addressing_style": "path" if emulator else "virtual"}, signature_version="s3v4"),
        **credentials,
    )
