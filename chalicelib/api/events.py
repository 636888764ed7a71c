"""What AWS calls us with, beside HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from chalicelib.services import files


def now() -> datetime:
    """The time an event is handled at."""
    return datetime.now(UTC)


def objects_created(event: Mapping[str, Any]) -> None:
    """Import every object an S3 event names; its keys are URL-encoded, with ``+`` for a space."""
    for record in event.get("Records", []):
        stored = record["s3"]
        files.import_uploaded(stored["bucket"]["name"], unquote_plus(stored["object"]["key"]), now())
