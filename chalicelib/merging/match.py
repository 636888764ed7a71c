"""Is this export of the chat that the room holds, and who is who in it?

Display names are those of the phone that exported: each calls the other by its
address book, and some call their own user 회원님. So an export is recognised by
its messages, and its names become the room's. A copy that was read in another
time zone, or pasted without dates, is recognised the same way.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta, timezone

from chalicelib.analysis.tally import minute_of
from chalicelib.domain import Chat, Kind, Message, Room

# So many messages, each said once, at the same distance in time are no coincidence; fewer are
# needed at the same minute.
MIN_MATCHES_SAME_MINUTE = 2
MIN_MATCHES_SHIFTED = 3
# Zones differ by quarters of an hour.
QUARTER_HOUR = 15
MIN_TEXT_LENGTH = 2
ONE_TO_ONE = 2
DAY = timedelta(days=1)
# How often one of the export's names and one of the room's said the same.
Said = Counter[tuple[str | None, str | None]]


@dataclass(frozen=True, slots=True)
class ExportMatch:
    """How an export's names and times become the room's."""

    names: Mapping[str, str] = field(default_factory=dict)
    shift: timedelta = timedelta()

    @property
    def renamed(self) -> dict[str, str]:
        """The names that change."""
        return {name: known for name, known in self.names.items() if name != known}


def match_export(room: Room, known: Sequence[str], kept: Iterable[Message], chat: Chat) -> ExportMatch:
    """How ``chat`` fits a room in which ``known`` wrote and whose latest messages are ``kept``."""
    names = list(dict.fromkeys(message.sender for message in chat.messages if message.sender is not None))
    pairs = _pairs(kept, chat.messages)
    shifts = Counter(minute_of(mine) - minute_of(other) for mine, other in pairs)
    shift, votes = max(shifts.items(), key=lambda item: (item[1], item[0] == 0), default=(0, 0))
    if votes < (MIN_MATCHES_SHIFTED if shift else MIN_MATCHES_SAME_MINUTE) or shift % QUARTER_HOUR:
        return ExportMatch(_by_own_name(room, known, names, chat))
    said = Counter((other.sender, mine.sender) for mine, other in pairs if minute_of(mine) - minute_of(other) == shift)
    return ExportMatch(_matched(said, names, known), timedelta(minutes=shift))


def apply_match(chat: Chat, recognised: ExportMatch) -> Chat:
    """The chat in the room's names and times.

    What the file says of who exported it holds no longer where it names others.
    """
    renamed, shift = recognised.renamed, recognised.shift
    if not renamed and not shift:
        return chat
    whole_days = DAY * round(shift / DAY)
    messages = [
        message.changed(sender=renamed.get(message.sender, message.sender) if message.sender else None)
        for message in chat.messages
    ]
    for message in messages:
        _move(message, whole_days, shift - whole_days)
    warnings = [*chat.warnings]
    if renamed:
        pairs = ", ".join(f"{name} → {known}" for name, known in renamed.items())
        warnings.append(f"이 방의 대화와 같아서, 이름을 이 방의 이름으로 맞췄어요: {pairs}")
    if shift:
        warnings.append("이 방의 대화와 같아서, 시각을 이 방의 시각으로 맞췄어요.")
    partner = chat.partner_name
    return replace(
        chat,
        messages=messages,
        my_name=None if renamed else chat.my_name,
        partner_name=renamed.get(partner, partner) if partner else None,
        warnings=warnings,
    )


def _pairs(kept: Iterable[Message], messages: Iterable[Message]) -> list[tuple[Message, Message]]:
    """The room's and the export's message of each text that both hold just once."""
    mine, others = _said_once(kept), _said_once(messages)
    return [(message, others[text]) for text, message in mine.items() if text in others]


def _said_once(messages: Iterable[Message]) -> dict[str, Message]:
    once: dict[str, Message] = {}
    again = set()
    for message in messages:
        if message.kind is Kind.TEXT:
            if message.text in once:
                again.add(message.text)
            once[message.text] = message
    return {text: message for text, message in once.items() if text not in again and len(text) >= MIN_TEXT_LENGTH}


def _matched(
    said: Counter[tuple[str | None, str | None]], names: Sequence[str], known: Sequence[str]
) -> dict[str, str]:
    """Each of the export's names with the room's name of whom it means, the surest first."""
    matched: dict[str, str] = {}
    for (name, mine), _ in said.most_common():
        if name is not None and mine is not None and name not in matched and mine not in matched.values():
            matched[name] = mine
    rest, left = (
        [name for name in names if name not in matched],
        [name for name in known if name not in matched.values()],
    )
    if len(rest) == 1 and len(left) == 1 and len(known) == ONE_TO_ONE:
        matched[rest[0]] = left[0]
    return matched


def _by_own_name(room: Room, known: Sequence[str], names: Sequence[str], chat: Chat) -> dict[str, str]:
    """In a chat of two, whom 회원님 or You means, where another name of the export is one of the room's.

    Who exported is the user, unless the user is the other one in the export.
    """
    own = chat.my_name
    if own is None or own in known or room.my_name is None or len(names) > ONE_TO_ONE:
        return {}
    if room.my_name in names:
        return {own: room.partner_name} if room.partner_name else {}
    return {own: room.my_name} if room.my_name in known else {}


def _move(message: Message, days: timedelta, rest: timedelta) -> None:
    """Move a message in time: whole days on the clock, and what is left between zones."""
    if rest and (offset := message.sent_at.utcoffset()) is not None:
        message.sent_at = message.sent_at.replace(tzinfo=timezone(offset - rest))
    message.sent_at += days


# What apps name the files of a chat of two. Exports that have no header tell the partner here alone.
FILE_NAMES = re.compile(
    r"KakaoTalk_Chat_(?P<kakaotalk>.+)_\d{4}-\d{2}-\d{2}"
    r"|WhatsApp Chat (?:with|-) (?P<whatsapp>.+?)(?:\.txt|\.zip)?\Z"
    r"|\[LINE\] ?(?P<line>.+?)(?:님과의 대화|とのトーク)"
)


def partner_in_filename(filename: str) -> str | None:
    """The partner's name, where the name that an app gave the file tells it."""
    found = FILE_NAMES.match(unicodedata.normalize("NFC", filename))
    return found[found.lastgroup] if found and found.lastgroup else None


def assign_roles(room: Room, chat: Chat, names: Sequence[str], told: str | None) -> Room:
    """The room with who is who, as far as the request, the room's memory and the file tell.

    ``names`` are of those who wrote in the room; ``told`` is the user's as the request says.
    """
    me = _first_of((told, room.my_name, chat.my_name), names)
    partner = _first_of((room.partner_name, chat.partner_name), [name for name in names if name != me])
    if len(names) == 1 and chat.partner_name not in names:
        partner = chat.partner_name or room.partner_name  # who never wrote
    if len(names) == ONE_TO_ONE:
        partner = partner or _other(names, me)
        me = me or _other(names, partner)
    return replace(
        room,
        my_name=me or room.my_name,
        # In a group nobody is the partner until the user names one of them.
        partner_name=partner if len(names) > ONE_TO_ONE else partner or room.partner_name,
        name=room.name or partner,
    )


def _first_of(candidates: tuple[str | None, ...], names: Sequence[str]) -> str | None:
    return next((name for name in candidates if name in names), None)


def _other(names: Sequence[str], known: str | None) -> str | None:
    return next((name for name in names if name != known), None) if known else None
