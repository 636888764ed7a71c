"""Masks the texts of one room, and puts names back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from chalicelib.masking import identifiers, pseudonyms, third_parties
from chalicelib.masking.participants import Participants
from chalicelib.masking.pseudonyms import Pseudonyms
from chalicelib.masking.spans import replace_spans

# How a name that is left out is written in Korean.
NOBODY = "○○"


class Masker:
    """What personal data of one room is replaced by.

    Participants' names, and other people's as far as they are found, become pseudonyms: the same for the same name
    whenever a masker of this room is made. Numbers, addresses and ids become the token of their kind, ``[전화번호]``.

    Args:
        room: The room's id; another room has other pseudonyms.
        names: What the participants are called, display names and nicknames.
    """

    def __init__(self, room: str, names: Iterable[str]) -> None:
        self._pseudonyms = Pseudonyms(room)
        self._participants = Participants(names, self._pseudonyms)

    def mask(self, text: str) -> str:
        """The text without personal data. Masking it again changes nothing."""
        text = identifiers.mask(text)
        # Who talks here is known; others are guessed in what these leave.
        text = replace_spans(text, self._participants.found(text))
        return replace_spans(text, third_parties.find_spans(text, self._pseudonyms))

    def unmask(self, text: str) -> str:
        """The text with names put back: participants' always, other people's where this masker masked them.

        A name that was masked in another case or form comes back as the participant is called. Nothing else is
        put back.
        """
        return self._pseudonyms.restored(text)

    def unmask_for_display(self, text: str) -> str:
        """A text that was kept masked, as somebody may read it: other people, whom nobody knows any more, are ○○."""
        return pseudonyms.pattern().sub(NOBODY, self.unmask(text))


def find_masked_parts(text: str) -> list[str]:
    """The pseudonyms and tokens in a text, of any room: an unmasked answer that has some cannot be sent."""
    return [match.group() for match in _left_over().finditer(text)]


@cache
def _left_over() -> re.Pattern[str]:
    tokens = sorted({*identifiers.tokens(), pseudonyms.TOO_MANY})
    return re.compile("|".join([pseudonyms.pattern().pattern, *map(re.escape, tokens)]))
