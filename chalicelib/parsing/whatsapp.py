"""WhatsApp's text exports from Android, iOS and WhatsApp Web, in every language.

Android writes ``DATE, TIME - name: message``, iOS and WhatsApp Web ``[DATE, TIME] name: message``, and iOS until 2018
``DATE, TIME: name: message``. Dates and times are in the style of the device's language, so the order of day, month
and year is detected from the whole file. On iOS, an invisible mark (U+200E) precedes the texts that WhatsApp itself
writes.

WhatsApp sends a photo or file and its caption as one message. The message's text contains the name of the attachment
and the caption.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from chalicelib.domain import MAX_NAME_LENGTH, Chat, Kind, Message
from chalicelib.parsing.export import Export
from chalicelib.parsing.grammar_reader import NEVER_MATCHES, Grammar
from chalicelib.parsing.placeholders import Classification, Vocabulary
from chalicelib.parsing.separator_names import restore_names
from chalicelib.parsing.timestamps import parse_date

_VOCABULARY = Vocabulary("whatsapp")
# WhatsApp Web writes this instead of the exporting user's name.
_OWN_NAMES = frozenset(("You",))
# Placeholders of a deleted message that only its sender sees.
_DELETED_BY_EXPORTER = frozenset(
    ("You deleted this message", "삭제한 메시지입니다", "이 메시지를 삭제했습니다", "このメッセージを削除しました")
)

# Invisible marks for the writing direction. They precede lines, names and the texts that WhatsApp itself writes.
_DIRECTION_MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_LEFT_TO_RIGHT_MARK = "\u200e"
_SEPARATOR = ": "
_SPACE = "[ \u00a0\u202f\u2009]"
# In these patterns, an empty alternative ``(?:…|)`` is many times faster than an optional group ``(?:…)?``.
_MONTH, _DAY = "(?:0[1-9]|1[0-2]?|[2-9])", r"(?:0[1-9]|[12]\d?|3[01]?|[4-9])"
# The orders of day, month and year, in the words of the warning.
_ORDER_NAMES = {"dmy": "일-월-연", "mdy": "월-일-연", "ymd": "연-월-일"}
# Korean dates begin with a year of two digits and have no comma.
_DATES = {
    "dmy": rf"{_DAY}[./-] ?{_MONTH}[./-] ?(?:\d{{4}}|\d{{2}})\.?,?",
    "mdy": rf"{_MONTH}[./-] ?{_DAY}[./-] ?(?:\d{{4}}|\d{{2}})\.?,?",
    "ymd": rf"(?:\d{{4}}[./-] ?{_MONTH}[./-] ?{_DAY}\.?,?|\d{{2}}[./-] ?{_MONTH}[./-] ?{_DAY}\.?)",
}
_DATE_PATTERNS = {order: re.compile(pattern) for order, pattern in _DATES.items()}
_TIME = (
    r"(?P<time>(?:(?:오전|오후|午前|午後|上午|下午|AM|PM) ?|)"
    rf"\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}}|)(?:{_SPACE}?[AaPp]\.?{_SPACE}?[Mm]\.?|))"
)
_NAME = rf"(?:(?P<name>[^\n]{{1,{MAX_NAME_LENGTH}}}?):(?: |(?![^\r\n]))|)"
# Logs of programs look similar to these exports.
_NOT_A_LOG_LEVEL = r"(?!(?:\w{1,40}+\.|)(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|ALERT|EMERGENCY):)"
_NOT_A_LOG_TIMESTAMP = r"(?!\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"
_HAS_SECONDS = r"(?=[^\s]{6,11} \d{1,2}:\d\d:\d\d)"

# WhatsApp writes a tilde before the name of a person outside the address book.
_UNSAVED_CONTACT_PREFIX = re.compile(rf"~(?:{_SPACE}|[{_DIRECTION_MARKS}])+")
# Android and WhatsApp Web write the name of an attachment before the words for it. A caption may follow.
_NAMED_ATTACHMENT = re.compile(
    r"(?P<file>[^\n]{1,255}?\.\w{1,8}) \((?:file attached|파일 첨부됨|添付ファイル有り|添付ファイル|附件檔案|文件附件|"
    r"archivo adjunto|arquivo anexado|ficheiro anexado|Datei angehängt|fichier joint|file allegato|bestand bijgevoegd|"
    r"файл добавлен|file terlampir|dosya ekli|tệp đính kèm|ไฟล์ที่แนบ)\)(?:[ \n]|\Z)"
)
# WhatsApp appends this to an edited message.
_EDITED_SUFFIX = re.compile(
    rf" ?(?:{_LEFT_TO_RIGHT_MARK}<[^<>\n]{{1,80}}>|<This message was edited>)[{_DIRECTION_MARKS}]?\Z"
)
# In characters. Most messages are shorter, and are not searched for notices.
_MIN_NOTICE_LENGTH = 20
# WhatsApp Web writes these notices without a time.
_HEADERS = re.compile(
    r"Messages and calls are end-to-end encrypted\.[^\n]{0,300}|Some earlier messages may not be available\."
)

# Accessing an enum member costs more than most of the checks made for a message.
_DELETED = Kind.DELETED
_PLAIN_TEXT = Classification(Kind.TEXT)
_ONE_DAY = timedelta(days=1)
# If the dates of a file are in more years, the order is probably wrong: the "years" are days.
_MAX_PLAUSIBLE_YEARS = 2
_UNCERTAIN_ORDER_WARNING = "파일만으로는 날짜의 월과 일을 구별할 수 없어서, {order} 순서로 읽었어요."


class DateOrder(NamedTuple):
    """The order of day, month and year in a file, and whether the file itself proves it."""

    order: str
    is_certain: bool


@dataclass(frozen=True, eq=False)
class _WhatsAppFormat:
    """The exports of one platform, with a grammar for each order of day, month and year. Implements ``Format``."""

    name: str
    grammars: dict[str, Grammar]
    # Matches consecutive lines that begin with the same date, in any order.
    same_date_lines: re.Pattern[str]

    def claims(self, export: Export) -> set[int]:
        """Claim the sampled records that begin a message in any order of dates."""
        return set().union(*(grammar.claims(export) for grammar in self.grammars.values()))

    def read(self, export: Export) -> Chat:
        """Read an export in the order of dates that fits the whole file.

        Raises:
            UnreadableFile: A date or time does not exist; ``line`` is its line.
        """
        today = export.now.astimezone(export.zone).date()
        order, is_certain = detect_date_order(self._dates(export), self._conventional_order(export), today)
        chat = self.grammars[order].read(export)
        if not is_certain:
            chat.warnings.append(_UNCERTAIN_ORDER_WARNING.format(order=_ORDER_NAMES[order]))
        _clean_and_classify(chat)
        return chat

    def _dates(self, export: Export) -> list[str]:
        """Return the dates of the lines as text, without consecutive repetitions."""
        text = export.text.replace("\r", "\n") if export.record_end == "\r" else export.text
        return [date_ for date_, _ in groupby(m["date"] for m in self.same_date_lines.finditer("\n" + text))]

    def _conventional_order(self, export: Export) -> str:
        """Return the order of dates in the device's language."""
        all_matches = (g.message.match(record) for record in export.sample for g in self.grammars.values())
        matches = [match for match in all_matches if match is not None]
        if any(match["name"] is None and "니다" in match.string for match in matches):
            return "ymd"  # a notice in Korean
        if not all(match["time"][0].isdigit() for match in matches):
            return "ymd"  # 오후 9:01, 午後9:01
        has_am_pm = any(match["time"].rstrip(".")[-1].isalpha() and "/" in match["date"] for match in matches)
        return "mdy" if has_am_pm else "dmy"


