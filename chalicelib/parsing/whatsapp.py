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
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby, pairwise

from chalicelib.domain import MAX_NAME_LENGTH, Chat, Kind, Message
from chalicelib.parsing.export import Export
from chalicelib.parsing.grammar_reader import NOTHING, Grammar, notices_in
from chalicelib.parsing.placeholders import Vocabulary
from chalicelib.parsing.separator_names import lengthen
from chalicelib.parsing.timestamps import date_of

VOCABULARY = Vocabulary("whatsapp")
# WhatsApp Web calls the one who exports so.
OWN_NAMES = frozenset(("You",))
# Whose message says so, exported.
DELETED_BY_ME = frozenset(
    ("You deleted this message", "삭제한 메시지입니다", "이 메시지를 삭제했습니다", "このメッセージを削除しました")
)

# They steer the direction of writing, and stand before lines, names and what WhatsApp itself writes.
MARKS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
MARK = "\u200e"
SEPARATOR = ": "
SPACE = "[ \u00a0\u202f\u2009]"
# Here and below, an empty alternative takes a fraction of the time of a group that need not be there.
MONTH, DAY = "(?:0[1-9]|1[0-2]?|[2-9])", r"(?:0[1-9]|[12]\d?|3[01]?|[4-9])"
ORDERS = {"dmy": "일-월-연", "mdy": "월-일-연", "ymd": "연-월-일"}
# Where a year of two digits comes first, no comma follows: that is Korean.
DATES = {
    "dmy": rf"{DAY}[./-] ?{MONTH}[./-] ?(?:\d{{4}}|\d{{2}})\.?,?",
    "mdy": rf"{MONTH}[./-] ?{DAY}[./-] ?(?:\d{{4}}|\d{{2}})\.?,?",
    "ymd": rf"(?:\d{{4}}[./-] ?{MONTH}[./-] ?{DAY}\.?,?|\d{{2}}[./-] ?{MONTH}[./-] ?{DAY}\.?)",
}
ONE_DATE = {order: re.compile(date) for order, date in DATES.items()}
TIME = (
    r"(?P<time>(?:(?:오전|오후|午前|午後|上午|下午|AM|PM) ?|)"
    rf"\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}}|)(?:{SPACE}?[AaPp]\.?{SPACE}?[Mm]\.?|))"
)
NAME = rf"(?:(?P<name>[^\n]{{1,{MAX_NAME_LENGTH}}}?):(?: |(?![^\r\n]))|)"
# Programs log in the same forms.
NO_LOG = r"(?!(?:\w{1,40}+\.|)(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|ALERT|EMERGENCY):)"
NO_LOGGED_TIME = r"(?!\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"
WITH_SECONDS = r"(?=[^\s]{6,11} \d{1,2}:\d\d:\d\d)"

# A person who is in no address book comes after a tilde.
NO_CONTACT = re.compile(rf"~(?:{SPACE}|[{MARKS}])+")
# Android and Web name a file before the words for it; a caption may follow.
ATTACHED = re.compile(
    r"(?P<file>[^\n]{1,255}?\.\w{1,8}) \((?:file attached|파일 첨부됨|添付ファイル有り|添付ファイル|附件檔案|文件附件|"
    r"archivo adjunto|arquivo anexado|ficheiro anexado|Datei angehängt|fichier joint|file allegato|bestand bijgevoegd|"
    r"файл добавлен|file terlampir|dosya ekli|tệp đính kèm|ไฟล์ที่แนบ)\)(?:[ \n]|\Z)"
)
# What WhatsApp adds to a message that was edited.
EDITED = re.compile(rf" ?(?:{MARK}<[^<>\n]{{1,80}}>|<This message was edited>)[{MARKS}]?\Z")
# Most messages are shorter than any notice.
SHORTEST_NOTICE = 20
# Web writes no time before these.
HEADERS = re.compile(
    r"Messages and calls are end-to-end encrypted\.[^\n]{0,300}|Some earlier messages may not be available\."
)

# Looking a member up takes longer than what is asked of most messages.
DELETED = Kind.DELETED
A_DAY = timedelta(days=1)
FEW_YEARS = 2
UNCERTAIN_ORDER = "날짜에서 어느 숫자가 월이고 일인지 파일만으로는 알 수 없어서, {order} 순서로 읽었어요."


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
        order, certain = order_of(dates, self._conventional_order(export), today)
        chat = self.grammars[order].read(export)
        if not certain:
            chat.warnings.append(UNCERTAIN_ORDER.format(order=ORDERS[order]))
        return _finished(chat)

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


def order_of(dates: list[str], conventional: str, today: date) -> tuple[str, bool]:
    """The order of the dates' numbers, and whether the file itself tells it.

    It is the one in which they are days up to today, which never go back, and of
    few years: what has many different years is a day in truth. Where that leaves
    a choice, it is the conventional one; Korean, Japanese and Chinese (``ymd``)
    are known from words in the file, so there the convention comes before years.
    """
    days = {order: [_day(text, order) for text in dates] for order in dict.fromkeys((conventional, *ORDERS))}
    weights = {
        order: (*_contradictions(read, today + A_DAY), conventional == "ymd" != order, _years_too_many(read))
        for order, read in days.items()
    }
    best = min(weights, key=lambda order: weights[order])
    return best, all(days[order] == days[best] for order in weights if weights[order] == weights[best])


