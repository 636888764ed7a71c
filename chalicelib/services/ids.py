"""Ids of rows. They spread evenly over the key space and cannot be guessed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count

# The ids of the current request, in order. Set only for a request with an Idempotency-Key.
_request_ids: ContextVar[Iterator[str] | None] = ContextVar("request_ids", default=None)


def idempotent_id() -> str:
    """Return a new id. Within ``deterministic_ids``, all attempts of a request get the same sequence of ids.

    If the outcome of an attempt is unknown, the next attempt writes the same rows and duplicates nothing.
    """
    request_ids = _request_ids.get()
    return random_id() if request_ids is None else next(request_ids)


def random_id() -> str:
    """Return an id that differs in every attempt of a request."""
    return str(uuid.uuid4())


@contextmanager
def deterministic_ids(request: str) -> Iterator[None]:
    """Derive the results of ``idempotent_id`` from ``request``, which identifies the request."""
    ids = (str(uuid.uuid5(uuid.NAMESPACE_OID, f"{request} {number}")) for number in count())
    token = _request_ids.set(ids)
    try:
        yield
    finally:
        _request_ids.reset(token)