def detect_date_order(dates: list[str], conventional_order: str, today: date) -> DateOrder:
    """Detect the order of day, month and year.

    In the right order, all dates exist, no date is in the future or before the previous one, and the dates are in few
    years. If several orders fit equally, the conventional order is chosen. The conventional order ``ymd`` outweighs the
    number of years, because words in the file prove that its language is Korean, Japanese or Chinese.
    """
    orders = dict.fromkeys((conventional_order, *_ORDER_NAMES))
    days = {order: [_parse_in_order(text, order) for text in dates] for order in orders}
    penalties = {
        order: (
            *_contradictions(parsed, today + _ONE_DAY),
            conventional_order == "ymd" and order != "ymd",
            _excess_years(parsed),
        )
        for order, parsed in days.items()
    }
    best = min(penalties, key=lambda order: penalties[order])
    is_certain = all(days[order] == days[best] for order in orders if penalties[order] == penalties[best])
    return DateOrder(best, is_certain)


def _parse_in_order(text: str, order: str) -> date | None:
    try:
        return parse_date(text, order) if _DATE_PATTERNS[order].fullmatch(text) else None
    except ValueError:
        return None


def _contradictions(days: list[date | None], latest: date) -> tuple[int, int]:
    """Return the number of impossible days, and how often a day is before the previous one."""
    possible = [day for day in days if day is not None and day <= latest]
    return len(days) - len(possible), sum(day < previous for previous, day in pairwise(possible))


