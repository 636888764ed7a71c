"""Asking the parts behind whether they answer."""

from __future__ import annotations

from chalicelib.repositories import aws
from chalicelib.repositories.database import database
from chalicelib.settings import settings


def ask_database() -> None:
    """Ask for one row.

    Raises:
        Unavailable: the database cannot be reached.
    """
    database().job(lambda tx: tx.row("SELECT 1 AS one"))


def ask_bucket() -> None:
    """Ask for the upload bucket.

    Raises:
        botocore.exceptions.ClientError: it is not there, or not ours.
    """
    aws.client("s3").head_bucket(Bucket=settings().upload_bucket)
