"""Ids of things: random, so that keys spread and nothing can be guessed."""

from __future__ import annotations

import uuid


def new_id() -> str:
    """A random id."""
    return str(uuid.uuid4())