def _excess_years(days: list[date | None]) -> int:
    return max(0, len({day.year for day in days if day is not None}) - _MAX_PLAUSIBLE_YEARS)


def _clean_and_classify(chat: Chat) -> None:
    """Clean names and texts, and recognise notices and attachments, in place."""
    messages = chat.messages
    _clean_names(messages)
    _mark_notices_with_colons(messages)
    restore_names(messages, _SEPARATOR, None, _VOCABULARY)
    for message in messages:
        if message.sender is None:
            message.text = message.text.strip(_DIRECTION_MARKS)
    for message in _candidates(messages):
        _classify(message)
    chat.recount_notices()
    deleting_senders = (
        m.sender for m in messages if m.kind is _DELETED and m.text.rstrip(".。") in _DELETED_BY_EXPORTER
    )
    chat.my_name = chat.my_name or next(deleting_senders, None)


def _clean_names(messages: list[Message]) -> None:
    names = {name: _clean_name(name) for name in {message.sender for message in messages} if name is not None}
    if any(name != clean_name for name, clean_name in names.items()):
        for message in messages:
            if message.sender is not None:
                message.sender = names[message.sender]


def _clean_name(name: str) -> str:
    """Remove direction marks and the prefix of unsaved contacts."""
    stripped = name.strip(_DIRECTION_MARKS)
    if prefix := _UNSAVED_CONTACT_PREFIX.match(stripped):
        stripped = stripped[prefix.end() :]
    return stripped.strip(_DIRECTION_MARKS) or name


def _mark_notices_with_colons(messages: list[Message]) -> None:
    """Correct notices that were read as messages because they contain a colon.

    Every such notice contains a quotation or a link, before or after the colon.
    """
    senders = {message.sender for message in messages}
    quoting_senders = {name for name in senders if name and ('"' in name or "“" in name or "link" in name)}
    for message in [
        m for m in messages if '"' in (text := m.text) or "“" in text or "link" in text or m.sender in quoting_senders
    ]:
        line = f"{message.sender}{_SEPARATOR}{message.text}"
        if message.sender is not None and _VOCABULARY.is_notice(line):
            _make_notice(message, line)


def _candidates(messages: list[Message]) -> list[Message]:
    """Return the messages that may be a notice, or may have an attachment or a suffix. Most messages are excluded."""
    may_be_notice = _VOCABULARY.notice_signs.search
    return [
        m
        for m in messages
        if (text := m.text)[-1:] == ">"
        or _LEFT_TO_RIGHT_MARK in text
        or " (" in text
        or (len(text) >= _MIN_NOTICE_LENGTH and may_be_notice(text))
    ]


