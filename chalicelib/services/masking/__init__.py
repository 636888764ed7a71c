"""What names a person or belongs to one, taken out of a text before anybody else reads it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.services.masking.masker import Masker


def masker_of(room: str, names: Iterable[str]) -> Masker:
    """What masks the texts of a room, loaded when it is first needed: most requests mask nothing."""
    from chalicelib.services.masking.masker import Masker  # noqa: PLC0415

    return Masker(room, names)
