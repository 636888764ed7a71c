"""Ids of things: random, so that keys spread and nothing can be guessed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count

# Ids of a request with an Idempotency-Key, each the next.
_of_request: ContextVar[Iterator[str] | None] = ContextVar("ids_of_request", default=None)


def idempotent_id() -> str:
    """The id of something new.

    Within ``ids_of`` the same in every try of the same request: when nobody knows whether the first try was
    written, the second writes the same rows, and so none twice.
    """
    of_request = _of_request.get()
    return random_id() if of_request is None else next(of_request)


def random_id() -> str:
    """An id that no other try has."""
    return str(uuid.uuid4())


@contextmanager
def deterministic_ids(request: str) -> Iterator[None]:
    """Make the ids of a request follow from what names it."""
    ids = (str(uuid.uuid5(uuid.NAMESPACE_OID, f"{request} {number}")) for number in count())
    token = _of_request.set(ids)
    try:
        yield
    finally:
        _of_request.reset(token)
