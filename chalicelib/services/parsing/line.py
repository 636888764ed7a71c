"""LINE's text exports: phones and PC, in every language that is known.

All languages are one format: which one a file is in shows only in its header,
its weekdays and its placeholders, and many files have lost their header.

Phones put tabs between time, name and message, PCs a blank. From phones, a
message of several lines stands between double quotes, and all that is inside
belongs to it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from chalicelib.domain import Chat, Kind
from chalicelib.services.parsing.export import Export
from chalicelib.services.parsing.lines import Grammar, notices_in
from chalicelib.services.parsing.names import lengthen
from chalicelib.services.parsing.placeholders import Vocabulary
from chalicelib.services.parsing.stamps import date_of

VOCABULARY = Vocabulary("line")
# LINE sends no longer messages.
LONGEST = 10_000
QUOTE = '"'
TAB, BLANK = "\t", " "
OPENS = TAB + QUOTE

TIME = r"(?P<time>(?:(?:오전|오후|午前|午後|上午|下午) ?|)\d{1,2}:\d{2}(?:[ \u00a0\u202f]?[AaPp]\.?[Mm]\.?|))"
# A notice has no name, and one tab or two.
TABBED = re.compile(rf"(?P<date>){TIME}\t(?:(?P<name>[^\t\n]{{1,200}})\t|\t?)")
# Where a name has blanks, its first word is taken here, and the rest given back to it later.
SPACED = re.compile(rf"(?P<date>){TIME}(?P<blanks> {{1,8}})(?P<name>[^ \t\n]{{1,200}})(?:(?P=blanks)|(?![^\r\n]))")

EN_WEEKDAY = "(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
CJK_WEEKDAY = "(?:[월화수목금토일]요일|[月火水木金土日]曜日?|(?:週|周|星期|禮拜)[一二三四五六日天])"
# 2025/04/18(金), 2025.04.18 금요일, 2024.01.02 Tuesday, 2024/1/2週二; or Fri, 04/18/2025.
DAY = re.compile(
    rf"(?:(?P<weekday>{EN_WEEKDAY}), )?"
    r"(?P<date>(?(weekday)\d{1,2}[/.]\d{1,2}[/.]\d{4}|\d{4}[/.]\d{1,2}[/.]\d{1,2}))"
    rf"(?(weekday)| ?(?:[(（][^()（）\n]{{1,12}}[)）]|{EN_WEEKDAY}|{CJK_WEEKDAY}))"
)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SAVED = r"(?:Saved on|Save date|保存日時|儲存日期|保存日期|저장한 날짜|저장 ?일시|저장 ?날짜) ?[:：][^\n]{1,60}"
# What a group in here holds is the partner's name.
HEADERS = re.compile(
    r"(?:\[LINE\] ?)?Chat history with ([^\n]{1,200})"
    r"|(?:\[LINE\] ?)?Chat history in [^\n]{1,200}"
    r"|\[LINE\] ?([^\n]{1,200}?)とのトーク(?:履歴)?"
    r"|\[LINE\] ?([^\n]{1,200}?) ?님과의 (?:대화|채팅)[^\n]{0,20}"
    r"|\[LINE\] ?[與与] ?([^\n]{1,200}?) ?的聊天(?:記錄|紀錄|记录)?"
    r"|\[LINE\] ?[^\n]{1,200}"
    rf"|{SAVED}"
)


@dataclass(frozen=True, eq=False)
class Line:
    """The exports in which ``separator`` stands between a name and its message. It is a ``Format``."""

    grammar: Grammar
    separator: str

    @property
    def name(self) -> str:
        """The same for all."""
        return self.grammar.name

    def claims(self, export: Export) -> set[int]:
        """Which sampled records are a message, a day or a header.

        None where no line names a day with its weekday: a table of times has no
        such lines. None either where what follows blanks is no name, since it
        comes once: that is a calendar.
        """
        if not any(map(DAY.fullmatch, export.sample)):
            return set()
        names = Counter(found["name"] for record in export.sample if (found := self.grammar.message.match(record)))
        if self.separator == BLANK and 2 * len(names) > names.total():
            return set()
        records = export.records if self.separator == TAB and OPENS in export.text else []
        quoted = [place for first, end in _quoted(records) for place in range(first + 1, end)]
        written = list(accumulate(map(len, records if quoted else ()), initial=0))
        inside = {written[place] + place * len(export.record_end) for place in quoted}
        return self.grammar.claims(export) | {place for place, (at, _) in enumerate(export.sampled) if at in inside}

    def read(self, export: Export) -> Chat:
        """Read an export that this format claims.

        Raises:
            UnreadableFile: with the line of a date or time that does not exist.
        """
        source = replace(export, written=_with_records(export.lines)) if self.separator == TAB else export
        chat = replace(self.grammar, order=_order(export)).read(source)
        for message in chat.messages if self.separator == TAB else ():
            if "\n" in message.text and message.text.startswith(QUOTE) and message.text.endswith(QUOTE):
                message.text = message.text[1:-1].replace(2 * QUOTE, QUOTE)
                if message.sender is not None:
                    message.kind, message.count = VOCABULARY.kind_of(message.text)
        self._tell_notices(chat)
        return chat

    def _tell_notices(self, chat: Chat) -> None:
        """Make what LINE says nobody's, and names that have blanks whole."""
        ends = VOCABULARY.notice_ends
        for message in [m for m in chat.messages if m.text[-1:] in ends and m.sender is not None]:
            said = message.text if self.separator == TAB else f"{message.sender} {message.text}"
            if VOCABULARY.is_notice(said):
                message.sender, message.kind, message.count, message.text = None, Kind.SYSTEM, 1, said
        if self.separator == BLANK:
            lengthen(chat.messages, BLANK, chat.partner_name, VOCABULARY)
        notices = notices_in(chat.messages)
        chat.report = replace(chat.report, messages=len(chat.messages) - notices, system=notices)


