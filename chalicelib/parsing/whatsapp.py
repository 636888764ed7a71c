"""WhatsApp's text exports: Android and iOS, in every language.

``DATE, TIME - name: message`` on Android, ``[DATE, TIME] name: message`` on iOS
and in WhatsApp Web, ``DATE, TIME: name: message`` on iOS until 2018. Dates and
clocks are those of the device's language, so the order of a date's numbers is
settled over the whole file. What WhatsApp itself writes on iOS follows an
invisible mark, in every language.

A caption stays in the text of its photo or file, behind the attachment's name:
WhatsApp sends both as one message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise

from chalicelib.domain import MAX_NAME_LENGTH, Chat, Kind, Message
from chalicelib.parsing.export import Export
from chalicelib.parsing.grammar_reader import NEVER_MATCHES, Grammar
from chalicelib.parsing.placeholders import Vocabulary
from chalicelib.parsing.separator_names import restore_names
from chalicelib.parsing.timestamps import parse_date

VOCABULARY = Vocabulary("whatsapp")
# WhatsApp Web calls the one who exports so.
_OWN_NAMES = frozenset(("You",))
# Whose message says so, exported.
_DELETED_BY_EXPORTER = frozenset(
    ("You deleted this message", "삭제한 메시지입니다", "이 메시지를 삭제했습니다", "このメッセージを削除しました")
)

# They steer the direction of writing, and stand before lines, names and what WhatsApp itself writes.
_DIRECTION_MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_LEFT_TO_RIGHT_MARK = "\u200e"
_SEPARATOR = ": "
_SPACE = "[ \u00a0\u202f\u2009]"
# Here and below, an empty alternative takes a fraction of the time of a group that need not be there.
_MONTH, _DAY = "(?:0[1-9]|1[0-2]?|[2-9])", r"(?:0[1-9]|[12]\d?|3[01]?|[4-9])"
_ORDER_NAMES = {"dmy": "일-월-연", "mdy": "월-일-연", "ymd": "연-월-일"}
# Where a year of two digits comes first, no comma follows: that is Korean.
_DATES = {
    "dmy": rf"{_DAY}[./-] ?{_MONTH}[./-] ?(?:\d{{4}}|\d{{2}})\.?,?",
    "mdy": rf"{_MONTH}[./-] ?{_DAY}[./-] ?(?:\d{{4}}|\d{{2}})\.?,?",
    "ymd": rf"(?:\d{{4}}[./-] ?{_MONTH}[./-] ?{_DAY}\.?,?|\d{{2}}[./-] ?{_MONTH}[./-] ?{_DAY}\.?)",
}
_DATE_PATTERNS = {order: re.compile(date) for order, date in _DATES.items()}
_TIME = (
    r"(?P<time>(?:(?:오전|오후|午前|午後|上午|下午|AM|PM) ?|)"
    rf"\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}}|)(?:{_SPACE}?[AaPp]\.?{_SPACE}?[Mm]\.?|))"
)
_NAME = rf"(?:(?P<name>[^\n]{{1,{MAX_NAME_LENGTH}}}?):(?: |(?![^\r\n]))|)"
# Programs log in the same forms.
_NOT_A_LOG_LEVEL = r"(?!(?:\w{1,40}+\.|)(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|ALERT|EMERGENCY):)"
_NOT_A_LOG_TIMESTAMP = r"(?!\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"
_HAS_SECONDS = r"(?=[^\s]{6,11} \d{1,2}:\d\d:\d\d)"

# A person who is in no address book comes after a tilde.
_UNSAVED_CONTACT_PREFIX = re.compile(rf"~(?:{_SPACE}|[{_DIRECTION_MARKS}])+")
# Android and Web name a file before the words for it; a caption may follow.
_NAMED_ATTACHMENT = re.compile(
    r"(?P<file>[^\n]{1,255}?\.\w{1,8}) \((?:file attached|파일 첨부됨|添付ファイル有り|添付ファイル|附件檔案|文件附件|"
    r"archivo adjunto|arquivo anexado|ficheiro anexado|Datei angehängt|fichier joint|file allegato|bestand bijgevoegd|"
    r"файл добавлен|file terlampir|dosya ekli|tệp đính kèm|ไฟล์ที่แนบ)\)(?:[ \n]|\Z)"
)
# What WhatsApp adds to a message that was edited.
_EDITED_SUFFIX = re.compile(
    rf" ?(?:{_LEFT_TO_RIGHT_MARK}<[^<>\n]{{1,80}}>|<This message was edited>)[{_DIRECTION_MARKS}]?\Z"
)
# Most messages are shorter than any notice.
_MIN_NOTICE_LENGTH = 20
# Web writes no time before these.
_HEADERS = re.compile(
    r"Messages and calls are end-to-end encrypted\.[^\n]{0,300}|Some earlier messages may not be available\."
)

# Looking a member up takes longer than what is asked of most messages.
_DELETED = Kind.DELETED
_ONE_DAY = timedelta(days=1)
_PLAUSIBLE_YEARS = 2
_UNCERTAIN_ORDER_WARNING = "날짜에서 어느 숫자가 월이고 일인지 파일만으로는 알 수 없어서, {order} 순서로 읽었어요."


@dataclass(frozen=True, eq=False)
class WhatsApp:
    """The exports of one platform: a grammar for each order that a date's numbers may have. It is a ``Format``."""

    name: str
    grammars: dict[str, Grammar]
    # Lines that begin with the same date; in any order of its numbers.
    same_day: re.Pattern[str]

    def claims(self, export: Export) -> set[int]:
        """Which sampled records are a message in any order of dates."""
        return set().union(*(grammar.claims(export) for grammar in self.grammars.values()))

    def read(self, export: Export) -> Chat:
        """Read an export in the order of dates that the whole of it speaks for.

        Raises:
            UnreadableFile: with the line of a date or time that does not exist.
        """
        dates = self._dates(export)
        today = export.now.astimezone(export.zone).date()
        order, certain = detect_date_order(dates, self._conventional_order(export), today)
        chat = self.grammars[order].read(export)
        if not certain:
            chat.warnings.append(_UNCERTAIN_ORDER_WARNING.format(order=_ORDER_NAMES[order]))
        return _finish(chat)

    def _dates(self, export: Export) -> list[str]:
        """The dates of the export as they are written, each once in a row."""
        text = export.text.replace("\r", "\n") if export.record_end == "\r" else export.text
        return [date_ for date_, _ in groupby(found["date"] for found in self.same_day.finditer("\n" + text))]

    def _conventional_order(self, export: Export) -> str:
        """The order that the language of the device is known for."""
        matches = (g.message.match(record) for record in export.sample for g in self.grammars.values())
        found = [match for match in matches if match is not None]
        notices = (match.string for match in found if match["name"] is None)
        if any("니다" in notice for notice in notices) or not all(match["time"][0].isdigit() for match in found):
            return "ymd"  # Korean, Japanese, Chinese
        halves = any(match["time"].rstrip(".")[-1].isalpha() and "/" in match["date"] for match in found)
        return "mdy" if halves else "dmy"


