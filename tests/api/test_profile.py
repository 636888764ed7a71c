"""The user's profile and consents."""

from __future__ import annotations

import pytest

EMPTY = {"age_over_14": None, "terms": None, "overseas_transfer": None}


def test_the_first_request_creates_a_profile(stranger):
    profile = stranger.get("/user-profile").json
    assert profile["id"] == profile["user_id"] == stranger.user_id
    assert profile["email"] == f"{stranger.user_id[:8]}@example.com"
    assert profile["timezone"] == "Asia/Seoul"
    assert profile["consents"] == EMPTY
    assert (profile["credits_remaining"], profile["credits_used"]) == (20, 0)
    assert profile["total_conversations"] == profile["today_conversations"] == 0
    assert profile["overall_success_rate"] is profile["favorite_response_type"] is None
    assert stranger.get("/user-profile").json == profile


def test_sent_fields_are_changed_and_omitted_fields_stay(stranger):
    stranger.put("/user-profile", {"username": "하늘", "birth_year": 1999})
    profile = stranger.put("/user-profile", {"preferred_speech_level": "casual", "timezone": "Europe/Berlin"}).json
    assert [profile[name] for name in ("username", "birth_year", "preferred_speech_level", "timezone")] == [
        "하늘",
        1999,
        "casual",
        "Europe/Berlin",
    ]
    assert stranger.get("/user-profile").json == profile


def test_a_consent_has_its_time_until_it_is_withdrawn(stranger):
    consents = stranger.put("/user-profile", {"consents": {"terms": True}}).json["consents"]
    assert consents["terms"] is not None
    assert consents["age_over_14"] is None
    repeated = stranger.put("/user-profile", {"consents": {"terms": True}}).json["consents"]
    assert repeated["terms"] == consents["terms"]
    assert stranger.put("/user-profile", {"consents": {"terms": False}}).json["consents"] == EMPTY


def test_a_speech_analysis_can_be_stored_in_the_profile(client):
    analysis = client.post(
        "/analyze-speech", {"messages": ["오 좋아 ㅋㅋ", "뭐해?", "나도 갈래", "ㅇㅋ", "헐 대박"]}
    ).json
    profile = client.put("/user-profile", {"speech_analysis": analysis}).json
    assert profile["total_messages"] == 5
    assert profile["response_examples"] == analysis["response_examples"]
    assert profile["speech_style"] == analysis["speech_style"]
    assert profile["last_analysis_at"] is not None


@pytest.mark.parametrize(
    "body",
    [
        {"birth_year": "1999"},
        {"birth_year": 1800},
        {"timezone": "Mars/Olympus"},
        {"timezone": "../../etc/passwd"},
        {"timezone": "localtime"},
        {"timezone": "posix/UTC"},
        {"timezone": "right/UTC"},
        {"preferred_speech_level": "loud"},
        {"consents": {"terms": "yes"}},
        {"consents": []},
        {"username": "a" * 101},
    ],
)
def test_an_invalid_value_is_422_and_changes_nothing(stranger, body):
    before = stranger.get("/user-profile").json
    assert stranger.put("/user-profile", body).status == 422
    assert stranger.get("/user-profile").json == before


ROUTES_THAT_NEED_CONSENTS = [
    ("/process-file", {"file_content": "x"}),
    ("/process-file", {"filename": "a.txt", "size": 10}),
    ("/analyze-speech", {"messages": ["안녕"]}),
    ("/analyze", {"context": "뭐해?"}),
]


@pytest.mark.parametrize(("path", "body"), ROUTES_THAT_NEED_CONSENTS)
def test_nothing_is_stored_or_analysed_without_all_consents(stranger, path, body):
    stranger.put("/user-profile", {"consents": {"terms": True, "age_over_14": True}})
    reply = stranger.post(path, body)
    assert (reply.status, reply.json["code"]) == (403, "consent_required")
    assert reply.json["missing"] == ["overseas_transfer"]


def test_withdrawing_a_consent_erases_what_was_stored_under_it(client, sample):
    file = client.send_file(sample("kakaotalk_android.txt")).json
    client.put("/user-profile", {"consents": {"overseas_transfer": False}})
    room = client.get("/chat-rooms", room_id=file["room_id"]).json["rooms"][0]
    assert (room["message_count"], room["last_message"], room["statistics"], room["files"]) == (0, None, None, [])
    assert client.get("/messages", room_id=file["room_id"]).json["messages"] == []
    assert client.get("/process-file", file_id=file["file_id"]).status == 404
