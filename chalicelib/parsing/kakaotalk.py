"""KakaoTalk's text exports: Android, iOS and Windows, in Korean and in English.

An export speaks the language of the device and keeps its 12- or 24-hour clock.
"""

from __future__ import annotations

import re

from chalicelib.domain import MAX_NAME_LENGTH
from chalicelib.parsing.grammar_reader import Grammar
from chalicelib.parsing.placeholders import Vocabulary

VOCABULARY = Vocabulary("kakaotalk")
# What some exporters of some years call the one who exports.
OWN_NAMES = frozenset(("회원님", "You", "you"))

KO_DATE = r"\d{4}년 \d{1,2}월 \d{1,2}일"
KO_DOTS = r"\d{4}\. ?\d{1,2}\. ?\d{1,2}\."
KO_TIME = r"(?:(?:오전|오후) |)\d{1,2}:\d{2}"
KO_WEEKDAY = "[월화수목금토일]요일"

# Since 2023 a narrow no-break space stands before AM and PM.
EN_HALF = r"[ \u202f\u00a0]?[AaPp]\.?[Mm]\.?"
EN_TIME = rf"\d{{1,2}}:\d{{2}}(?:{EN_HALF}|)"
EN_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
EN_SHORT = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
EN_WEEKDAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
# In Britain and Australia the day comes first.
EN_DATE = rf"(?:{EN_MONTH} \d{{1,2}},|\d{{1,2}} {EN_MONTH}) \d{{4}}"
EN_SHORT_DATE = rf"(?:{EN_SHORT} \d{{1,2}},|\d{{1,2}} {EN_SHORT}) \d{{4}}"

SAVED = r"(?:저장한 날짜|Date Saved) ?: [^\n]{1,60}"
# What a group in here holds is the partner's name, or the room's and how many are in it.
HEADERS = re.compile(
    r"([^\n]{1,200}?) ?님과 카카오톡 대화(?:-\d+\.txt)?"
    r"|[^\n]{1,2000}? 카카오톡 대화(?:-\d+\.txt)?"
    r"|KakaoTalk Chats with ([^\n]{1,2000}?)(?:-\d+\.txt)?"
    r"|([^\n]{1,2000}) with KakaoTalk Chats"
    r"|KakaoTalk Chats [^\n]{1,2000}"
    rf"|{SAVED}"
    r"|Talk_[^\n]{1,80}"
)


def _grammar(name: str, message: str, day: str, *, bare_notices: bool = False) -> Grammar:
    return Grammar(
        name=f"kakaotalk_{name}",
        vocabulary=VOCABULARY,
        message=re.compile(message),
        day=re.compile(day),
        headers=HEADERS,
        saved=re.compile(SAVED),
        own_names=OWN_NAMES,
        separator=None if bare_notices else " : ",
        bare_notices=bare_notices,
    )


# A message names its sender, a notice does not, or has nothing where the name is; on iOS a notice comes after a
# colon, and where the day is not written again, after a comma.
LONGEST = f"{{1,{MAX_NAME_LENGTH}}}?"
SENDER = rf"(?P<name>[^\n]{LONGEST}) : | : "
NAME = rf", (?:{SENDER}|)"
IOS_NAME = rf"(?:, (?:{SENDER})|: )"
IOS_SHORT_NAME = rf"(?:, (?:{SENDER}|(?=[^\n]{{1,300}}니다\.(?![^\r\n])))|: )"
IOS_DAY = (
    rf"(?:{EN_WEEKDAY},? )?"
    rf"(?P<date>(?:{KO_DATE}|{KO_DOTS})(?= {KO_WEEKDAY})|(?:(?<=day )|(?<=day, )){EN_DATE})"
    rf"(?: {KO_WEEKDAY})?"
)

HYPHENS = "-{5,}"
WINDOWS_KO_DAY = f"{KO_DATE} {KO_WEEKDAY}"
WINDOWS_EN_DAY = f"{EN_WEEKDAY},? {EN_DATE}"


def _windows(language: str, time: str, day: str, hyphens: str | None = None) -> Grammar:
    return _grammar(
        f"windows_{language}",
        rf"(?P<date>)\[(?P<name>[^\n]{LONGEST})\] \[(?P<time>{time})\] ?",
        rf"{hyphens} (?P<date>{day}) {hyphens}" if hyphens else f"(?P<date>{day})",
        bare_notices=True,
    )


FORMATS = (
    _grammar("android_ko", rf"(?P<date>{KO_DATE}) (?P<time>{KO_TIME}){NAME}", f"{KO_DATE} {KO_TIME}"),
    # From mails.
    _grammar(
        "android_ko", rf"(?P<date>{KO_DATE}) (?P<time>{KO_TIME}):(?P<name>[^:\n]{LONGEST}):", f"{KO_DATE} {KO_TIME}"
    ),
    # September 21, 2022, 5:12 PM, …, since 2023 with at.
    _grammar(
        "android_en",
        rf"(?P<date>{EN_DATE})(?:,| at) (?P<time>{EN_TIME}){NAME}",
        rf"{EN_DATE}(?:,| at) {EN_TIME}",
    ),
    # 8:34pm, July 9, 2015, …
    _grammar(
        "android_en",
        rf"(?P<time>{EN_TIME}), (?P<date>{EN_MONTH} \d{{1,2}}, \d{{4}}){NAME}",
        rf"{EN_TIME}, {EN_MONTH} \d{{1,2}}, \d{{4}}",
    ),
    _grammar("ios_ko", rf"(?P<date>{KO_DOTS}) (?P<time>{KO_TIME}){IOS_NAME}", IOS_DAY),
    _grammar("ios_ko", rf"(?P<date>)(?P<time>{KO_TIME}){IOS_SHORT_NAME}", IOS_DAY),
    _grammar("ios_en", rf"(?P<date>{EN_SHORT_DATE})(?:,| at) (?P<time>{EN_TIME}){IOS_NAME}", IOS_DAY),
    _windows("ko", KO_TIME, WINDOWS_KO_DAY, HYPHENS),
    # Some have the days of a Korean Windows.
    _windows("en", EN_TIME, rf"{WINDOWS_EN_DAY}|{KO_DATE} {KO_WEEKDAY}", HYPHENS),
    # What is copied from the window has the days without hyphens.
    _windows("ko", KO_TIME, WINDOWS_KO_DAY),
    _windows("en", EN_TIME, WINDOWS_EN_DAY),
)
