"""Speech analyses and suggested replies."""

from __future__ import annotations

from statistics import fmean

import pytest

from chalicelib.services import chat_analysis
from tests.support.client import Client
from tests.support.exports import android

LEVELS = {"하십시오체", "해요체", "해체", "해라체", "neutral"}


@pytest.fixture
def room_id(client, sample):
    return client.send_file(sample("kakaotalk_android.txt")).json["room_id"]


def test_the_speech_in_messages_is_analysed(client):
    analysis = client.post(
        "/analyze-speech", {"messages": ["오 좋아 ㅋㅋ", "뭐해?", "저는 집이에요", "ㅠㅠ", "갈게요"]}
    ).json
    assert analysis["total_messages"] == 5
    assert analysis["formal_ratio"] == 0.5
    assert analysis["emoji_ratio"] == 0.4
    assert analysis["speech_style"] == "semi_formal"
    assert analysis["confidence"] == {"n": 5, "level": "medium"}
    assert set(analysis["speech_levels"]) == LEVELS
    assert sum(analysis["speech_levels"].values()) == pytest.approx(1, abs=0.01)
    assert sum(analysis["emotion_data"]["emotions"].values()) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("body", [{"messages": []}, {}, {"messages": "안녕"}, {"messages": [1]}])
def test_a_speech_analysis_without_messages_is_422(client, body):
    assert client.post("/analyze-speech", body).status == 422


def test_the_speech_of_each_participant_of_a_room_is_analysed(client, room_id):
    analysis = client.post("/analyze-speech", {"room_id": room_id}).json
    me, partner = analysis["participants"]
    assert (me["name"], me["role"], partner["name"], partner["role"]) == ("하늘", "me", "바다", "partner")
    assert me["avg_length"] < partner["avg_length"]
    assert me["habits"]
    assert me["response_examples"]
    assert any(switch["to"] == "반말" for switch in analysis["switches"])
    assert analysis["summary"]
    assert {count["trait"] for count in me["trait_counts"]} == set(me["personality_traits"])


def test_the_users_and_the_partners_style_are_matched_by_particles_and_endings(client, room_id):
    match = client.post("/analyze-speech", {"room_id": room_id}).json["style_match"]
    assert match["score"] == pytest.approx(fmean(feature["match"] for feature in match["features"]), abs=0.001)
    assert "주격·목적격 조사" in {feature["name"] for feature in match["features"]}


def test_styles_are_not_matched_in_a_short_chat(client):
    chat = "2026년 11월 20일 오후 3:01, 하늘 : 뭐해\n2026년 11월 20일 오후 3:02, 바다 : 집이야\n".encode()
    room_id = client.send_file(chat, my_name="하늘").json["room_id"]
    analysis = client.post("/analyze-speech", {"room_id": room_id}).json
    assert analysis["style_match"] == {"score": None, "features": []}
    assert "500어절" in analysis["summary"]


def test_the_sample_chat_gets_three_replies(client, room_id):
    reply = client.post("/analyze", {"room_id": room_id, "goal": "힘이 되어 주고 싶어요"})
    assert reply.status == 200
    answer = reply.json
    assert answer["id"] == answer["analysis_id"]
    assert [response["type"] for response in answer["responses"]] == ["안전형", "균형형", "대담형"]
    risks = [response["risk_level"] for response in answer["responses"]]
    assert risks == sorted(set(risks))
    assert all(response["message"] and response["sendable"] for response in answer["responses"])
    assert answer["recommendation"]["action"] == "send"
    assert (answer["engine"], answer["degraded"], answer["stored"], answer["ai_generated"]) == (
        "local",
        False,
        False,
        True,
    )
    assert answer["credits_remaining"] == 19


def test_evidence_quotes_messages_of_the_partner(client, room_id):
    traits = client.post("/analyze", {"room_id": room_id}).json["partner"]["traits"]
    messages = client.get("/messages", room_id=room_id, limit=200).json["messages"]
    by_id = {message["message_id"]: message for message in messages}
    evidence = [line for trait in traits for line in trait["evidence"]]
    assert evidence
    for line in evidence:
        assert by_id[line["message_id"]]["role"] == "partner"
        assert line["quote"] in by_id[line["message_id"]]["text"]


