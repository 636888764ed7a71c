"""LINE's text exports: phones and PC, in every language that is known.

All languages are one format: which one a file is in shows only in its header,
its weekdays and its placeholders, and many files have lost their header.

Phones put tabs between time, name and message, PCs a blank. From phones, a
message of several lines stands between double quotes, and all that is inside
belongs to it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from chalicelib.domain import Chat, Kind
from chalicelib.parsing.export import Export
from chalicelib.parsing.grammar_reader import Grammar
from chalicelib.parsing.placeholders import Vocabulary
from chalicelib.parsing.separator_names import restore_names
from chalicelib.parsing.timestamps import parse_date

_VOCABULARY = Vocabulary("line")
# LINE sends no longer messages.
_MAX_QUOTED_LENGTH = 10_000
_QUOTE = '"'
_TAB, _SPACE = "\t", " "
_QUOTE_START = _TAB + _QUOTE

_TIME = r"(?P<time>(?:(?:오전|오후|午前|午後|上午|下午) ?|)\d{1,2}:\d{2}(?:[ \u00a0\u202f]?[AaPp]\.?[Mm]\.?|))"
# A notice has no name, and one tab or two.
_TABBED_MESSAGE = re.compile(rf"(?P<date>){_TIME}\t(?:(?P<name>[^\t\n]{{1,200}})\t|\t?)")
# Where a name has blanks, its first word is taken here, and the rest given back to it later.
_SPACED_MESSAGE = re.compile(
    rf"(?P<date>){_TIME}(?P<blanks> {{1,8}})(?P<name>[^ \t\n]{{1,200}})(?:(?P=blanks)|(?![^\r\n]))"
)

_EN_WEEKDAY = "(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
_CJK_WEEKDAY = "(?:[월화수목금토일]요일|[月火水木金土日]曜日?|(?:週|周|星期|禮拜)[一二三四五六日天])"
# 2025/04/18(金), 2025.04.18 금요일, 2024.01.02 Tuesday, 2024/1/2週二; or Fri, 04/18/2025.
_DAY = re.compile(
    rf"(?:(?P<weekday>{_EN_WEEKDAY}), )?"
    r"(?P<date>(?(weekday)\d{1,2}[/.]\d{1,2}[/.]\d{4}|\d{4}[/.]\d{1,2}[/.]\d{1,2}))"
    rf"(?(weekday)| ?(?:[(（][^()（）\n]{{1,12}}[)）]|{_EN_WEEKDAY}|{_CJK_WEEKDAY}))"
)
# From Fri to Wed.
_WEEKDAY_FIRST_DATE = re.compile(r"\n([F-W][a-z]{2,8}, [\d/.]{8,10})\r?(?![^\n])")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SAVED_ON = r"(?:Saved on|Save date|保存日時|儲存日期|保存日期|저장한 날짜|저장 ?일시|저장 ?날짜) ?[:：][^\n]{1,60}"
# What a group in here holds is the partner's name.
_HEADERS = re.compile(
    r"(?:\[LINE\] ?)?Chat history with ([^\n]{1,200})"
    r"|(?:\[LINE\] ?)?Chat history in [^\n]{1,200}"
    r"|\[LINE\] ?([^\n]{1,200}?)とのトーク(?:履歴)?"
    r"|\[LINE\] ?([^\n]{1,200}?) ?님과의 (?:대화|채팅)[^\n]{0,20}"
    r"|\[LINE\] ?[與与] ?([^\n]{1,200}?) ?的聊天(?:記錄|紀錄|记录)?"
    r"|\[LINE\] ?[^\n]{1,200}"
    rf"|{_SAVED_ON}"
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
        if not any(map(_DAY.fullmatch, export.sample)):
            return set()
        names = Counter(found["name"] for record in export.sample if (found := self.grammar.message.match(record)))
        if self.separator == _SPACE and 2 * len(names) > names.total():
            return set()
        claimed = self.grammar.claims(export)
        begun = [at for at, _ in export.sampled]
        for start, end in _quoted_spans(export.text, export.record_end) if self.separator == _TAB else ():
            claimed.update(range(bisect_right(begun, start), bisect_left(begun, end)))
        return claimed

    def read(self, export: Export) -> Chat:
        """Read an export that this format claims.

        Raises:
            UnreadableFile: with the line of a date or time that does not exist.
        """
        source = replace(export, written=_with_quotes_as_records(export)) if self.separator == _TAB else export
        chat = replace(self.grammar, order=_detect_date_order(export)).read(source)
        for message in chat.messages if self.separator == _TAB else ():
            if "\n" in message.text and message.text.startswith(_QUOTE) and message.text.endswith(_QUOTE):
                message.text = message.text[1:-1].replace(2 * _QUOTE, _QUOTE)
                if message.sender is not None:
                    message.kind, message.count = _VOCABULARY.kind_of(message.text)
        self._tell_notices(chat)
        return chat

    def _tell_notices(self, chat: Chat) -> None:
        """Make what LINE says nobody's, and names that have blanks whole."""
        ends = _VOCABULARY.notice_ends
        for message in [m for m in chat.messages if m.text[-2:] in ends and m.sender is not None]:
            said = message.text if self.separator == _TAB else f"{message.sender} {message.text}"
            if _VOCABULARY.is_notice(said):
                message.sender, message.kind, message.count, message.text = None, Kind.SYSTEM, 1, said
        if self.separator == _SPACE:
            restore_names(chat.messages, _SPACE, chat.partner_name, _VOCABULARY)
        chat.recount_notices()


