"""The upload bucket: forms for uploading files, and the uploaded files."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chalicelib.aws import clients
from chalicelib.aws.errors import aws_errors_as_unavailable
from chalicelib.settings import settings

_PREFIX = "uploads/"
_KEY = re.compile(rf"{_PREFIX}(?P<user_id>[^/]+)/(?P<file_id>[^/]+)")


@dataclass(frozen=True, slots=True)
class UploadForm:
    """The URL and the fields of a form that uploads a file."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class UploadKey:
    """The key of a user's file in the bucket."""

    user_id: str
    file_id: str

    def __str__(self) -> str:
        """Return the object's key."""
        return f"{_PREFIX}{self.user_id}/{self.file_id}"

    @classmethod
    def parse(cls, key: str) -> UploadKey | None:
        """Return the parts of an object's key, None if the object is not an upload."""
        match = _KEY.fullmatch(key)
        return cls(match["user_id"], match["file_id"]) if match else None


def upload_form(key: UploadKey, size: int, lifetime_s: int) -> UploadForm:
    """Return a form that accepts only this object, of at most ``size`` bytes, for ``lifetime_s`` seconds."""
    form = clients.s3().generate_presigned_post(
        settings().upload_bucket,
        str(key),
        Conditions=[["content-length-range", 0, size]],
        ExpiresIn=lifetime_s,
    )
    return UploadForm(form["url"], form["fields"])


def read(bucket: str, key: UploadKey) -> bytes:
    """Return an object's bytes.

    Raises:
        FileNotFoundError: There is no such object.
        Unavailable: The bucket refused or did not respond.
    """
    client = clients.s3()
    with aws_errors_as_unavailable():
        try:
            return client.get_object(Bucket=bucket, Key=str(key))["Body"].read()
        except client.exceptions.NoSuchKey as error:
            raise FileNotFoundError from error


def erase(bucket: str, key: UploadKey) -> None:
    """Erase an object. Do nothing if there is no such object.

    Raises:
        Unavailable: The bucket refused or did not respond.
    """
    with aws_errors_as_unavailable():
        clients.s3().delete_object(Bucket=bucket, Key=str(key))


def erase_all(bucket: str, user_id: str) -> int:
    """Erase every upload of a user. Return the number of objects erased.

    Raises:
        Unavailable: The bucket refused or did not respond.
    """
    client, count = clients.s3(), 0
    with aws_errors_as_unavailable():
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{_PREFIX}{user_id}/"):
            keys = [stored["Key"] for stored in page.get("Contents", [])]
            if keys:
                client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
            count += len(keys)
    return count