def _with_records(lines: list[str]) -> str:
    """The text of these lines in which a message between quotes is one record, however many it has."""
    records: list[str] = []
    place = 0
    for start, end in _quoted(lines):
        records += lines[place:start]
        records.append("\n".join(lines[start:end]))
        place = end
    return "\r\n".join((*records, *lines[place:], ""))


def _quoted(lines: list[str]) -> Iterator[tuple[int, int]]:
    """The messages between quotes: from their first line to the one after their last."""
    place = 0
    for start in [place for place, line in enumerate(lines) if QUOTE in line and OPENS in line]:
        if start >= place:
            place = _end(lines, start)
            yield start, place


def _end(lines: list[str], place: int) -> int:
    """Where what begins at ``place`` ends: one line on, unless it opens a quote that a later line closes."""
    found = TABBED.match(lines[place])
    if found is None or not lines[place].startswith(QUOTE, found.end()):
        return place + 1
    length, quotes = 0, lines[place].count(QUOTE, found.end())
    for end in range(place + 1, len(lines)):
        if quotes % 2 == 0:
            return end if lines[end - 1].endswith(QUOTE) else place + 1
        length += len(lines[end]) + 1
        if length > LONGEST:
            return place + 1
        quotes += lines[end].count(QUOTE)
    return len(lines) if quotes % 2 == 0 and lines[-1].endswith(QUOTE) else place + 1


def _order(export: Export) -> str:
    """The order of dates after a weekday, from Fri to Wed: the one in which they are that weekday."""
    days = [found for line in export.lines if "F" <= line < "X" and (found := DAY.fullmatch(line))]
    if not days:
        return "ymd"
    return max(("mdy", "dmy"), key=lambda order: sum(_is_weekday(found, order) for found in days))


def _is_weekday(found: re.Match[str], order: str) -> bool:
    try:
        weekday = date_of(found["date"], order).weekday()
    except ValueError:
        return False
    return found["weekday"].startswith(WEEKDAYS[weekday])


FORMATS = tuple(
    Line(Grammar("line", VOCABULARY, message, DAY, HEADERS, re.compile(SAVED)), separator)
    for message, separator in ((TABBED, TAB), (SPACED, BLANK))
)
