"""Partner profiles and their analyses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.exports import android

BADA = {"name": "바다", "relationship": "썸"}
FULL = {
    **BADA,
    "age": 27,
    "description": "조용하지만 잘 웃어요",
    "interests": ["러닝", "영화"],
    "communication_style": "답장이 느려요",
    "personality": "다정함",
    "mbti": "INFP",
}
LISTS = (
    "personality_traits",
    "communication_preferences",
    "relationship_advice",
    "conversation_topics",
    "risk_factors",
)


def create(client, **fields):
    reply = client.post("/partner-profile", {**BADA, **fields})
    assert reply.status == 201
    return reply.json


def test_a_profile_is_stored_with_all_its_fields_and_an_analysis(client):
    created = create(client, **FULL)
    profile = created["profile"]
    assert created["profile_id"] == profile["id"] == profile["profile_id"]
    assert {name: profile[name] for name in FULL} == FULL
    assert created["analysis"] == profile["analysis"]
    assert all(profile["analysis"][name] for name in LISTS)
    assert profile["analysis"]["approach_strategy"]
    assert profile["analysis"]["compatibility_score"] is None
    assert profile["analysis"]["evidence"] == []
    page = client.get("/partner-profile", profile_id=created["profile_id"]).json
    assert page == {"profiles": [profile], "next_cursor": None}
    assert client.get("/partner-profile").json == page


def test_interests_are_stored_as_sent(client):
    assert create(client, interests="러닝, 영화")["profile"]["interests"] == "러닝, 영화"
    assert create(client, interests=[])["profile"]["interests"] == []
    assert create(client)["profile"]["interests"] is None


def test_an_unlisted_relationship_is_stored_as_sent(client):
    assert create(client, relationship="같은 동아리 선배")["profile"]["relationship"] == "같은 동아리 선배"


def test_a_profile_needs_no_consents(stranger):
    assert stranger.post("/partner-profile", BADA).status == 201


def test_a_profile_is_changed_field_by_field(client):
    created = create(client, **FULL)
    body = {"profile_id": created["profile_id"], "age": 28, "description": None}
    changed = client.put("/partner-profile", body).json["profile"]
    assert (changed["age"], changed["description"], changed["name"]) == (28, None, "바다")
    assert changed["created_at"] == created["profile"]["created_at"]
    assert client.get("/partner-profile", profile_id=created["profile_id"]).json["profiles"] == [changed]


@pytest.mark.parametrize("where", ["query", "body"])
def test_a_profile_is_erased_by_an_id_in_query_or_body(client, where):
    created = create(client)
    query = {"profile_id": created["profile_id"]}
    room = {"partner_name": "바다", "partner_relationship": "썸", "partner_profile_id": created["profile_id"]}
    room_id = client.post("/chat-rooms", room).json["room"]["room_id"]
    if where == "query":
        reply = client.request("DELETE", "/partner-profile", **query)
    else:
        reply = client.request("DELETE", "/partner-profile", query)
    assert reply.status == 200
    assert reply.json["message"]
    assert client.get("/partner-profile").json["profiles"] == []
    assert client.request("DELETE", "/partner-profile", query).status == 404
    remaining = client.get("/chat-rooms", room_id=room_id).json["rooms"][0]
    assert remaining["partner_profile_id"] is None


def test_a_chat_with_the_person_gives_evidence_and_a_score(client, sample):
    created = create(client)
    file = client.send_file(sample("kakaotalk_android.txt")).json
    client.put("/chat-rooms", {"room_id": file["room_id"], "partner_profile_id": created["profile_id"]})
    analysis = client.get("/partner-profile", profile_id=created["profile_id"]).json["profiles"][0]["analysis"]
    assert 0 <= analysis["compatibility_score"] <= 1
    messages = client.get("/messages", room_id=file["room_id"], limit=200).json["messages"]
    by_id = {message["message_id"]: message for message in messages}
    assert analysis["evidence"]
    for line in analysis["evidence"]:
        assert by_id[line["message_id"]]["role"] == "partner"
        assert line["quote"] in by_id[line["message_id"]]["text"]


def test_a_later_chat_with_the_person_is_analysed_too(client, sample):
    created = create(client)
    body = {"partner_name": "바다", "partner_relationship": "썸", "partner_profile_id": created["profile_id"]}
    room = client.post("/chat-rooms", body).json["room"]
    client.send_file(sample("kakaotalk_android.txt"), room_id=room["room_id"])
    analysis = client.get("/partner-profile", profile_id=created["profile_id"]).json["profiles"][0]["analysis"]
    assert analysis["compatibility_score"] is not None


def test_the_coach_knows_the_age_in_a_linked_profile(client):
    created = create(client, age=16)
    client.put("/user-profile", {"birth_year": 1995})
    body = {"partner_name": "바다", "partner_relationship": "썸", "partner_profile_id": created["profile_id"]}
    room = client.post("/chat-rooms", body).json["room"]
    client.send_file(android([("하늘", "뭐해"), ("바다", "숙제해요")]), room_id=room["room_id"])
    answer = client.post("/analyze", {"room_id": room["room_id"]}).json
    assert answer["recommendation"]["action"] == "do_not_contact"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "바다"},
        {**BADA, "name": ""},
        {**BADA, "age": -1},
        {**BADA, "age": "27"},
        {**BADA, "mbti": "ABCD"},
        {**BADA, "interests": [7]},
        {**BADA, "interests": {"a": 1}},
        {**BADA, "description": "가" * 2_001},
    ],
)
def test_an_invalid_profile_is_422(client, body):
    assert client.post("/partner-profile", body).status == 422
    assert client.get("/partner-profile").json["profiles"] == []


def test_pages_of_profiles_neither_skip_nor_repeat(client):
    names = [f"{number}번" for number in range(7)]
    for name in names:
        create(client, name=name)
    seen, cursor = [], None
    while True:
        page = client.get("/partner-profile", limit=3, **({"cursor": cursor} if cursor else {})).json
        seen += [profile["name"] for profile in page["profiles"]]
        create(client, name="나중에")
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == names[::-1]


def test_a_user_under_19_gets_advice_about_a_friend(client):
    this_year = datetime.now(UTC).year
    client.put("/user-profile", {"birth_year": this_year - 16})
    pupil = create(client, relationship="썸", age=17)["analysis"]
    client.put("/user-profile", {"birth_year": this_year - 26})
    adult = create(client, relationship="썸", age=25)["analysis"]
    assert pupil["approach_strategy"] != adult["approach_strategy"]
    assert "친구" in pupil["approach_strategy"]