def test_a_repeated_question_gets_the_stored_answer_and_takes_no_credit(client, room_id):
    first = client.post("/analyze", {"room_id": room_id, "context": "상대: 뭐해?"}).json
    repeated = client.post("/analyze", {"room_id": room_id, "context": "상대: 뭐해?"}).json
    assert (repeated["stored"], repeated["credits_remaining"]) == (True, 19)
    assert {**repeated, "stored": False} == first
    new = client.post("/analyze", {"room_id": room_id, "context": "상대: 뭐해?", "regenerate": True}).json
    assert (new["stored"], new["credits_remaining"]) == (False, 18)
    assert client.post("/analyze", {"room_id": room_id, "context": "상대: 어디야?"}).json["credits_remaining"] == 17
    profile = client.get("/user-profile").json
    assert (profile["credits_used"], profile["credits_remaining"]) == (3, 17)


def test_a_question_about_a_changed_room_gets_a_new_answer(client):
    lines = [("하늘", "뭐해"), ("바다", "나 오늘 너무 힘들었어ㅠㅠ")]
    file = client.send_file(android(lines)).json
    client.post("/analyze", {"room_id": file["room_id"]})
    client.send_file(android([*lines, ("바다", "자?")]), room_id=file["room_id"])
    assert client.post("/analyze", {"room_id": file["room_id"]}).json["stored"] is False


def test_a_question_can_have_only_context(client):
    answer = client.post("/analyze", {"context": "상대: 주말에 뭐해?", "partner_info": {"name": "바다"}}).json
    assert len(answer["responses"]) == 3
    assert answer["interest"] is None
    assert answer["interest_note"]


def test_no_reply_is_sendable_after_the_partner_ended_contact(client):
    answer = client.post("/analyze", {"context": "상대: 부담스러워. 이제 연락하지 마"}).json
    assert answer["recommendation"]["action"] == "do_not_contact"
    assert [(response["message"], response["sendable"]) for response in answer["responses"]] == [("", False)] * 3


def test_a_question_about_a_group_needs_a_named_partner(client):
    chat = android([("하늘", "안녕"), ("바다", "응"), ("구름", "나도")], title="모임 3 카카오톡 대화")
    file = client.send_file(chat, my_name="하늘").json
    reply = client.post("/analyze", {"room_id": file["room_id"]})
    assert (reply.status, reply.json["code"]) == (422, "partner_unknown")
    client.put("/chat-rooms", {"room_id": file["room_id"], "partner_name": "구름"})
    assert client.post("/analyze", {"room_id": file["room_id"]}).status == 200


def test_a_question_without_credits_is_429(client, stage, monkeypatch):
    monkeypatch.setattr(chat_analysis, "settings", lambda: stage.model_copy(update={"daily_credits": 2}))
    for text in ("하나", "둘"):
        assert client.post("/analyze", {"context": f"상대: {text}"}).status == 200
    reply = client.post("/analyze", {"context": "상대: 셋"})
    assert (reply.status, reply.json["code"]) == (429, "credits_used_up")
    assert 0 < int(reply.headers["retry-after"]) <= 86_401
    assert client.post("/analyze", {"context": "상대: 하나"}).json["stored"] is True


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"context": ""},
        {"context": "가" * 4_001},
        {"context": 7},
        {"context": "a", "partner_info": {"age": 20}},
        {"context": "a", "user_style": {"formal_ratio": 2}},
        {"context": "a", "regenerate": "yes"},
    ],
)
def test_an_invalid_question_is_422_and_takes_no_credit(client, body):
    assert client.post("/analyze", body).status == 422
    assert client.get("/user-profile").json["credits_used"] == 0


def test_a_user_never_gets_another_users_stored_answer(client, app, issuer):
    client.post("/analyze", {"context": "상대: 뭐해?"})
    other = Client(app, issuer)
    other.give_consents()
    assert other.post("/analyze", {"context": "상대: 뭐해?"}).json["stored"] is False


def test_the_log_has_no_text_of_a_question(client, logs):
    client.post("/analyze", {"context": "canary-4711", "situation": "canary-4711", "draft": "canary-4711 좋아"})
    client.post("/analyze-speech", {"messages": ["canary-4711"] * 6})
    assert "canary" not in logs()


@pytest.mark.parametrize(("timezone", "at_night"), [("Asia/Seoul", 1), ("America/New_York", 0)])
def test_night_messages_are_counted_in_the_users_time_zone(client, timezone, at_night):
    client.put("/user-profile", {"timezone": timezone})
    chat = android([("하늘" if n % 2 else "바다", f"안녕 {n}") for n in range(40)], start=14 * 60)
    room_id = client.send_file(chat, timezone="Asia/Seoul", my_name="하늘").json["room_id"]
    signals = client.post("/analyze", {"room_id": room_id}).json["interest"]["signals"]
    assert {signal["name"]: signal["value"] for signal in signals}["night_share"] == at_night
