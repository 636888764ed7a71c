"""Generate chats for benchmarks: of any length, the same in every run."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

_START = datetime(2017, 1, 1, 9, 0)  # noqa: DTZ001 (exports carry no zone)
SEOUL = ZoneInfo("Asia/Seoul")
NAMES = ("하늘", "바다")
_SEED = 20_261_123
# Minutes between two messages, to which up to half a minute is added. Chats come in bursts with pauses of hours.
_PAUSE_MINUTES = (0, 0, 0, 0, 1, 1, 1, 2, 3, 7, 26, 240)
_MAX_EXTRA_SECONDS = 30
_OPENERS = ("", "", "", "아 ", "근데 ", "오 ", "그럼 ", "헐 ", "진짜 ", "음 ")
_TOPICS = [
    "오늘",
    "내일",
    "주말에",
    "영화",
    "저녁",
    "회사에서",
    "친구랑",
    "커피",
    "그 카페",
    "시험",
    "운동",
    "강아지",
    "날씨가",
    "버스가",
    "여행",
    "사진",
    "노래",
    "집에서",
    "퇴근하고",
    "새벽에",
]
_ADVERBS = ("너무", "조금", "진짜", "같이", "혼자", "계속", "또", "빨리", "천천히", "벌써", "아직", "이제")
_ENDINGS = [
    "좋았어",
    "가고 싶다",
    "먹었어?",
    "뭐 해요?",
    "재밌어요",
    "힘들었어ㅠㅠ",
    "보자!",
    "안 돼요",
    "늦을 것 같아",
    "괜찮아요",
    "웃겨 ㅋㅋㅋ",
    "고마워",
    "궁금해요",
    "싫어",
    "끝났어요",
    "기다릴게",
    "피곤하다",
    "행복해 ㅎㅎ",
    "몰랐네",
    "갔다 올게요~",
]
_SHORT_TEXTS = ("ㅋㅋㅋ", "응", "네", "ㅇㅇ", "ㅠㅠ", "아 진짜?", "헐", "그래", "좋아요", "사진", "이모티콘")
_SHORT_SHARE = 0.25
_NUMBER_SHARE = 0.2
_SENDER_CHANGE_SHARE = 0.5
# Texts that simple readers get wrong.
_TRICKY_FORMS = ("{}\n{}", "10:30에 {}, {}", '"{}" {}', "하늘 : {} {}", "{} https://example.com/{}")
_TRICKY_SHARE = 0.05
_NOON = 12
_WEEKDAYS = "월화수목금토일"


class Line(NamedTuple):
    """A message with its time and sender."""

    at: datetime
    sender: str
    text: str


def chat(messages: int, pace: float = 1) -> Iterator[Line]:
    """Yield a chat of two people with 60 messages a day, times ``pace``, and 16 characters a message on average."""
    rng = random.Random(_SEED)  # noqa: S311 (a chat, not a secret)
    at, sender = _START, NAMES[0]
    for _ in range(messages):
        at += timedelta(seconds=(60 * rng.choice(_PAUSE_MINUTES) + rng.randrange(_MAX_EXTRA_SECONDS)) // pace)
        if rng.random() < _SENDER_CHANGE_SHARE:
            sender = NAMES[sender == NAMES[0]]
        yield Line(at, sender, _text(rng))


def _text(rng: random.Random) -> str:
    if rng.random() < _SHORT_SHARE:
        return rng.choice(_SHORT_TEXTS)
    topics = " ".join(rng.sample(_TOPICS, rng.choice((1, 2, 2, 3))))
    number = f" {rng.randrange(1, 60)}분" if rng.random() < _NUMBER_SHARE else ""
    text = f"{rng.choice(_OPENERS)}{topics}{number} {rng.choice(_ADVERBS)} {rng.choice(_ENDINGS)}"
    return rng.choice(_TRICKY_FORMS).format(text, rng.choice(_ENDINGS)) if rng.random() < _TRICKY_SHARE else text


# Writers of the apps' formats. A bare LF is a line break inside a message.


def android_ko(lines: Iterable[Line]) -> str:
    """Write the Korean export of KakaoTalk for Android."""
    header = "\ufeff바다 님과 카카오톡 대화\r\n저장한 날짜 : 2026년 3월 2일 오후 9:10\n\n\r\n"
    return header + _by_day(lines, _korean_stamp, lambda line: f"{_korean_stamp(line.at)}, {line.sender} : {line.text}")


def android_en(lines: Iterable[Line]) -> str:
    """Write the English export of KakaoTalk for Android, in its form since 2023."""
    header = "\ufeffKakaoTalk Chats with 바다\r\nDate Saved : March 2, 2026 at 9:10\u202fPM\n\n\r\n"
    return header + _by_day(
        lines, _english_stamp, lambda line: f"{_english_stamp(line.at)}, {line.sender} : {line.text}"
    )


def ios_ko(lines: Iterable[Line]) -> str:
    """Write the Korean export of KakaoTalk for iOS."""
    header = "\ufeffTalk_2026.3.2 21:10-1.txt\r\n저장한 날짜 : 2026. 3. 2. 오후 9:10\r\n\r\n\r\n\r\n"
    return header + _by_day(
        lines,
        _korean_day,
        lambda line: (
            f"{line.at:%Y}. {line.at.month}. {line.at.day}. {_korean_time(line.at)}, {line.sender} : {line.text}"
        ),
    )


def windows_ko(lines: Iterable[Line]) -> str:
    """Write the Korean export of KakaoTalk for Windows."""
    header = "바다 님과 카카오톡 대화\r\n저장한 날짜 : 2026-03-02 21:10:41\r\n\r\n"
    dashes = "-" * 15
    return header + _by_day(
        lines,
        lambda at: f"{dashes} {_korean_day(at)} {dashes}",
        lambda line: f"[{line.sender}] [{_korean_time(line.at)}] {line.text}",
    )


def kakao_csv(lines: Iterable[Line]) -> str:
    """Write KakaoTalk's CSV export, which quotes everything but the date."""
    out = io.StringIO(newline="")
    out.write("Date,User,Message\r\n")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for at, sender, text in lines:
        out.write(f"{at},")
        writer.writerow((sender, text))
    return out.getvalue()


