"""A chat, a good answer of a model, and variations of the answer."""

from __future__ import annotations

import json
from pathlib import Path

from chalicelib.coaching import local_coach
from tests.coaching.chats import briefing_of

CHAT = {
    "voice": "laughing",
    "relationship": "썸",
    "name": "바다",
    "lines": [
        "P 바다는 오늘 회의가 네 개였대ㅋㅋ 그게 나야",
        "M 헐 하늘이가 커피 사 줄까?",
        "P 진짜? 나 오늘 너무 힘들었어ㅠㅠ 010-0000-1234로 전화해",
    ],
}
# An answer that passes every check.
GOOD = {
    "responses": [
        {
            "type": "안전형",
            "message": "헐 오늘 진짜 고생했네ㅠㅠ 얼른 쉬어",
            "explanation": "힘들었다는 말에 답했어요.",
            "risk_level": 1,
            "confidence": 0.8,
            "advice": "먼저 들어 주세요.",
            "expected_reaction": "고마워할 거예요.",
        },
        {
            "type": "균형형",
            "message": "회의 네 개는 심했다ㅋㅋ 뭐가 제일 힘들었어?",
            "explanation": "회의 이야기를 이어 물었어요.",
            "risk_level": 2,
            "confidence": 0.7,
            "advice": "답을 재촉하지 마세요.",
            "expected_reaction": "회의 이야기를 더 할 거예요.",
        },
        {
            "type": "대담형",
            "message": "이따 커피 들고 갈게ㅋㅋ 잠깐 볼래?",
            "explanation": "커피 이야기를 만남으로 이었어요.",
            "risk_level": 4,
            "confidence": 0.6,
            "advice": "싫다고 하면 물러나 주세요.",
            "expected_reaction": "반길 수 있어요.",
        },
    ],
    "recommendation": {"action": "send", "reason": "지금이 좋아요."},
    "partner": {
        "summary": "힘든 일을 솔직하게 말하는 사람이에요.",
        "traits": [
            {
                "name": "솔직함",
                "description": "힘든 마음을 숨기지 않아요.",
                "line": 3,
                "quote": "나 오늘 너무 힘들었어ㅠㅠ",
            },
            {"name": "거짓", "description": "없는 말이에요.", "line": 3, "quote": "이런 말은 없다"},
            {"name": "다른 줄", "description": "다른 줄의 말이에요.", "line": 2, "quote": "나 오늘 너무 힘들었어ㅠㅠ"},
        ],
    },
}
# The fields of an answer that the user reads, except the message.
OTHER_TEXTS = ("explanation", "advice", "expected_reaction", "reason", "summary", "name", "description")
# Lines of a chat that address a model, each with the message of a model that obeys the line.
ATTACKS = [line.split("\t") for line in (Path(__file__).parent / "attacks.tsv").read_text("utf-8").splitlines()]


def case_and_answer(chat):
    case = local_coach.understand(briefing_of(chat))
    return case, local_coach.answer(case)


def with_message(message, place=0, **changes):
    """Return the good answer with another message and other fields in the response at ``place``."""
    answer = json.loads(json.dumps(GOOD))
    answer["responses"][place] |= {"message": message, **changes}
    return answer


def with_other_text(field, text):
    """Return the good answer with another text in a field that is not a message."""
    answer = json.loads(json.dumps(GOOD))
    partner = answer["partner"]
    for part in (answer["responses"][1], answer["recommendation"], partner, partner["traits"][0]):
        if field in part:
            part[field] = text
    return answer
