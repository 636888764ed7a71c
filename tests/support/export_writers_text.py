"""Write a chat in every form of the apps' text exports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

NBSP, NNBSP, THIN = "\u00a0", "\u202f", "\u2009"
DIRECTION_MARKS = "\u200e\u200f\u202a\u202b\u202c"
MONTHS = ["January", "February", "March", "April", "May", "June", "July"]
MONTHS += ["August", "September", "October", "November", "December"]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
KO_WEEKDAYS, JA_WEEKDAYS = "월화수목금토일", "月火水木金土日"
PARTNER = "바다"


@dataclass(frozen=True)
class SentMessage:
    """A message with its local time."""

    at: datetime
    sender: str
    text: str


@dataclass(frozen=True)
class Writer:
    """One form of one app's export.

    Attributes:
        id: Names the writer in the output of a failed test.
        format: The format that the export must be read as.
        message: Writes a message as a record.
        day: Writes the records before the first message of a day.
        header: The records at the beginning.
        record_end: The line end of a record.
        bom: Whether the file begins with a byte order mark.
        is_unambiguous: Whether no line of a message can be mistaken for a record.
        name: Returns a name as it is read back.
    """

    id: str
    format: str
    message: Callable[[SentMessage], str]
    day: Callable[[SentMessage], list[str]] = lambda _: []
    header: tuple[str, ...] = ()
    record_end: str = "\r\n"
    bom: bool = False
    is_unambiguous: bool = False
    name: Callable[[str], str] = str

    def write(self, chat, line_end=None):
        """Return the bytes of an export. ``line_end`` replaces every line end, as some editors do."""
        records = list(self.header)
        for _, messages in groupby(chat, key=lambda message: message.at.date()):
            first, *others = messages
            records += [*self.day(first), self.message(first), *map(self.message, others)]
        text = "".join(record + self.record_end for record in records)
        if line_end is not None:
            text = text.replace("\r\n", "\n").replace("\n", line_end)
        return (("\ufeff" if self.bom else "") + text).encode()


def hour12(at):
    return at.hour % 12 or 12


def clock24(at):
    return f"{at:%H:%M}"


def clock_before(before_noon, after_noon, *, pad=False):
    """Return a writer of 오후 9:01 or 午後09:01."""
    return lambda at: (before_noon if at.hour < 12 else after_noon) + f"{hour12(at):{'02' if pad else ''}}:{at:%M}"


def clock_after(before_noon, after_noon, *, pad=False):
    """Return a writer of 9:01 PM, 09:01PM or 9:01 p. m."""
    return lambda at: f"{hour12(at):{'02' if pad else ''}}:{at:%M}" + (before_noon if at.hour < 12 else after_noon)


def ko_date(at):
    return f"{at.year}년 {at.month}월 {at.day}일"


def ko_dotted_date(at):
    return f"{at.year}. {at.month}. {at.day}."


def en_date(at):
    return f"{MONTHS[at.month - 1]} {at.day}, {at.year}"


def en_short_date(at):
    return f"{MONTHS[at.month - 1][:3]} {at.day}, {at.year}"


def ko_day(at):
    return f"{ko_date(at)} {KO_WEEKDAYS[at.weekday()]}요일"


def en_day(at):
    return f"{WEEKDAYS[at.weekday()]}, {en_date(at)}"


def with_seconds(clock):
    """Return a writer of 9:01:22 PM for one of 9:01 PM."""
    return lambda at: clock(at).replace(f":{at:%M}", f":{at:%M}:22", 1)


def in_quotes(text):
    return '"' + text.replace('"', '""') + '"'


ko12, en12 = clock_before("오전 ", "오후 "), clock_after(" AM", " PM")
ja12, tw12 = clock_before("午前", "午後", pad=True), clock_before("上午", "下午", pad=True)
us12, thin12 = clock_after(f"{NNBSP}AM", f"{NNBSP}PM"), clock_after(f"{THIN}AM", f"{THIN}PM")
small12, glued12, large12 = clock_after(" am", " pm"), clock_after("am", "pm"), clock_after("AM", "PM")
dotted12, spanish12 = clock_after(" a.m.", " p.m."), clock_after(f"{NBSP}a.{NBSP}m.", f"{NBSP}p.{NBSP}m.")
before12 = clock_before("AM ", "PM ")


def kakaotalk_android(language, id_, timestamp):
    """A line with only the timestamp begins each day, and messages repeat it. The header has mixed line ends."""
    ko = f"{PARTNER} 님과 카카오톡 대화", "저장한 날짜 : 2026년 10월 2일 오전 11:25\n\n"
    en = f"KakaoTalk Chats with {PARTNER}", "Date Saved : 9:48AM, February 20, 2026\n\n"
    return Writer(
        f"kakaotalk_android_{language}_{id_}",
        f"kakaotalk_android_{language}",
        message=lambda message: f"{timestamp(message.at)}, {message.sender} : {message.text}",
        day=lambda message: ["", timestamp(message.at)],
        header=ko if language == "ko" else en,
        bom=True,
    )


def kakaotalk_ios(language, id_, timestamp):
    """Days have lines of their own. A comma precedes the sender."""
    ko = "Talk_2026.10.2 21:10-1.txt", "저장한 날짜 : 2026. 10. 2. 오후 9:10", "", "", ""
    en = f"KakaoTalk Chats with {PARTNER}-1.txt", "Date Saved : Oct 3, 2026, 12:20 AM", "", "", ""
    return Writer(
        f"kakaotalk_ios_{language}_{id_}",
        f"kakaotalk_ios_{language}",
        message=lambda message: f"{timestamp(message.at)}, {message.sender} : {message.text}",
        day=lambda message: ["", (ko_day if language == "ko" else en_day)(message.at)],
        header=ko if language == "ko" else en,
        bom=True,
    )


def kakaotalk_windows(language, id_, clock):
    """Names and times are in brackets, days between hyphens."""
    ko = f"{PARTNER} 님과 카카오톡 대화", "저장한 날짜 : 2026-10-02 21:10:41", ""
    en = f"{PARTNER} with KakaoTalk Chats", "Date Saved : 2026-10-03 00:47:14", ""
    hyphens = 15 * "-"
    return Writer(
        f"kakaotalk_windows_{language}_{id_}",
        f"kakaotalk_windows_{language}",
        message=lambda message: f"[{message.sender}] [{clock(message.at)}] {message.text}",
        day=lambda message: [f"{hyphens} {(ko_day if language == 'ko' else en_day)(message.at)} {hyphens}"],
        header=ko if language == "ko" else en,
    )


def kakaotalk_csv(id_, *header, bom=False):
    """Write a table, with seconds."""
    return Writer(
        f"kakaotalk_csv_{id_}",
        "kakaotalk_csv",
        message=lambda message: f"{message.at:%Y-%m-%d %H:%M}:07,{in_quotes(message.sender)},{in_quotes(message.text)}",
        header=header,
        bom=bom,
        is_unambiguous=True,
    )


def without_direction_marks(name):
    """Remove the marks for the writing direction from a name."""
    return name.strip(DIRECTION_MARKS)


def whatsapp_android(id_, timestamp, header=()):
    """Timestamp, hyphen, name and message. All line ends are the same."""
    return Writer(
        f"whatsapp_android_{id_}",
        "whatsapp_android",
        message=lambda message: f"{timestamp(message.at)} - {message.sender}: {message.text}",
        header=header,
        record_end="\n",
        name=without_direction_marks,
    )


def whatsapp_ios(id_, timestamp):
    """The timestamp is in brackets."""
    return Writer(
        f"whatsapp_ios_{id_}",
        "whatsapp_ios",
        message=lambda message: f"[{timestamp(message.at)}] {message.sender}: {message.text}",
        name=without_direction_marks,
    )


def line_phone(id_, clock, day, *header):
    """Tabs are the separators. A message of several lines is in quotes."""
    return Writer(
        f"line_{id_}",
        "line",
        message=lambda message: "\t".join(
            (clock(message.at), message.sender, in_quotes(message.text) if "\n" in message.text else message.text)
        ),
        day=lambda message: ["", day(message.at)],
        header=header,
        record_end="\n",
        is_unambiguous=True,
    )


def without_spaces(name):
    """Join the words of a name."""
    return "".join(name.split())


def line_pc(id_, clock, day):
    """A space is the separator."""
    return Writer(
        f"line_{id_}",
        "line",
        message=lambda message: f"{clock(message.at)} {without_spaces(message.sender)} {message.text}",
        day=lambda message: [day(message.at)],
        record_end="\n",
        name=without_spaces,
    )


def day_with(weekdays, form):
    """Return a writer of days such as 2025/04/18(金) or 2025.04.18 금요일."""
    return lambda at: form.format(at, weekdays[at.weekday()])


EN_SHORT_WEEKDAYS = [weekday[:3] for weekday in WEEKDAYS]
SLASHES = "{0:%Y/%m/%d}({1})"
KO_NOTICE = "메시지 및 전화는 종단간 암호화되어 안전합니다. 아무도 엿보거나 들을 수 없습니다."

WRITERS = [
    kakaotalk_android("ko", "12", lambda at: f"{ko_date(at)} {ko12(at)}"),
    kakaotalk_android("ko", "24", lambda at: f"{ko_date(at)} {clock24(at)}"),
    kakaotalk_android("en", "2014", lambda at: f"{large12(at)}, {en_date(at)}"),
    kakaotalk_android("en", "2015", lambda at: f"{glued12(at)}, {en_date(at)}"),
    kakaotalk_android("en", "2018", lambda at: f"{en_date(at)}, {en12(at)}"),
    kakaotalk_android("en", "2023", lambda at: f"{en_date(at)} at {us12(at)}"),
    kakaotalk_android("en", "canada", lambda at: f"{en_date(at)}, {dotted12(at)}"),
    kakaotalk_ios("ko", "12", lambda at: f"{ko_dotted_date(at)} {ko12(at)}"),
    kakaotalk_ios("ko", "24", lambda at: f"{ko_dotted_date(at)} {clock24(at)}"),
    kakaotalk_ios("ko", "time", ko12),
    kakaotalk_ios("en", "2015", lambda at: f"{en_short_date(at)}, {en12(at)}"),
    kakaotalk_ios("en", "2026", lambda at: f"{en_short_date(at)} at {clock24(at)}"),
    kakaotalk_windows("ko", "12", ko12),
    kakaotalk_windows("ko", "24", clock24),
    kakaotalk_windows("en", "12", en12),
    kakaotalk_windows("en", "24", clock24),
    kakaotalk_csv("header", "Date,User,Message"),
    kakaotalk_csv("bom", "Date,User,Message", bom=True),
    kakaotalk_csv("bare"),
    kakaotalk_csv("saved", "저장한 날짜 : 2026-10-02 21:10:41", "Date,User,Message"),
    whatsapp_android("us", lambda at: f"{at.month}/{at.day}/{at:%y}, {us12(at)}"),
    whatsapp_android("us_24", lambda at: f"{at.month}/{at.day}/{at:%y}, {clock24(at)}"),
    whatsapp_android("gb", lambda at: f"{at:%d/%m/%Y}, {clock24(at)}"),
    whatsapp_android("gb_12", lambda at: f"{at:%d/%m/%Y}, {small12(at)}"),
    whatsapp_android("de", lambda at: f"{at:%d.%m.%y}, {clock24(at)}"),
    whatsapp_android("cz", lambda at: f"{at.day}. {at.month}. {at.year} {clock24(at)}"),
    whatsapp_android("canada", lambda at: f"{at:%Y-%m-%d}, {dotted12(at)}"),
    whatsapp_android("south_africa", lambda at: f"{at:%Y/%m/%d}, {clock24(at)}"),
    whatsapp_android("spain", lambda at: f"{at.day}/{at.month}/{at.year}, {spanish12(at)}"),
    whatsapp_android("brazil", lambda at: f"{at:%d/%m/%Y} {clock24(at)}"),
    whatsapp_android("indonesia", lambda at: f"{at:%d/%m/%y} {at:%H.%M}"),
    whatsapp_android("ja", lambda at: f"{at:%Y/%m/%d} {clock24(at)}"),
    whatsapp_android("ko", lambda at: f"{ko_dotted_date(at)} {ko12(at)}"),
    whatsapp_android("ko_short", lambda at: f"{at:%y}. {at.month}. {at.day}. {ko12(at)}"),
    whatsapp_android("ko_halves", lambda at: f"{at:%y}/{at.month}/{at.day} {before12(at)}"),
    whatsapp_android(
        "ko_24", lambda at: f"{at:%y}/{at.month}/{at.day} {clock24(at)}", header=(f"20/1/2 03:04 - {KO_NOTICE}",)
    ),
    whatsapp_ios("us", lambda at: f"{at.month}/{at.day}/{at:%y}, {with_seconds(us12)(at)}"),
    whatsapp_ios("us_thin", lambda at: f"{at.month}/{at.day}/{at:%y}, {with_seconds(thin12)(at)}"),
    whatsapp_ios("gb", lambda at: f"{at:%d/%m/%Y}, {with_seconds(clock24)(at)}"),
    whatsapp_ios("de", lambda at: f"{at:%d.%m.%y}, {with_seconds(clock24)(at)}"),
    whatsapp_ios("sweden", lambda at: f"{at:%Y-%m-%d} {with_seconds(clock24)(at)}"),
    whatsapp_ios("finland", lambda at: f"{at.day}.{at.month}.{at.year} {at:%H.%M}.22"),
    whatsapp_ios("ja", lambda at: f"{at:%Y/%m/%d} {with_seconds(clock24)(at)}"),
    whatsapp_ios("ko", lambda at: f"{ko_dotted_date(at)} {with_seconds(ko12)(at)}"),
    line_phone(
        "ja", clock24, day_with(JA_WEEKDAYS, SLASHES), f"[LINE] {PARTNER}とのトーク履歴", "保存日時：2026/08/21 11:59"
    ),
    line_phone("ja_12", ja12, day_with(JA_WEEKDAYS, SLASHES)),
    line_phone(
        "en",
        clock24,
        day_with(EN_SHORT_WEEKDAYS, SLASHES),
        f"[LINE] Chat history with {PARTNER}",
        "Saved on: 2026/08/21 11:59",
    ),
    line_phone("en_us", large12, day_with(EN_SHORT_WEEKDAYS, "{1}, {0:%m/%d/%Y}"), "[LINE] Chat history in Hiking"),
    line_phone("en_dots", en12, day_with(WEEKDAYS, "{0:%Y.%m.%d} {1}"), "[LINE] Chat history in Hiking"),
    line_phone("ko", ko12, day_with(KO_WEEKDAYS, "{0:%Y.%m.%d} {1}요일"), f"[LINE] {PARTNER}님과의 대화"),
    line_phone("tw", tw12, day_with("一二三四五六日", "{0:%Y/%m/%d}（{1}）"), f"[LINE] 與{PARTNER}的聊天記錄"),
    line_phone("android", lambda at: f"{at.hour or 24:02}:{at:%M}", day_with(EN_SHORT_WEEKDAYS, SLASHES)),
    line_pc("pc", clock24, day_with(WEEKDAYS, "{0:%Y.%m.%d} {1}")),
    line_pc("pc_ko", clock24, day_with(KO_WEEKDAYS, "{0:%Y.%m.%d} {1}요일")),
]
