"""Emotion analyses of texts and rooms with the local model."""

from __future__ import annotations

import pytest

from tests.support.exports import android

KEYS = {
    "comprehend_units",
    "sentiment",
    "sentiment_confidence",
    "sentiment_scores",
    "emotion_category",
    "emotion_intensity",
    "key_phrases",
    "entities",
    "analysis_summary",
    "engine",
}


def test_a_text_has_a_sentiment_a_category_and_an_engine(client):
    analysis = client.post("/emotion-analysis", {"text": "오늘 너무 행복했어! 고마워 ㅎㅎ"}).json
    assert set(analysis) == KEYS
    assert (analysis["sentiment"], analysis["engine"]) == ("POSITIVE", "local")
    assert sum(analysis["sentiment_scores"].values()) == pytest.approx(1, abs=0.01)
    assert 0 <= analysis["emotion_intensity"] <= 1
    assert client.post("/emotion-analysis", {"text": "진짜 짜증나고 속상해ㅠㅠ"}).json["sentiment"] == "NEGATIVE"


def test_the_log_has_no_text_of_the_request(client, logs):
    client.post("/emotion-analysis", {"text": "canary-4711 행복해"})
    assert "canary" not in logs()


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 7}, {"text": "가" * 10_001}])
def test_a_request_without_a_valid_text_is_422(client, body):
    assert client.post("/emotion-analysis", body).status == 422


def test_a_room_is_analysed_by_participant(client, sample):
    room_id = client.send_file(sample("kakaotalk_android.txt")).json["room_id"]
    analysis = client.post("/emotion-analysis", {"room_id": room_id}).json
    assert {person["role"] for person in analysis["participants"]} == {"me", "partner"}
    assert all(set(person) == KEYS - {"comprehend_units"} | {"name", "role"} for person in analysis["participants"])
    assert set(analysis["trend"]) == {"me", "partner"}


def test_points_have_one_entry_per_day_and_role_and_add_up(client, sample):
    room_id = client.send_file(sample("kakaotalk_android.txt")).json["room_id"]
    history = client.get("/emotion-analysis", room_id=room_id).json
    assert len({point["date"] for point in history["points"]}) == 20
    assert [point["date"] for point in history["points"]] == sorted(point["date"] for point in history["points"])
    assert sum(point["messages"] for point in history["points"]) == 569
    for point in history["points"]:
        assert point["role"] in ("me", "partner")
        assert point["positive"] + point["negative"] + point["neutral"] + point["mixed"] == pytest.approx(1, abs=0.01)


def test_points_follow_the_users_name_in_the_room(client):
    chat = android([("하늘", "행복해"), ("바다", "짜증나")], title="모임 2 카카오톡 대화")
    room_id = client.send_file(chat).json["room_id"]
    assert {point["role"] for point in client.get("/emotion-analysis", room_id=room_id).json["points"]} == {"other"}
    client.put("/chat-rooms", {"room_id": room_id, "my_name": "바다"})
    points = client.get("/emotion-analysis", room_id=room_id).json["points"]
    assert {point["role"]: point["negative"] > point["positive"] for point in points} == {"me": True, "partner": False}


def test_trends_follow_the_users_name_in_the_room(client):
    moods = ["짜증나", "짜증나", "그래", "그래", "행복해", "행복해"]
    lines = [line for mood in moods for line in [("바다", mood), ("하늘", "그래")] * 5]
    room_id = client.send_file(android(lines, title="모임 2 카카오톡 대화", minutes=144)).json["room_id"]
    assert client.get("/emotion-analysis", room_id=room_id).json["trend"] == {"me": None, "partner": None}
    client.put("/chat-rooms", {"room_id": room_id, "my_name": "하늘"})
    trend = {"me": "steady", "partner": "rising"}
    assert client.get("/emotion-analysis", room_id=room_id).json["trend"] == trend
    assert client.post("/emotion-analysis", {"room_id": room_id}).json["trend"] == trend


def test_a_room_without_a_chat_has_no_points(client):
    room = client.post("/chat-rooms", {"partner_name": "바다", "partner_relationship": "썸"}).json["room"]
    history = client.get("/emotion-analysis", room_id=room["room_id"]).json
    assert history == {"points": [], "trend": {"me": None, "partner": None}}


def test_a_short_chat_has_no_trend(client):
    room_id = client.send_file(android([("하늘", "좋아"), ("바다", "응")])).json["room_id"]
    assert client.get("/emotion-analysis", room_id=room_id).json["trend"] == {"me": None, "partner": None}