def detect_date_order(dates: list[str], conventional: str, today: date) -> tuple[str, bool]:
    """The order of the dates' numbers, and whether the file itself tells it.

    It is the one in which they are days up to today, which never go back, and of
    few years: what has many different years is a day in truth. Where that leaves
    a choice, it is the conventional one; Korean, Japanese and Chinese (``ymd``)
    are known from words in the file, so there the convention comes before years.
    """
    days = {
        order: [_parse_in_order(text, order) for text in dates]
        for order in dict.fromkeys((conventional, *_ORDER_NAMES))
    }
    weights = {
        order: (*_contradictions(read, today + _ONE_DAY), conventional == "ymd" != order, _excess_years(read))
        for order, read in days.items()
    }
    best = min(weights, key=lambda order: weights[order])
    return best, all(days[order] == days[best] for order in weights if weights[order] == weights[best])


def _parse_in_order(text: str, order: str) -> date | None:
    try:
        return parse_date(text, order) if _DATE_PATTERNS[order].fullmatch(text) else None
    except ValueError:
        return None


def _contradictions(days: list[date | None], latest: date) -> tuple[int, int]:
    possible = [day for day in days if day is not None and day <= latest]
    return len(days) - len(possible), sum(day < before for before, day in pairwise(possible))


def _excess_years(days: list[date | None]) -> int:
    return max(0, len({day.year for day in days if day is not None}) - _PLAUSIBLE_YEARS)


def _finish(chat: Chat) -> Chat:
    """The chat with notices told from messages, whole names, and without what only steers the writing."""
    names = {name: _clean_name(name) for name in {message.sender for message in chat.messages} if name is not None}
    if any(name != bare for name, bare in names.items()):
        for message in chat.messages:
            message.sender = names.get(message.sender or "")
    _mark_notices_with_colons(chat.messages)
    restore_names(chat.messages, _SEPARATOR, None, VOCABULARY)
    for message in chat.messages:
        if message.sender is None:
            message.text = message.text.strip(_DIRECTION_MARKS)
    may_be_notice = VOCABULARY.signs_of_notices.search
    for message in [
        m
        for m in chat.messages
        if (text := m.text)[-1:] == ">"
        or _LEFT_TO_RIGHT_MARK in text
        or " (" in text
        or (len(text) >= _MIN_NOTICE_LENGTH and may_be_notice(text))
    ]:
        _classify(message)
    chat.recount_notices()
    deleted = (
        message.sender for message in chat.messages if message.kind is _DELETED and _is_deleted_by_exporter(message)
    )
    chat.my_name = chat.my_name or next(deleted, None)
    return chat