def _classify(message: Message) -> None:
    """Recognise a notice or an attachment, and clean the text, in place."""
    if message.sender is None:
        return
    text = message.text
    has_mark = _LEFT_TO_RIGHT_MARK in text
    unmarked = text.replace(_LEFT_TO_RIGHT_MARK, "").strip(_DIRECTION_MARKS + " ") if has_mark else text
    if _VOCABULARY.is_notice(unmarked):
        _make_notice(message, unmarked)
        return
    if not has_mark and not text.endswith(">") and " (" not in text:
        return
    classifications = map(_VOCABULARY.classification_of, _possible_placeholders(text, unmarked))
    classification = next((c for c in classifications if c.kind is not Kind.TEXT), _PLAIN_TEXT)
    message.kind, message.count = classification.kind, classification.count
    if message.kind is not Kind.TEXT:
        message.text = unmarked
    elif text.lstrip(" ").startswith(_LEFT_TO_RIGHT_MARK):
        _make_notice(message, unmarked)
    else:
        message.text = _EDITED_SUFFIX.sub("", text).strip(_DIRECTION_MARKS)


def _possible_placeholders(text: str, unmarked: str) -> Iterator[str]:
    """Yield the parts of a message that WhatsApp may have written, and that would show the kind of the message.

    They are the text after the last mark, the whole message, the text in angle brackets at its end, and the name of
    an attachment at its beginning.
    """
    yield text.rpartition(_LEFT_TO_RIGHT_MARK)[2].strip(_DIRECTION_MARKS)
    yield unmarked
    if unmarked.endswith(">"):
        yield unmarked[unmarked.rfind("<") :]
    if attachment := _NAMED_ATTACHMENT.match(unmarked):
        yield f"<attached: {attachment['file']}>"


def _make_notice(message: Message, text: str) -> None:
    """Turn a message into a notice with this text, in place."""
    message.sender, message.kind, message.count, message.text = None, Kind.SYSTEM, 1, text


def _format(name: str, before: str, after: str) -> _WhatsAppFormat:
    """Return the format with these patterns before the date and after the time of a message."""
    before, after = f"[{_DIRECTION_MARKS}]{{0,4}}{before}", f"{_SPACE}{_TIME}{after}"
    grammars = {
        order: Grammar(
            name=name,
            vocabulary=_VOCABULARY,
            message=re.compile(f"{before}(?P<date>{pattern}){after}"),
            day=NEVER_MATCHES,
            headers=_HEADERS,
            own_names=_OWN_NAMES,
            order=order,
        )
        for order, pattern in _DATES.items()
    }
    any_date = "|".join(_DATES.values())
    # Skips further lines with the same date. Possessive, so that it never backtracks.
    same_date = r"(?:\n(?P=begin)[^\n]*)*+"
    line = rf"\n(?P<begin>{before}(?P<date>{any_date})){after}[^\n]*"
    return _WhatsAppFormat(name, grammars, re.compile(line + same_date))


FORMATS = (
    _format("whatsapp_android", _NOT_A_LOG_TIMESTAMP, f"{_SPACE}-{_SPACE}{_NOT_A_LOG_LEVEL}{_NAME}"),
    # WhatsApp Web writes a hyphen before notices.
    _format("whatsapp_ios", r"\[", rf"\]{_SPACE}(?:-{_SPACE}|{_NOT_A_LOG_LEVEL}{_NAME})"),
    # iOS until 2018, without brackets.
    _format("whatsapp_ios", _NOT_A_LOG_TIMESTAMP + _HAS_SECONDS, rf":{_SPACE}{_NOT_A_LOG_LEVEL}{_NAME}"),
)