def whatsapp_android(lines: Iterable[Line]) -> str:
    """Write the export of WhatsApp for Android: day before month, 24-hour clock."""
    return "".join(f"{at:%d/%m/%Y, %H:%M} - {sender}: {text}\n" for at, sender, text in lines)


def whatsapp_ios(lines: Iterable[Line]) -> str:
    """Write the export of WhatsApp for iOS: month before day, 12-hour clock with seconds."""
    return "".join(
        f"[{at.month}/{at.day}/{at:%y}, {at.hour % _NOON or _NOON}:{at:%M:%S}\u202f{at:%p}] {sender}: {text}\r\n"
        for at, sender, text in lines
    )


def line_ja(lines: Iterable[Line]) -> str:
    """Write the Japanese export of LINE for phones: tabs as separators, messages of several lines in quotes."""
    header = "[LINE] 바다とのトーク履歴\r\n保存日時：2026/03/02 21:10\r\n\r\n"
    return header + _by_day(
        lines,
        lambda at: f"{at:%Y/%m/%d}({'月火水木金土日'[at.weekday()]})",
        lambda line: f"{line.at:%H:%M}\t{line.sender}\t{_in_line_quotes(line.text)}",
    )


def telegram(lines: Iterable[Line]) -> str:
    """Write Telegram Desktop's ``result.json``."""
    messages = [
        {
            "id": number,
            "type": "message",
            "date": at.isoformat(),
            "date_unixtime": str(_epoch(at)),
            "from": sender,
            "from_id": f"user{1 + NAMES.index(sender)}",
            "text": text,
            "text_entities": [{"type": "plain", "text": text}],
        }
        for number, (at, sender, text) in enumerate(lines, 1)
    ]
    root = {"name": NAMES[1], "type": "personal_chat", "id": 2, "messages": messages}
    return json.dumps(root, ensure_ascii=False, indent=1)


def instagram(lines: Iterable[Line]) -> str:
    """Write Instagram's ``message_1.json``: newest message first, and UTF-8 that was decoded as Latin-1."""
    messages = [
        {"sender_name": _as_latin1(sender), "timestamp_ms": 1000 * _epoch(at), "content": _as_latin1(text)}
        for at, sender, text in lines
    ]
    thread = {
        "participants": [{"name": _as_latin1(name)} for name in NAMES],
        "messages": messages[::-1],
        "title": _as_latin1(NAMES[1]),
        "is_still_participant": True,
        "thread_path": "inbox/bada_1234567890",
        "magic_words": [],
    }
    return json.dumps(thread, indent=2)


def _by_day(lines: Iterable[Line], day_line: Callable[[datetime], str], write: Callable[[Line], str]) -> str:
    """Write records that end with CRLF, with a day line above the records of each day."""
    records: list[str] = []
    for _, day_lines in groupby(lines, lambda line: line.at.date()):
        first, *others = day_lines
        records += [day_line(first.at), write(first), *map(write, others)]
    return "\r\n".join([*records, ""])


def _korean_day(at: datetime) -> str:
    return f"{at.year}년 {at.month}월 {at.day}일 {_WEEKDAYS[at.weekday()]}요일"


def _korean_time(at: datetime) -> str:
    return f"{'오전' if at.hour < _NOON else '오후'} {at.hour % _NOON or _NOON}:{at:%M}"


def _korean_stamp(at: datetime) -> str:
    return f"{at.year}년 {at.month}월 {at.day}일 {_korean_time(at)}"


def _english_stamp(at: datetime) -> str:
    return f"{at:%B} {at.day}, {at.year} at {at.hour % _NOON or _NOON}:{at:%M}\u202f{at:%p}"


def _in_line_quotes(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "\n" in text else text


def _epoch(at: datetime) -> int:
    return int(at.replace(tzinfo=SEOUL).timestamp())


def _as_latin1(text: str) -> str:
    return text.encode().decode("latin-1")