def _with_quotes_as_records(export: Export) -> str:
    """The export's text in which a message between quotes is one record, however many lines it has."""
    text = export.text.replace(export.record_end, "\n").removesuffix("\n")
    parts: list[str] = []
    place = 0
    for start, end in _quoted_spans(text, "\n"):
        parts += text[place:start].replace("\n", "\r\n"), text[start:end]
        place = end
    return "".join((*parts, text[place:].replace("\n", "\r\n"), "\r\n"))


def _quoted_spans(text: str, line_end: str) -> Iterator[tuple[int, int]]:
    """Where messages of several lines between quotes begin and end."""
    place = 0
    while (opens := text.find(_QUOTE_START, place)) >= 0:
        above = text.rfind(line_end, place, opens)
        start = place if above < 0 else above + len(line_end)
        first = _end_of_line(text, opens, line_end)
        end = _end_of_quote(text, start, first, line_end)
        if end > first:
            yield start, end
        place = end


def _end_of_quote(text: str, start: int, first: int, line_end: str) -> int:
    """Where a message ends: with its first line, unless that opens a quote that a later one closes."""
    found = _TABBED_MESSAGE.match(text, start, first)
    if found is None or not text.startswith(_QUOTE, found.end()):
        return first
    end, quotes = first, text.count(_QUOTE, found.end(), first)
    while quotes % 2 and end < len(text):
        begun, end = end, _end_of_line(text, end + len(line_end), line_end)
        if end - first > _MAX_QUOTED_LENGTH:
            return first
        quotes += text.count(_QUOTE, begun, end)
    return end if quotes % 2 == 0 and text[end - 1] == _QUOTE else first


def _end_of_line(text: str, place: int, line_end: str) -> int:
    end = text.find(line_end, place)
    return len(text) if end < 0 else end


def _detect_date_order(export: Export) -> str:
    """The order of dates after a weekday: the one in which they are that weekday."""
    text = export.text.replace("\r", "\n") if export.record_end == "\r" else export.text
    days = [found for line in _WEEKDAY_FIRST_DATE.findall("\n" + text) if (found := _DAY.fullmatch(line))]
    if not days:
        return "ymd"
    return max(("mdy", "dmy"), key=lambda order: sum(_matches_weekday(found, order) for found in days))


def _matches_weekday(found: re.Match[str], order: str) -> bool:
    try:
        weekday = parse_date(found["date"], order).weekday()
    except ValueError:
        return False
    return found["weekday"].startswith(_WEEKDAYS[weekday])


FORMATS = tuple(
    Line(Grammar("line", _VOCABULARY, message, _DAY, _HEADERS, re.compile(_SAVED_ON)), separator)
    for message, separator in ((_TABBED_MESSAGE, _TAB), (_SPACED_MESSAGE, _SPACE))
)
