"""`make run SEED=1`: give the demo user data for every screen of a web client, through the HTTP API."""

from __future__ import annotations

from local.api_client import CONSENTS, Api, Json, import_chat, room_of
from local.samples import SAMPLE

_RELATIONSHIP = "썸"


def seed(api: Api) -> None:
    """Import the sample chat, have it analysed, and store a partner profile and a coaching turn.

    A second call changes nothing: the same chat is merged into its room, and what exists is kept.
    """
    api.call("PUT", "/user-profile", CONSENTS)
    file = import_chat(api, SAMPLE.name, SAMPLE.read_bytes(), my_name=None)
    room_id = room_of(api, file, my_name=None)
    room = api.call("GET", f"/chat-rooms?room_id={room_id}")["rooms"][0]
    if room["partner_profile_id"] is None:
        profile = {"name": room["partner_name"], "relationship": _RELATIONSHIP}
        profile_id = api.call("POST", "/partner-profile", profile)["profile_id"]
        change = {"room_id": room_id, "partner_profile_id": profile_id, "partner_relationship": _RELATIONSHIP}
        api.call("PUT", "/chat-rooms", change)
    api.call("POST", "/analyze-speech", {"room_id": room_id})
    api.call("POST", "/emotion-analysis", {"room_id": room_id})
    if not api.call("GET", f"/conversation-history?room_id={room_id}")["conversations"]:
        _store_turn(api, room_id, room["partner_name"])


def _store_turn(api: Api, room_id: str, partner: str) -> None:
    answer = api.call("POST", "/analyze", {"room_id": room_id})
    turn: Json = {
        "user_message": "뭐라고 답할까?",
        "ai_responses": answer["responses"],
        "analysis_id": answer["analysis_id"],
        "partner_name": partner,
        "partner_relationship": _RELATIONSHIP,
        "room_id": room_id,
    }
    api.call("POST", "/conversation-history", turn)
