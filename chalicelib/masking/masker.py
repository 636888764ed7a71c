"""Masking of the texts of one room, and the restoration of names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from chalicelib.masking import identifiers, pseudonyms, third_parties
from chalicelib.masking.participants import Participants
from chalicelib.masking.pseudonyms import Pseudonyms
from chalicelib.masking.spans import replace_spans

# The Korean convention for an omitted name.
_OMITTED_NAME = "○○"


class Masker:
    """Replaces the personal data in the texts of one room.

    The names of participants become pseudonyms, and so do the names of third parties if they are recognised. All
    maskers of one room give a name the same pseudonym. Phone numbers, addresses and other identifiers become the token
    of their kind, such as ``[전화번호]``.

    Args:
        room: The room's id. The pseudonym of a name depends on it.
        names: The display names and nicknames of the participants.
    """

    def __init__(self, room: str, names: Iterable[str]) -> None:
        self._pseudonyms = Pseudonyms(room)
        self._participants = Participants(names, self._pseudonyms)

    def mask(self, text: str) -> str:
        """Return the text without personal data. Masking is idempotent."""
        text = identifiers.mask(text)
        # Participants first: their names are certain. Third parties are guessed in the rest of the text.
        text = replace_spans(text, self._participants.find_spans(text))
        return replace_spans(text, third_parties.find_spans(text, self._pseudonyms))

    def unmask(self, text: str) -> str:
        """Restore the names of participants, and of third parties that this masker has masked.

        A name in another case or form is restored as in the display name. Tokens of identifiers are never restored.
        """
        return self._pseudonyms.restore(text)

    def unmask_for_display(self, text: str) -> str:
        """Restore the names in a stored text. Third parties, whose names are not stored, become ○○."""
        return pseudonyms.PATTERN.sub(_OMITTED_NAME, self.unmask(text))


def find_masked_parts(text: str) -> list[str]:
    """Return the pseudonyms and tokens of any room in a text. A restored answer that contains any is unusable."""
    return [match.group() for match in _masked_part_pattern().finditer(text)]


@cache
def _masked_part_pattern() -> re.Pattern[str]:
    tokens = sorted({*identifiers.TOKENS, pseudonyms.NAME_TOKEN})
    return re.compile("|".join([pseudonyms.PATTERN.pattern, *map(re.escape, tokens)]))
