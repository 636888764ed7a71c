"""Chats made up for measuring: as long as one likes, the same at every run."""

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

FIRST = datetime(2017, 1, 1, 9, 0)  # noqa: DTZ001 (exports carry no zone)
SEOUL = ZoneInfo("Asia/Seoul")
NAMES = ("하늘", "바다")
SEED = 20_261_123
# Minutes between messages, and up to half a minute more: most chats come in bursts, with pauses of hours.
PAUSES = (0, 0, 0, 0, 1, 1, 1, 2, 3, 7, 26, 240)
HALF_MINUTE = 30
OPENERS = ("", "", "", "아 ", "근데 ", "오 ", "그럼 ", "헐 ", "진짜 ", "음 ")
TOPICS = [
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
MIDDLES = ("너무", "조금", "진짜", "같이", "혼자", "계속", "또", "빨리", "천천히", "벌써", "아직", "이제")
ENDS = [
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
SHORT = ("ㅋㅋㅋ", "응", "네", "ㅇㅇ", "ㅠㅠ", "아 진짜?", "헐", "그래", "좋아요", "사진", "이모티콘")
SHARE_OF_SHORT = 0.25
# What simple readers stumble over.
ODD = ("{}\n{}", "10:30에 {}, {}", '"{}" {}', "하늘 : {} {}", "{} https://example.com/{}")
SHARE_OF_ODD = 0.05
NOON = 12
WEEKDAYS = "월화수목금토일"


class Line(NamedTuple):
    """A message: when, who, what."""

    at: datetime
    sender: str
    text: str


def chat(messages: int, pace: float = 1) -> Iterator[Line]:
    """A chat of two: 60 messages a day, or ``pace`` times as many; 16 characters a message on average."""
    chance = random.Random(SEED)  # noqa: S311 (a chat, not a secret)
    at, sender = FIRST, NAMES[0]
    for _ in range(messages):
        at += timedelta(seconds=(60 * chance.choice(PAUSES) + chance.randrange(HALF_MINUTE)) // pace)
        if chance.random() < 0.5:  # noqa: PLR2004
            sender = NAMES[sender == NAMES[0]]
        yield Line(at, sender, _text(chance))


def _text(chance: random.Random) -> str:
    if chance.random() < SHARE_OF_SHORT:
        return chance.choice(SHORT)
    topics = " ".join(chance.sample(TOPICS, chance.choice((1, 2, 2, 3))))
    number = f" {chance.randrange(1, 60)}분" if chance.random() < 0.2 else ""  # noqa: PLR2004
    text = f"{chance.choice(OPENERS)}{topics}{number} {chance.choice(MIDDLES)} {chance.choice(ENDS)}"
    return chance.choice(ODD).format(text, chance.choice(ENDS)) if chance.random() < SHARE_OF_ODD else text


# As apps export them. Bare line feeds are line breaks inside messages.


def android_ko(lines: Iterable[Line]) -> str:
    """KakaoTalk for Android in Korean."""
    head = "\ufeff바다 님과 카카오톡 대화\r\n저장한 날짜 : 2026년 3월 2일 오후 9:10\n\n\r\n"
    return head + _by_day(lines, _korean_stamp, lambda line: f"{_korean_stamp(line.at)}, {line.sender} : {line.text}")


def android_en(lines: Iterable[Line]) -> str:
    """KakaoTalk for Android in English, as it is since 2023."""
    head = "\ufeffKakaoTalk Chats with 바다\r\nDate Saved : March 2, 2026 at 9:10\u202fPM\n\n\r\n"
    return head + _by_day(lines, _english_stamp, lambda line: f"{_english_stamp(line.at)}, {line.sender} : {line.text}")


def ios_ko(lines: Iterable[Line]) -> str:
    """KakaoTalk for iOS in Korean."""
    head = "\ufeffTalk_2026.3.2 21:10-1.txt\r\n저장한 날짜 : 2026. 3. 2. 오후 9:10\r\n\r\n\r\n\r\n"
    return head + _by_day(
        lines,
        _korean_day,
        lambda line: (
            f"{line.at:%Y}. {line.at.month}. {line.at.day}. {_korean_time(line.at)}, {line.sender} : {line.text}"
        ),
    )


def windows_ko(lines: Iterable[Line]) -> str:
    """KakaoTalk for Windows in Korean."""
    head = "바다 님과 카카오톡 대화\r\n저장한 날짜 : 2026-03-02 21:10:41\r\n\r\n"
    dashes = "-" * 15
    return head + _by_day(
        lines,
        lambda at: f"{dashes} {_korean_day(at)} {dashes}",
        lambda line: f"[{line.sender}] [{_korean_time(line.at)}] {line.text}",
    )


def kakao_csv(lines: Iterable[Line]) -> str:
    """KakaoTalk's CSV: only the date is never quoted."""
    out = io.StringIO(newline="")
    out.write("Date,User,Message\r\n")
    quoted = csv.writer(out, quoting=csv.QUOTE_ALL)
    for at, sender, text in lines:
        out.write(f"{at},")
        quoted.writerow((sender, text))
    return out.getvalue()


def whatsapp_android(lines: Iterable[Line]) -> str:
    """WhatsApp for Android: day before month, 24 hours."""
    return "".join(f"{at:%d/%m/%Y, %H:%M} - {sender}: {text}\n" for at, sender, text in lines)


def whatsapp_ios(lines: Iterable[Line]) -> str:
    """WhatsApp for iOS: month before day, 12 hours, seconds."""
    return "".join(
        f"[{at.month}/{at.day}/{at:%y}, {at.hour % NOON or NOON}:{at:%M:%S}\u202f{at:%p}] {sender}: {text}\r\n"
        for at, sender, text in lines
    )


def line_ja(lines: Iterable[Line]) -> str:
    """LINE in Japanese: tabs between the parts, messages of several lines in quotes."""
    head = "[LINE] 바다とのトーク履歴\r\n保存日時：2026/03/02 21:10\r\n\r\n"
    return head + _by_day(
        lines,
        lambda at: f"{at:%Y/%m/%d}({'月火水木金土日'[at.weekday()]})",
        lambda line: f"{line.at:%H:%M}\t{line.sender}\t{_line_quoted(line.text)}",
    )


def telegram(lines: Iterable[Line]) -> str:
    """Telegram Desktop's ``result.json``."""
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
    chat_ = {"name": NAMES[1], "type": "personal_chat", "id": 2, "messages": messages}
    return json.dumps(chat_, ensure_ascii=False, indent=1)


def instagram(lines: Iterable[Line]) -> str:
    """Instagram's ``message_1.json``: the newest message first, and texts as UTF-8 that was taken for Latin-1."""
    messages = [
        {"sender_name": _mistaken(sender), "timestamp_ms": 1000 * _epoch(at), "content": _mistaken(text)}
        for at, sender, text in lines
    ]
    thread = {
        "participants": [{"name": _mistaken(name)} for name in NAMES],
        "messages": messages[::-1],
        "title": _mistaken(NAMES[1]),
        "is_still_participant": True,
        "thread_path": "inbox/bada_1234567890",
        "magic_words": [],
    }
    return json.dumps(thread, indent=2)


def _by_day(lines: Iterable[Line], mark: Callable[[datetime], str], record: Callable[[Line], str]) -> str:
    """Records that end with CRLF, each day's under a mark."""
    out = []
    for _, day in groupby(lines, lambda line: line.at.date()):
        first, *others = day
        out += [mark(first.at), record(first), *map(record, others)]
    return "\r\n".join([*out, ""])


def _korean_day(at: datetime) -> str:
    return f"{at.year}년 {at.month}월 {at.day}일 {WEEKDAYS[at.weekday()]}요일"


def _korean_time(at: datetime) -> str:
    return f"{'오전' if at.hour < NOON else '오후'} {at.hour % NOON or NOON}:{at:%M}"


def _korean_stamp(at: datetime) -> str:
    return f"{at.year}년 {at.month}월 {at.day}일 {_korean_time(at)}"


def _english_stamp(at: datetime) -> str:
    return f"{at:%B} {at.day}, {at.year} at {at.hour % NOON or NOON}:{at:%M}\u202f{at:%p}"


def _line_quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "\n" in text else text


def _epoch(at: datetime) -> int:
    return int(at.replace(tzinfo=SEOUL).timestamp())


def _mistaken(text: str) -> str:
    return text.encode().decode("latin-1")