def _day(text: str, order: str) -> date | None:
    try:
        return date_of(text, order) if ONE_DATE[order].fullmatch(text) else None
    except ValueError:
        return None


def _contradictions(days: list[date | None], latest: date) -> tuple[int, int]:
    possible = [day for day in days if day is not None and day <= latest]
    return len(days) - len(possible), sum(day < before for before, day in pairwise(possible))


def _years_too_many(days: list[date | None]) -> int:
    return max(0, len({day.year for day in days if day is not None}) - FEW_YEARS)


def _finished(chat: Chat) -> Chat:
    """The chat with notices told from messages, whole names, and without what only steers the writing."""
    names = {name: _bare(name) for name in {message.sender for message in chat.messages} if name is not None}
    if any(name != bare for name, bare in names.items()):
        for message in chat.messages:
            message.sender = names.get(message.sender or "")
    _tell_notices_with_colons(chat.messages)
    lengthen(chat.messages, SEPARATOR, None, VOCABULARY)
    for message in chat.messages:
        if message.sender is None:
            message.text = message.text.strip(MARKS)
    may_be_notice = VOCABULARY.signs_of_notices.search
    for message in [
        m
        for m in chat.messages
        if (text := m.text)[-1:] == ">"
        or MARK in text
        or " (" in text
        or (len(text) >= SHORTEST_NOTICE and may_be_notice(text))
    ]:
        _settle(message)
    notices = notices_in(chat.messages)
    chat.report = replace(chat.report, messages=len(chat.messages) - notices, system=notices)
    deleted = (message.sender for message in chat.messages if message.kind is DELETED and _by_me(message))
    chat.my_name = chat.my_name or next(deleted, None)
    return chat


def _tell_notices_with_colons(messages: list[Message]) -> None:
    """Make notices of what looks like a message by its colon. A quote or a link is in each, before it or after."""
    signed = {sender for sender in {message.sender for message in messages} if sender and _is_signed(sender)}
    for message in [
        m for m in messages if '"' in (text := m.text) or "“" in text or "link" in text or m.sender in signed
    ]:
        line = f"{message.sender}{SEPARATOR}{message.text}"
        if message.sender is not None and VOCABULARY.is_notice(line):
            _make_notice(message, line)


def _is_signed(name: str) -> bool:
    return '"' in name or "“" in name or "link" in name


def _by_me(message: Message) -> bool:
    return message.text.rstrip(".。") in DELETED_BY_ME


def _bare(name: str) -> str:
    bare = name.strip(MARKS)
    return (bare[found.end() :] if (found := NO_CONTACT.match(bare)) else bare).strip(MARKS) or name


def _settle(message: Message) -> None:
    """Say what a message is now that its sender is known."""
    text = message.text
    if message.sender is None:
        return
    plain = text.replace(MARK, "").strip(MARKS + " ") if MARK in text else text
    if VOCABULARY.is_notice(plain):
        _make_notice(message, plain)
        return
    if plain is text and not text.endswith(">") and " (" not in text:
        return
    kinds = map(VOCABULARY.kind_of, _told(text, plain))
    message.kind, message.count = next((kind for kind in kinds if kind[0] is not Kind.TEXT), (Kind.TEXT, 1))
    if message.kind is not Kind.TEXT:
        message.text = plain
    elif text.lstrip(" ").startswith(MARK):
        _make_notice(message, plain)
    else:
        message.text = EDITED.sub("", text).strip(MARKS)


def _told(text: str, plain: str) -> Iterator[str]:
    """What in a message may be WhatsApp's own and tell its kind: what follows the last mark, all, or a file's name."""
    yield text.rpartition(MARK)[2].strip(MARKS)
    yield plain
    if plain.endswith(">"):
        yield plain[plain.rfind("<") :]
    if found := ATTACHED.match(plain):
        yield f"<attached: {found['file']}>"


def _make_notice(message: Message, text: str) -> None:
    message.sender, message.kind, message.count, message.text = None, Kind.SYSTEM, 1, text


def _whatsapp(name: str, before: str, after: str) -> WhatsApp:
    before, after = f"[{MARKS}]{{0,4}}{before}", f"{SPACE}{TIME}{after}"
    grammars = {
        order: Grammar(
            name=name,
            vocabulary=VOCABULARY,
            message=re.compile(f"{before}(?P<date>{date}){after}"),
            day=NOTHING,
            headers=HEADERS,
            own_names=OWN_NAMES,
            order=order,
        )
        for order, date in DATES.items()
    }
    any_date = "|".join(DATES.values())
    line = rf"\n(?P<begin>{before}(?P<date>{any_date})){after}[^\n]*"
    return WhatsApp(name, grammars, re.compile(rf"{line}(?:\n(?P=begin)[^\n]*)*+"))


FORMATS = (
    _whatsapp("whatsapp_android", NO_LOGGED_TIME, f"{SPACE}-{SPACE}{NO_LOG}{NAME}"),
    # Web has a hyphen before notices.
    _whatsapp("whatsapp_ios", r"\[", rf"\]{SPACE}(?:-{SPACE}|{NO_LOG}{NAME})"),
    # Until 2018 there were no brackets.
    _whatsapp("whatsapp_ios", NO_LOGGED_TIME + WITH_SECONDS, rf":{SPACE}{NO_LOG}{NAME}"),
)
