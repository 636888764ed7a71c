"""Chats made up for measuring: as long as one likes, the same at every run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

FIRST = datetime(2024, 1, 1, 9, 0)  # noqa: DTZ001 (exports carry no zone)
NAMES = ("하늘", "바다")
SEED = 20_261_123
# Minutes between messages: most chats come in bursts, with pauses of hours.
PAUSES = (0, 0, 0, 0, 1, 1, 1, 2, 3, 7, 26, 240)
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
NOON = 12


class Line(NamedTuple):
    """A message: when, who, what."""

    at: datetime
    sender: str
    text: str


def chat(messages: int) -> Iterator[Line]:
    """A chat of two, 15 characters a message on average."""
    chance = random.Random(SEED)  # noqa: S311 (a chat, not a secret)
    at, sender = FIRST, NAMES[0]
    for _ in range(messages):
        at += timedelta(minutes=chance.choice(PAUSES))
        if chance.random() < 0.5:  # noqa: PLR2004
            sender = NAMES[sender == NAMES[0]]
        yield Line(at, sender, _text(chance))


def _text(chance: random.Random) -> str:
    if chance.random() < SHARE_OF_SHORT:
        return chance.choice(SHORT)
    topics = " ".join(chance.sample(TOPICS, chance.choice((1, 2, 2, 3))))
    number = f" {chance.randrange(1, 60)}분" if chance.random() < 0.2 else ""  # noqa: PLR2004
    return f"{chance.choice(OPENERS)}{topics}{number} {chance.choice(MIDDLES)} {chance.choice(ENDS)}"


def android_ko(lines: Iterator[Line]) -> str:
    """As KakaoTalk for Android exports it."""
    out = ["\ufeff바다 님과 카카오톡 대화\r\n저장한 날짜 : 2026년 3월 2일 오후 9:10\n\n\r\n"]
    day = None
    for at, sender, text in lines:
        half = "오전" if at.hour < NOON else "오후"
        stamp = f"{at.year}년 {at.month}월 {at.day}일 {half} {at.hour % NOON or NOON}:{at.minute:02}"
        if at.date() != day:
            day = at.date()
            out.append(f"{stamp}\r\n")
        out.append(f"{stamp}, {sender} : {text}\r\n")
    return "".join(out)
