"""KakaoTalk's Korean text exports: Android, iOS and Windows."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

from chalicelib.services.parsing.lines import Grammar, clock

DAY = r"(\d{4})년 (\d{1,2})월 (\d{1,2})일"
TIME = r"(?:(?:오전|오후) )?\d{1,2}:\d{2}"
TITLE = r"(?:(?P<partner>[^\n]{1,100}?) ?님과|[^\n]{1,200}?) 카카오톡 대화(?:-\d+\.txt)?"
SAVED = r"저장한 날짜 ?: [^\n]{1,60}"
NUMBERS = re.compile(r"\d+")


def _date_in_stamp(stamp: str, _day: datetime | None, zone: tzinfo) -> datetime:
    """``2026년 3월 1일 오전 9:00`` or ``2026. 3. 1. 오전 9:00``."""
    year, month, day = (int(number) for number in NUMBERS.findall(stamp)[:3])
    moment = clock(TIME_AT_END.search(stamp)[0])  # type: ignore[index]
    return datetime(year, month, day, moment.hour, moment.minute, tzinfo=zone)


def _date_above(stamp: str, day: datetime | None, zone: tzinfo) -> datetime:
    """``오전 9:00`` under a day line."""
    if day is None:
        raise ValueError("a message before the first day line")
    return datetime.combine(day, clock(stamp), tzinfo=zone)


def _day_line(match: re.Match[str], zone: tzinfo) -> datetime:
    year, month, day = (int(number) for number in match.groups()[:3])
    return datetime(year, month, day, tzinfo=zone)


TIME_AT_END = re.compile(rf"{TIME}$")

ANDROID = Grammar(
    name="kakaotalk_android_ko",
    message=re.compile(
        rf"(?P<stamp>\d{{4}}년 \d{{1,2}}월 \d{{1,2}}일 {TIME}), (?:(?P<name>[^\n]+?) : )?(?P<body>[\s\S]*)\Z"
    ),
    day=re.compile(rf"{DAY} {TIME}"),
    headers=re.compile(rf"{TITLE}|{SAVED}"),
    when=_date_in_stamp,
)

IOS = Grammar(
    name="kakaotalk_ios_ko",
    message=re.compile(
        rf"(?P<stamp>\d{{4}}\. ?\d{{1,2}}\. ?\d{{1,2}}\. {TIME})(?:, (?P<name>[^\n]+?) : |: )(?P<body>[\s\S]*)\Z"
    ),
    day=re.compile(rf"{DAY} [월화수목금토일]요일"),
    headers=re.compile(rf"{TITLE}|{SAVED}|Talk_[^\n]{{1,80}}"),
    when=_date_in_stamp,
)

WINDOWS = Grammar(
    name="kakaotalk_windows_ko",
    message=re.compile(rf"\[(?P<name>[^\n]+?)\] \[(?P<stamp>{TIME})\] ?(?P<body>[\s\S]*)\Z"),
    day=re.compile(rf"-{{15}} {DAY} [월화수목금토일]요일 -{{15}}"),
    headers=re.compile(rf"{TITLE}|{SAVED}"),
    when=_date_above,
    day_of=_day_line,
)

GRAMMARS = (ANDROID, IOS, WINDOWS)