def _mark_notices_with_colons(messages: list[Message]) -> None:
    """Make notices of what looks like a message by its colon. A quote or a link is in each, before it or after."""
    signed = {sender for sender in {message.sender for message in messages} if sender and _may_begin_notice(sender)}
    for message in [
        m for m in messages if '"' in (text := m.text) or "“" in text or "link" in text or m.sender in signed
    ]:
        line = f"{message.sender}{_SEPARATOR}{message.text}"
        if message.sender is not None and VOCABULARY.is_notice(line):
            _make_notice(message, line)


def _may_begin_notice(name: str) -> bool:
    return '"' in name or "“" in name or "link" in name


def _is_deleted_by_exporter(message: Message) -> bool:
    return message.text.rstrip(".。") in _DELETED_BY_EXPORTER


def _clean_name(name: str) -> str:
    bare = name.strip(_DIRECTION_MARKS)
    return (bare[found.end() :] if (found := _UNSAVED_CONTACT_PREFIX.match(bare)) else bare).strip(
        _DIRECTION_MARKS
    ) or name


def _classify(message: Message) -> None:
    """Say what a message is now that its sender is known."""
    text = message.text
    if message.sender is None:
        return
    plain = text.replace(_LEFT_TO_RIGHT_MARK, "").strip(_DIRECTION_MARKS + " ") if _LEFT_TO_RIGHT_MARK in text else text
    if VOCABULARY.is_notice(plain):
        _make_notice(message, plain)
        return
    if plain is text and not text.endswith(">") and " (" not in text:
        return
    kinds = map(VOCABULARY.kind_of, _placeholder_candidates(text, plain))
    message.kind, message.count = next((kind for kind in kinds if kind[0] is not Kind.TEXT), (Kind.TEXT, 1))
    if message.kind is not Kind.TEXT:
        message.text = plain
    elif text.lstrip(" ").startswith(_LEFT_TO_RIGHT_MARK):
        _make_notice(message, plain)
    else:
        message.text = _EDITED_SUFFIX.sub("", text).strip(_DIRECTION_MARKS)


def _placeholder_candidates(text: str, plain: str) -> Iterator[str]:
    """What in a message may be WhatsApp's own and tell its kind: what follows the last mark, all, or a file's name."""
    yield text.rpartition(_LEFT_TO_RIGHT_MARK)[2].strip(_DIRECTION_MARKS)
    yield plain
    if plain.endswith(">"):
        yield plain[plain.rfind("<") :]
    if found := _NAMED_ATTACHMENT.match(plain):
        yield f"<attached: {found['file']}>"


def _make_notice(message: Message, text: str) -> None:
    message.sender, message.kind, message.count, message.text = None, Kind.SYSTEM, 1, text


def _whatsapp(name: str, before: str, after: str) -> WhatsApp:
    before, after = f"[{_DIRECTION_MARKS}]{{0,4}}{before}", f"{_SPACE}{_TIME}{after}"
    grammars = {
        order: Grammar(
            name=name,
            vocabulary=VOCABULARY,
            message=re.compile(f"{before}(?P<date>{date}){after}"),
            day=NEVER_MATCHES,
            headers=_HEADERS,
            own_names=_OWN_NAMES,
            order=order,
        )
        for order, date in _DATES.items()
    }
    any_date = "|".join(_DATES.values())
    line = rf"\n(?P<begin>{before}(?P<date>{any_date})){after}[^\n]*"
    return WhatsApp(name, grammars, re.compile(rf"{line}(?:\n(?P=begin)[^\n]*)*+"))


FORMATS = (
    _whatsapp("whatsapp_android", _NOT_A_LOG_TIMESTAMP, f"{_SPACE}-{_SPACE}{_NOT_A_LOG_LEVEL}{_NAME}"),
    # Web has a hyphen before notices.
    _whatsapp("whatsapp_ios", r"\[", rf"\]{_SPACE}(?:-{_SPACE}|{_NOT_A_LOG_LEVEL}{_NAME})"),
    # Until 2018 there were no brackets.
    _whatsapp("whatsapp_ios", _NOT_A_LOG_TIMESTAMP + _HAS_SECONDS, rf":{_SPACE}{_NOT_A_LOG_LEVEL}{_NAME}"),
)
