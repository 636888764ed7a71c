"""LINE's text exports from phones and the PC, in every language of which samples exist.

All languages are one format. Only the header, the weekdays and the placeholders show the language, and many files have
lost their header.

Phones separate time, name and message by tabs, the PC separates them by a space. On phones, a message of several lines
is in double quotes, and every line between the quotes belongs to it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from chalicelib.domain import Chat, Kind, Message
from chalicelib.parsing.export import Export, Span
from chalicelib.parsing.grammar_reader import Grammar
from chalicelib.parsing.placeholders import Vocabulary
from chalicelib.parsing.separator_names import restore_names
from chalicelib.parsing.timestamps import parse_date

_VOCABULARY = Vocabulary("line")
# In characters. LINE does not send longer messages.
_MAX_QUOTED_LENGTH = 10_000
_QUOTE = '"'
_TAB, _SPACE = "\t", " "
_QUOTE_START = _TAB + _QUOTE

_TIME = r"(?P<time>(?:(?:오전|오후|午前|午後|上午|下午) ?|)\d{1,2}:\d{2}(?:[ \u00a0\u202f]?[AaPp]\.?[Mm]\.?|))"
# A notice has no name, and one or two tabs.
_TABBED_MESSAGE = re.compile(rf"(?P<date>){_TIME}\t(?:(?P<name>[^\t\n]{{1,200}})\t|\t?)")
# Matches only the first word of a name. ``restore_names`` restores the other words.
_SPACED_MESSAGE = re.compile(
    rf"(?P<date>){_TIME}(?P<spaces> {{1,8}})(?P<name>[^ \t\n]{{1,200}})(?:(?P=spaces)|(?![^\r\n]))"
)

_EN_WEEKDAY = "(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
_CJK_WEEKDAY = "(?:[월화수목금토일]요일|[月火水木金土日]曜日?|(?:週|周|星期|禮拜)[一二三四五六日天])"
# 2025/04/18(金), 2025.04.18 금요일, 2024.01.02 Tuesday, 2024/1/2週二 or Fri, 04/18/2025.
_DAY = re.compile(
    rf"(?:(?P<weekday>{_EN_WEEKDAY}), )?"
    r"(?P<date>(?(weekday)\d{1,2}[/.]\d{1,2}[/.]\d{4}|\d{4}[/.]\d{1,2}[/.]\d{1,2}))"
    rf"(?(weekday)| ?(?:[(（][^()（）\n]{{1,12}}[)）]|{_EN_WEEKDAY}|{_CJK_WEEKDAY}))"
)
# A date after a weekday. The initials of the weekdays are between F (Fri) and W (Wed).
_WEEKDAY_FIRST_DATE = re.compile(r"\n([F-W][a-z]{2,8}, [\d/.]{8,10})\r?(?![^\n])")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SAVED_ON = r"(?:Saved on|Save date|保存日時|儲存日期|保存日期|저장한 날짜|저장 ?일시|저장 ?날짜) ?[:：][^\n]{1,60}"
# Each group is the partner's name.
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
class _LineFormat:
    """The exports of phones (``separator`` is a tab) or of the PC (a space). Implements ``Format``."""

    grammar: Grammar
    separator: str

    @property
    def name(self) -> str:
        """The name of the format, the same for phones and PC."""
        return self.grammar.name

    def claims(self, export: Export) -> set[int]:
        """Claim the sampled records that begin a message, are a day or header line, or are between quotes.

        Claim nothing if no line is a day with its weekday: the file is a table of times. In an export of the PC, claim
        nothing if a name occurs less than twice on average: the file is a calendar.
        """
        if not any(map(_DAY.fullmatch, export.sample)):
            return set()
        names = Counter(match["name"] for record in export.sample if (match := self.grammar.message.match(record)))
        if self.separator == _SPACE and 2 * len(names) > names.total():
            return set()
        claimed = self.grammar.claims(export)
        return claimed | _quoted_records(export) if self.separator == _TAB else claimed

    def read(self, export: Export) -> Chat:
        """Read an export that this format claims.

        Raises:
            UnreadableFile: A date or time does not exist; ``line`` is its line.
        """
        source = replace(export, raw_text=_with_quotes_as_records(export)) if self.separator == _TAB else export
        chat = replace(self.grammar, order=_detect_date_order(export)).read(source)
        if self.separator == _TAB:
            _remove_quotes(chat.messages)
        self._mark_notices(chat.messages)
        if self.separator == _SPACE:
            restore_names(chat.messages, _SPACE, chat.partner_name, _VOCABULARY)
        chat.recount_notices()
        return chat

    def _mark_notices(self, messages: list[Message]) -> None:
        """Correct notices that were read as messages."""
        suffixes = _VOCABULARY.notice_suffixes
        for message in [m for m in messages if m.text[-2:] in suffixes and m.sender is not None]:
            line = message.text if self.separator == _TAB else f"{message.sender} {message.text}"
            if _VOCABULARY.is_notice(line):
                message.sender, message.kind, message.count, message.text = None, Kind.SYSTEM, 1, line


def _quoted_records(export: Export) -> set[int]:
    """Return the indexes of the sampled records that begin within a quoted message."""
    record_starts = [span.start for span in export.sample_spans]
    records: set[int] = set()
    for quoted in _quoted_spans(export.text, export.record_end):
        records.update(range(bisect_right(record_starts, quoted.start), bisect_left(record_starts, quoted.end)))
    return records


def _remove_quotes(messages: list[Message]) -> None:
    """Remove the quotes around messages of several lines, and classify those messages again."""
    for message in messages:
        if "\n" in message.text and message.text.startswith(_QUOTE) and message.text.endswith(_QUOTE):
            message.text = message.text[1:-1].replace(2 * _QUOTE, _QUOTE)
            if message.sender is not None:
                _VOCABULARY.classify(message)


def _with_quotes_as_records(export: Export) -> str:
    """Return the text with CRLF after each record and LF between quotes, so that a quoted message is one record."""
    text = export.text.replace(export.record_end, "\n").removesuffix("\n")
    parts: list[str] = []
    offset = 0
    for start, end in _quoted_spans(text, "\n"):
        parts += text[offset:start].replace("\n", "\r\n"), text[start:end]
        offset = end
    return "".join((*parts, text[offset:].replace("\n", "\r\n"), "\r\n"))


def _quoted_spans(text: str, line_end: str) -> Iterator[Span]:
    """Yield the spans of quoted messages of several lines."""
    offset = 0
    while (quote_start := text.find(_QUOTE_START, offset)) >= 0:
        line_above_end = text.rfind(line_end, offset, quote_start)
        start = offset if line_above_end < 0 else line_above_end + len(line_end)
        first_line_end = _end_of_line(text, quote_start, line_end)
        end = _end_of_quote(text, Span(start, first_line_end), line_end)
        if end > first_line_end:
            yield Span(start, end)
        offset = end


def _end_of_quote(text: str, first_line: Span, line_end: str) -> int:
    """Return the end of a message. It is the end of its first line, unless a later line closes a quote of that line."""
    match = _TABBED_MESSAGE.match(text, *first_line)
    if match is None or not text.startswith(_QUOTE, match.end()):
        return first_line.end
    end, quotes = first_line.end, text.count(_QUOTE, match.end(), first_line.end)
    while quotes % 2 and end < len(text):
        previous_end, end = end, _end_of_line(text, end + len(line_end), line_end)
        if end - first_line.end > _MAX_QUOTED_LENGTH:
            return first_line.end
        quotes += text.count(_QUOTE, previous_end, end)
    return end if quotes % 2 == 0 and text[end - 1] == _QUOTE else first_line.end


def _end_of_line(text: str, offset: int, line_end: str) -> int:
    end = text.find(line_end, offset)
    return len(text) if end < 0 else end


def _detect_date_order(export: Export) -> str:
    """Return the order of day and month with which most dates fall on the weekday that precedes them."""
    text = export.text.replace("\r", "\n") if export.record_end == "\r" else export.text
    days = [match for line in _WEEKDAY_FIRST_DATE.findall("\n" + text) if (match := _DAY.fullmatch(line))]
    if not days:
        return "ymd"
    return max(("mdy", "dmy"), key=lambda order: sum(_matches_weekday(match, order) for match in days))


def _matches_weekday(match: re.Match[str], order: str) -> bool:
    try:
        weekday = parse_date(match["date"], order).weekday()
    except ValueError:
        return False
    return match["weekday"].startswith(_WEEKDAYS[weekday])


FORMATS = tuple(
    _LineFormat(Grammar("line", _VOCABULARY, message, _DAY, _HEADERS, re.compile(_SAVED_ON)), separator)
    for message, separator in ((_TABBED_MESSAGE, _TAB), (_SPACED_MESSAGE, _SPACE))
)
