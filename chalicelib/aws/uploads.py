"""The upload bucket: forms to put files in, and the files."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.aws import clients
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
    form = clients.client("s3").generate_presigned_post(
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
        Unavailable: the bucket does not answer.
    """
    client = clients.client("s3")
    with clients.answering():
        try:
            content: bytes = client.get_object(Bucket=bucket, Key=str(key))["Body"].read()
        except client.exceptions.NoSuchKey as error:
            raise FileNotFoundError from error
    return content


def erase(bucket: str, key: UploadKey) -> None:
    """Erase an object; one that is not there is as good as erased.

    Raises:
        Unavailable: the bucket does not answer.
    """
    with clients.answering():
        clients.client("s3").delete_object(Bucket=bucket, Key=str(key))


def erase_all(bucket: str, user_id: str) -> int:
    """Erase every upload of a user and return how many there were.

    Raises:
        Unavailable: the bucket does not answer.
    """
    client, count = clients.client("s3"), 0
    with clients.answering():
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{PREFIX}{user_id}/"):
            keys = [{"Key": found["Key"]} for found in page.get("Contents", [])]
            if keys:
                client.delete_objects(Bucket=bucket, Delete={"Objects": keys})
            count += len(keys)
    return count
