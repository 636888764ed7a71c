"""Match an export to a room's stored messages, and map its participant names to the room's.

Display names depend on the phone that exported the chat: each phone uses its own address book, and some apps call the
phone's owner 회원님. Therefore an export is matched by its messages, and its names become those of the room. The match
also corrects the times of an export that was read in another time zone, or pasted without dates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta, timezone
from typing import NamedTuple

from chalicelib.analysis.tally import minute_of
from chalicelib.domain import Chat, Kind, Message, Room

# A match needs this many pairs of equal texts with the same time difference. Fewer may be a coincidence.
_MIN_PAIRS_SAME_MINUTE = 2
_MIN_PAIRS_SHIFTED = 3
# In characters. Shorter texts are too common to pair.
_MIN_TEXT_LENGTH = 2
# In minutes. Time zones differ by multiples of a quarter of an hour.
_QUARTER_HOUR = 15
_ONE_TO_ONE = 2
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ExportMatch:
    """The mapping of an export's names to the room's names, and of its times to the room's times."""

    names: Mapping[str, str] = field(default_factory=dict)
    shift: timedelta = timedelta()

    @property
    def renames(self) -> dict[str, str]:
        """Return the names that change."""
        return {name: room_name for name, room_name in self.names.items() if name != room_name}


class _Pair(NamedTuple):
    """A message of the room and a message of the export with the same text."""

    room: Message
    export: Message

    @property
    def shift(self) -> int:
        """Return the minutes from the export's time to the room's time."""
        return minute_of(self.room) - minute_of(self.export)


def match_export(room: Room, room_names: Sequence[str], stored: Iterable[Message], chat: Chat) -> ExportMatch:
    """Match ``chat`` to a room with the senders ``room_names`` and the stored messages ``stored``.

    Without enough pairs of equal texts, times stay unchanged, and only the app's word for the exporter may be mapped.
    """
    names = list(dict.fromkeys(message.sender for message in chat.messages if message.sender is not None))
    pairs = _pairs(stored, chat.messages)
    shifts = Counter(pair.shift for pair in pairs)
    shift, count = max(shifts.items(), key=lambda item: (item[1], item[0] == 0), default=(0, 0))
    if count < (_MIN_PAIRS_SHIFTED if shift else _MIN_PAIRS_SAME_MINUTE) or shift % _QUARTER_HOUR:
        return ExportMatch(_match_own_name(room, room_names, names, chat))
    senders = Counter((pair.export.sender, pair.room.sender) for pair in pairs if pair.shift == shift)
    return ExportMatch(_match_names(senders, names, room_names), timedelta(minutes=shift))


def apply_match(chat: Chat, match: ExportMatch) -> Chat:
    """Return the chat with the room's names and times.

    If a name changes, ``my_name`` becomes None: the chat may have been exported by another participant's phone.
    """
    renames, shift = match.renames, match.shift
    if not renames and not shift:
        return chat
    whole_days = _DAY * round(shift / _DAY)
    messages = [
        message.with_fields(sender=renames.get(message.sender, message.sender) if message.sender else None)
        for message in chat.messages
    ]
    for message in messages:
        _shift_time(message, whole_days, shift - whole_days)
    warnings = [*chat.warnings]
    if renames:
        pairs = ", ".join(f"{name} → {room_name}" for name, room_name in renames.items())
        warnings.append(f"이 방의 대화와 같아서, 이름을 이 방의 이름으로 맞췄어요: {pairs}")
    if shift:
        warnings.append("이 방의 대화와 같아서, 시각을 이 방의 시각으로 맞췄어요.")
    partner = chat.partner_name
    return replace(
        chat,
        messages=messages,
        my_name=None if renames else chat.my_name,
        partner_name=renames.get(partner, partner) if partner else None,
        warnings=warnings,
    )


def assign_roles(room: Room, chat: Chat, names: Sequence[str], my_name: str | None) -> Room:
    """Return the room with the names of the user and the partner, as far as they are known.

    Args:
        room: The room, with the names that earlier imports or the user set.
        chat: The imported chat, with the names that the file states.
        names: The senders of the room's messages.
        my_name: The user's name according to the request.
    """
    me = _first_of((my_name, room.my_name, chat.my_name), names)
    partner = _first_of((room.partner_name, chat.partner_name), [name for name in names if name != me])
    if len(names) == 1 and chat.partner_name not in names:
        # The partner has not written yet.
        partner = chat.partner_name or room.partner_name
    if len(names) == _ONE_TO_ONE:
        partner = partner or _other(names, me)
        me = me or _other(names, partner)
    return replace(
        room,
        my_name=me or room.my_name,
        # A group has no partner unless the user names one.
        partner_name=partner if len(names) > _ONE_TO_ONE else partner or room.partner_name,
        name=room.name or partner,
    )


def _pairs(stored: Iterable[Message], messages: Iterable[Message]) -> list[_Pair]:
    """Pair the messages whose text occurs exactly once in the room and exactly once in the export."""
    room, export = _by_unique_text(stored), _by_unique_text(messages)
    return [_Pair(message, export[text]) for text, message in room.items() if text in export]


def _by_unique_text(messages: Iterable[Message]) -> dict[str, Message]:
    by_text: dict[str, Message] = {}
    repeated_texts = set()
    for message in messages:
        if message.kind is Kind.TEXT:
            if message.text in by_text:
                repeated_texts.add(message.text)
            by_text[message.text] = message
    return {
        text: message
        for text, message in by_text.items()
        if text not in repeated_texts and len(text) >= _MIN_TEXT_LENGTH
    }


def _match_names(
    senders: Counter[tuple[str | None, str | None]], names: Sequence[str], room_names: Sequence[str]
) -> dict[str, str]:
    """Map each name of the export to the room's name of the same person, most frequent pairs first."""
    mapping: dict[str, str] = {}
    for (name, room_name), _ in senders.most_common():
        is_new = name not in mapping and room_name not in mapping.values()
        if name is not None and room_name is not None and is_new:
            mapping[name] = room_name
    names_left = [name for name in names if name not in mapping]
    room_names_left = [name for name in room_names if name not in mapping.values()]
    if len(names_left) == 1 and len(room_names_left) == 1 and len(room_names) == _ONE_TO_ONE:
        mapping[names_left[0]] = room_names_left[0]
    return mapping


def _match_own_name(room: Room, room_names: Sequence[str], names: Sequence[str], chat: Chat) -> dict[str, str]:
    """Map the app's word for the exporter (회원님, You) to a name of the room, in a chat of two.

    The exporter is the user, unless the export contains the user's name: then the exporter is the partner.
    """
    own = chat.my_name
    if own is None or own in room_names or room.my_name is None or len(names) > _ONE_TO_ONE:
        return {}
    if room.my_name in names:
        return {own: room.partner_name} if room.partner_name else {}
    return {own: room.my_name} if room.my_name in room_names else {}


def _shift_time(message: Message, days: timedelta, rest: timedelta) -> None:
    """Shift a message by whole days, and by the rest through its UTC offset, which leaves the clock unchanged."""
    if rest and (offset := message.sent_at.utcoffset()) is not None:
        message.sent_at = message.sent_at.replace(tzinfo=timezone(offset - rest))
    message.sent_at += days


def _first_of(candidates: tuple[str | None, ...], names: Sequence[str]) -> str | None:
    return next((name for name in candidates if name in names), None)


def _other(names: Sequence[str], name: str | None) -> str | None:
    return next((other for other in names if other != name), None) if name else None
