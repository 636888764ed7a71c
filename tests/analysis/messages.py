"""Messages and chats for the tests of tallies."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from chalicelib.analysis.tally import Tally
from chalicelib.domain import Kind, Message
from tests.support.exports import SEOUL

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=SEOUL)


def message(minute, sender, text="응", kind=Kind.TEXT, count=1):
    return Message(MONDAY + timedelta(minutes=minute), sender, kind, text, count)


def counted(*messages):
    tally = Tally()
    tally.add(messages)
    return tally


def random_chat(seed, size=400):
    rng = random.Random(seed)
    minute, messages = 0, []
    for _ in range(size):
        minute += rng.choice([0, 0, 1, 3, 30, 500])
        text = rng.choice(["뭐해?", "떡볶이 먹을래요", "ㅋㅋㅋ", "좋아", "그래요~", "오늘 너무 힘들었어ㅠㅠ"])
        messages.append(message(minute, rng.choice(["하늘", "바다", None]), text))
        if messages[-1].sender is None:
            messages[-1].kind = Kind.SYSTEM
    return messages
