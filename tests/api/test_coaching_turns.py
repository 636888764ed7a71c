"""Coaching turns, and the figures about them in the profile."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain import Caller
from chalicelib.services import coaching_turns
from chalicelib.services.coaching_turns import NewTurn

RESPONSES = [
    {"type": "안전형", "message": "푹 쉬어", "risk_level": 1},
    {"type": "균형형", "message": "전화할래?", "extra": [1]},
]
TURN = {"user_message": "뭐라고 하지", "ai_responses": RESPONSES}


def create(client, **fields):
    reply = client.post("/conversation-history", {**TURN, **fields})
    assert reply.status == 201
    return reply.json["conversation_id"]


def test_a_turn_is_stored_with_all_its_fields(client, sample):
    room_id = client.send_file(sample("kakaotalk_android.txt")).json["room_id"]
    analysis_id = client.post("/analyze", {"room_id": room_id}).json["analysis_id"]
    fields = {
        "analysis_id": analysis_id,
        "selected_response_type": "균형형",
        "selected_response": "전화할래?",
        "partner_name": "바다",
        "partner_relationship": "썸",
        "session_id": "session-1",
        "context_text": "힘들다고 했어요",
        "room_id": room_id,
        "feedback_rating": 5,
        "feedback_comment": "좋았어요",
    }
    conversation_id = create(client, **fields)
    listed = client.get("/conversation-history", room_id=room_id).json
    (turn,) = listed["conversations"]
    assert turn["id"] == turn["conversation_id"] == conversation_id
    assert {name: turn[name] for name in (*TURN, *fields)} == {**TURN, **fields}
    assert turn["created_at"]
    assert (listed["total_count"], listed["limit"], listed["offset"], listed["next_cursor"]) == (1, 20, 0, None)


def test_choice_and_feedback_can_be_added_later(client):
    conversation_id = create(client)
    body = {"conversation_id": conversation_id, "feedback_rating": 4, "selected_response_type": "대담형"}
    assert client.put("/conversation-history", body).json["conversation_id"] == conversation_id
    (turn,) = client.get("/conversation-history").json["conversations"]
    assert (turn["feedback_rating"], turn["selected_response_type"], turn["feedback_comment"]) == (4, "대담형", None)


def test_the_profile_has_figures_about_the_turns(client):
    create(client, feedback_rating=5, selected_response_type="균형형")
    create(client, feedback_rating=2, selected_response_type="균형형")
    create(client, feedback_rating=4, selected_response_type="안전형")
    create(client)
    profile = client.get("/user-profile").json
    assert (profile["total_conversations"], profile["today_conversations"]) == (4, 4)
    assert profile["avg_response_rating"] == 3.67
    assert profile["overall_success_rate"] == 0.67
    assert profile["favorite_response_type"] == "균형형"


def test_a_day_ends_at_midnight_in_the_profiles_time_zone(client):
    client.put("/user-profile", {"timezone": "Pacific/Kiritimati"})
    yesterday = Caller(client.user_id, None, datetime.now(UTC) - timedelta(days=1, hours=1))
    coaching_turns.create(yesterday, NewTurn("어제", ()))
    create(client)
    profile = client.get("/user-profile").json
    assert (profile["total_conversations"], profile["today_conversations"]) == (2, 1)


def test_the_context_of_a_turn_expires_after_seven_days(client):
    past = Caller(client.user_id, None, datetime.now(UTC) - timedelta(days=7, seconds=1))
    coaching_turns.create(past, NewTurn("질문", (), context_text="대화의 말"))
    (turn,) = client.get("/conversation-history").json["conversations"]
    assert (turn["user_message"], turn["context_text"]) == ("질문", None)


def test_pages_of_turns_neither_skip_nor_repeat_and_have_the_total(client):
    ids = [create(client, user_message=str(number)) for number in range(7)]
    seen, cursor = [], None
    while True:
        page = client.get("/conversation-history", limit=3, **({"cursor": cursor} if cursor else {})).json
        seen += [turn["conversation_id"] for turn in page["conversations"]]
        create(client)
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == ids[::-1]
    beyond = client.get("/conversation-history", offset=500).json
    assert (beyond["conversations"], beyond["total_count"], beyond["offset"]) == ([], 10, 500)


@pytest.mark.parametrize(
    "fields",
    [
        {"user_message": None},
        {"ai_responses": "text"},
        {"ai_responses": ["text"]},
        {"ai_responses": [{}] * 11},
        {"ai_responses": [{"message": "가" * 10_001}]},
        {"feedback_rating": 0},
        {"feedback_rating": 6},
        {"feedback_rating": 4.5},
        {"selected_response_type": "무모형"},
        {"room_id": 7},
    ],
)
def test_an_invalid_turn_is_422(client, fields):
    assert client.post("/conversation-history", {**TURN, **fields}).status == 422
    assert client.get("/conversation-history").json["total_count"] == 0


def test_an_unknown_room_or_turn_is_404(client):
    assert client.post("/conversation-history", {**TURN, "room_id": str(uuid.uuid4())}).status == 404
    assert client.put("/conversation-history", {"conversation_id": str(uuid.uuid4())}).status == 404


def test_turns_need_consents(stranger):
    assert stranger.post("/conversation-history", TURN).json["code"] == "consent_required"
