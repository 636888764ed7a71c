"""KakaoTalk's text exports from Android, iOS and Windows, in Korean and English.

An export has the language and the 12- or 24-hour clock of the device.
"""

from __future__ import annotations

import re

from chalicelib.domain import MAX_NAME_LENGTH
from chalicelib.parsing.grammar_reader import Grammar
from chalicelib.parsing.placeholders import Vocabulary

VOCABULARY = Vocabulary("kakaotalk")
# Some exports contain these instead of the exporting user's name.
_OWN_NAMES = frozenset(("회원님", "You", "you"))

_KO_DATE = r"\d{4}년 \d{1,2}월 \d{1,2}일"
_KO_DOTTED_DATE = r"\d{4}\. ?\d{1,2}\. ?\d{1,2}\."
_KO_TIME = r"(?:(?:오전|오후) |)\d{1,2}:\d{2}"
_KO_WEEKDAY = "[월화수목금토일]요일"

# Since 2023, AM and PM follow a narrow no-break space.
_EN_AM_PM = r"[ \u202f\u00a0]?[AaPp]\.?[Mm]\.?"
_EN_TIME = rf"\d{{1,2}}:\d{{2}}(?:{_EN_AM_PM}|)"
_EN_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_EN_SHORT_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_EN_WEEKDAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
# In Britain and Australia the day comes before the month.
_EN_DATE = rf"(?:{_EN_MONTH} \d{{1,2}},|\d{{1,2}} {_EN_MONTH}) \d{{4}}"
_EN_SHORT_DATE = rf"(?:{_EN_SHORT_MONTH} \d{{1,2}},|\d{{1,2}} {_EN_SHORT_MONTH}) \d{{4}}"

_SAVED_ON = r"(?:저장한 날짜|Date Saved) ?: [^\n]{1,60}"
# Each group is the name of the partner, or of the room with the number of its members.
_HEADERS = re.compile(
    r"([^\n]{1,200}?) ?님과 카카오톡 대화(?:-\d+\.txt)?"
    r"|[^\n]{1,2000}? 카카오톡 대화(?:-\d+\.txt)?"
    r"|KakaoTalk Chats with ([^\n]{1,2000}?)(?:-\d+\.txt)?"
    r"|([^\n]{1,2000}) with KakaoTalk Chats"
    r"|KakaoTalk Chats [^\n]{1,2000}"
    rf"|{_SAVED_ON}"
    r"|Talk_[^\n]{1,80}"
)


def _grammar(name: str, message: str, day: str, *, bare_notices: bool = False) -> Grammar:
    return Grammar(
        name=f"kakaotalk_{name}",
        vocabulary=VOCABULARY,
        message=re.compile(message),
        day=re.compile(day),
        headers=_HEADERS,
        saved=re.compile(_SAVED_ON),
        own_names=_OWN_NAMES,
        separator=None if bare_notices else " : ",
        bare_notices=bare_notices,
    )


# A message names its sender. A notice has no name or an empty one. On iOS, a notice follows a colon, or a comma in
# exports that do not repeat the date in every message.
_NAME_LENGTH = f"{{1,{MAX_NAME_LENGTH}}}?"
_SENDER = rf"(?P<name>[^\n]{_NAME_LENGTH}) : | : "
_NAME = rf", (?:{_SENDER}|)"
_IOS_NAME = rf"(?:, (?:{_SENDER})|: )"
_IOS_NAME_WITHOUT_DATE = rf"(?:, (?:{_SENDER}|(?=[^\n]{{1,300}}니다\.(?![^\r\n])))|: )"
_IOS_DAY = (
    rf"(?:{_EN_WEEKDAY},? )?"
    rf"(?P<date>(?:{_KO_DATE}|{_KO_DOTTED_DATE})(?= {_KO_WEEKDAY})|(?:(?<=day )|(?<=day, )){_EN_DATE})"
    rf"(?: {_KO_WEEKDAY})?"
)

_HYPHENS = "-{5,}"
_WINDOWS_KO_DAY = f"{_KO_DATE} {_KO_WEEKDAY}"
_WINDOWS_EN_DAY = f"{_EN_WEEKDAY},? {_EN_DATE}"


def _windows_grammar(language: str, time: str, day: str, hyphens: str | None = None) -> Grammar:
    return _grammar(
        f"windows_{language}",
        rf"(?P<date>)\[(?P<name>[^\n]{_NAME_LENGTH})\] \[(?P<time>{time})\] ?",
        rf"{hyphens} (?P<date>{day}) {hyphens}" if hyphens else f"(?P<date>{day})",
        bare_notices=True,
    )


FORMATS = (
    _grammar("android_ko", rf"(?P<date>{_KO_DATE}) (?P<time>{_KO_TIME}){_NAME}", f"{_KO_DATE} {_KO_TIME}"),
    # The variant of exports sent by mail.
    _grammar(
        "android_ko",
        rf"(?P<date>{_KO_DATE}) (?P<time>{_KO_TIME}):(?P<name>[^:\n]{_NAME_LENGTH}):",
        f"{_KO_DATE} {_KO_TIME}",
    ),
    # September 21, 2022, 5:12 PM, … Since 2023: September 21, 2022 at 5:12 PM, …
    _grammar(
        "android_en",
        rf"(?P<date>{_EN_DATE})(?:,| at) (?P<time>{_EN_TIME}){_NAME}",
        rf"{_EN_DATE}(?:,| at) {_EN_TIME}",
    ),
    # 8:34pm, July 9, 2015, …
    _grammar(
        "android_en",
        rf"(?P<time>{_EN_TIME}), (?P<date>{_EN_MONTH} \d{{1,2}}, \d{{4}}){_NAME}",
        rf"{_EN_TIME}, {_EN_MONTH} \d{{1,2}}, \d{{4}}",
    ),
    _grammar("ios_ko", rf"(?P<date>{_KO_DOTTED_DATE}) (?P<time>{_KO_TIME}){_IOS_NAME}", _IOS_DAY),
    _grammar("ios_ko", rf"(?P<date>)(?P<time>{_KO_TIME}){_IOS_NAME_WITHOUT_DATE}", _IOS_DAY),
    _grammar("ios_en", rf"(?P<date>{_EN_SHORT_DATE})(?:,| at) (?P<time>{_EN_TIME}){_IOS_NAME}", _IOS_DAY),
    _windows_grammar("ko", _KO_TIME, _WINDOWS_KO_DAY, _HYPHENS),
    # On a Korean Windows, English exports have Korean day lines.
    _windows_grammar("en", _EN_TIME, f"{_WINDOWS_EN_DAY}|{_WINDOWS_KO_DAY}", _HYPHENS),
    # Text copied from the window has day lines without hyphens.
    _windows_grammar("ko", _KO_TIME, _WINDOWS_KO_DAY),
    _windows_grammar("en", _EN_TIME, _WINDOWS_EN_DAY),
)
