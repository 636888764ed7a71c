"""No write is lost or doubled: thousands of requests on a failing database, held against what its tables say.

Every client remembers what it was told. Told that something was done, it is there once; told nothing (503), it is there
once or not at all; with an Idempotency-Key the request is sent again until it is told.
"""

import os
import random
from collections import Counter

import pytest

from chalicelib.repositories.database import connection_for, database
from chalicelib.settings import settings
from tests.client import Client
from tests.exports import android
from tests.faults import Fault, FaultyDatabase

OPERATIONS = int(os.environ.get("FAULT_OPERATIONS", "1000"))
USERS = 5
# Of a hundred statements, how many go wrong; and how, COMMIT among them.
SHARE = 0.03
FAULTS = (Fault.CONFLICT, Fault.SCHEMA_CHANGED, Fault.RESET, Fault.LOST_ANSWER, Fault.SHUTDOWN, Fault.READ_ONLY)
AT_CONNECT = (Fault.TOO_MANY, Fault.EXPIRED)
# What a request may be told while the database fails: done, gone by an earlier try, under way, or nothing.
EXPECTED = {200, 201, 404, 409, 503}
TRIES = 8

LISTS = {
    "rooms": ("/chat-rooms", "room_id", "SELECT room_id AS id, partner_name AS label, name AS value FROM chat_rooms"),
    "partners": (
        "/partner-profile",
        "profile_id",
        "SELECT profile_id AS id, name AS label, description AS value FROM partner_profiles",
    ),
    "turns": (
        "/conversation-history",
        "conversation_id",
        "SELECT conversation_id AS id, user_message AS label, feedback_comment AS value FROM conversations",
    ),
}
CREATE = {
    "rooms": lambda label: {"partner_name": label, "partner_relationship": "썸"},
    "partners": lambda label: {"name": label, "relationship": "썸"},
    "turns": lambda label: {"user_message": label, "ai_responses": []},
}
FIELD = {"rooms": "name", "partners": "description", "turns": "feedback_comment"}


class Plan:
    """Faults by chance, the same for the same seed."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self.on = False

    def __call__(self, seen):
        if not self.on or self._random.random() > SHARE:
            return Fault.NONE
        return self._random.choice(AT_CONNECT if seen.sql == "CONNECT" else FAULTS)


class Remembering:
    """A client that remembers what it was told of its things: by label, how many there may be and what they say."""

    def __init__(self, client, seed):
        self.client, self.user_id = client, client.user_id
        self._random = random.Random(seed)
        self._number = 0
        self.counts = {kind: {} for kind in LISTS}
        self.values = {kind: {} for kind in LISTS}
        self.ids = {kind: {} for kind in LISTS}
        self.credits = [0, 0]
        self.imports = {}
        # Keys whose request nobody could end: they are free again after a minute.
        self.untold = 0
        self.statuses = Counter()

    def act(self):
        kind = self._random.choice(list(LISTS))
        act = self._random.choices(
            (self.create, self.create_until_told, self.change, self.erase, self.read, self.ask, self.import_chat),
            (6, 6, 6, 2, 4, 1, 1),
        )[0]
        act(kind)

    def create(self, kind, headers=None, label=None):
        label = label or self._label()
        reply = self._send("POST", kind, CREATE[kind](label), headers)
        made = reply.status == 201
        least, _ = self.counts[kind].get(label, (0, 0))
        self.counts[kind][label] = (1, 1) if made else (least, 1)
        if made:
            self.ids[kind][label] = reply.json.get(LISTS[kind][1]) or reply.json["room"]["room_id"]
            self.values[kind].setdefault(label, None)
        return made

    def create_until_told(self, kind):
        headers = {"Idempotency-Key": f"{self.user_id}-{self._number}"}
        label = self._label()
        self.untold += not any(self.create(kind, headers, label) for _ in range(TRIES))

    def change(self, kind):
        if kind == "turns" or not self.ids[kind]:
            return
        label, at = self._random.choice(list(self.ids[kind].items()))
        value = self._label()
        reply = self._send("PUT", kind, {LISTS[kind][1]: at, FIELD[kind]: value})
        known = self.values[kind][label]
        if reply.status == 200:
            self.values[kind][label] = {value}
            self.counts[kind][label] = (1, 1)
        elif reply.status == 503 and known is not None:
            known.add(value)
        elif reply.status == 503:
            self.values[kind][label] = {value, None}
        elif reply.status == 404:
            assert self.counts[kind][label][0] == 0, "gone, though nobody erased it"
            self._forget(kind, label)

    def erase(self, kind):
        if kind == "turns" or not self.ids[kind]:
            return
        label, at = self._random.choice(list(self.ids[kind].items()))
        reply = self._send("DELETE", kind, {LISTS[kind][1]: at})
        if reply.status == 503:
            self.counts[kind][label] = (0, 1)
        else:
            assert reply.status == 200 or self.counts[kind][label][0] == 0
            self._forget(kind, label)

    def read(self, kind):
        reply = self.client.get(LISTS[kind][0], limit=200)
        assert reply.status in (200, 503), reply

    def ask(self, _kind):
        reply = self._request("POST", "/analyze", {"context": f"상대: 오늘 뭐 했어? {self._label()}"})
        self.credits[0] += reply.status == 200
        self.credits[1] += 1

    def import_chat(self, _kind):
        label = self._label()
        chat = android([("하늘", f"안녕 {label}"), ("바다", f"응 {label}"), ("하늘", "뭐 해?")]).decode()
        reply = self._request("POST", "/process-file", {"file_content": chat, "my_name": "하늘"})
        self.imports[label] = reply.status == 201

    def _label(self):
        self._number += 1
        return f"이름{self._number}"

    def _forget(self, kind, label):
        self.counts[kind][label] = (0, 0)
        del self.ids[kind][label]

    def _send(self, method, kind, body, headers=None):
        return self._request(method, LISTS[kind][0], body, headers)

    def _request(self, method, path, body, headers=None):
        reply = self.client.request(method, path, body, headers=headers)
        self.statuses[reply.status] += 1
        assert reply.status in EXPECTED, reply
        assert reply.status != 503 or reply.headers["retry-after"]
        return reply


@pytest.fixture
def faulty(stage, monkeypatch):
    """The application's own database behind a proxy that fails."""
    monkeypatch.setenv("REQUESTS_A_MINUTE", "1000000")
    monkeypatch.setenv("DAILY_CREDITS", "1000000")
    settings.cache_clear()
    used = database()
    with FaultyDatabase(int(stage.database_url.rsplit(":", 1)[1].split("/")[0])) as faulty:
        url = f"postgresql://postgres@127.0.0.1:{faulty.port}/love_q"
        monkeypatch.setattr(
            used, "connect", lambda: connection_for(settings().model_copy(update={"database_url": url}))
        )
        monkeypatch.setattr(used, "sleep", lambda _: None)
        used.close()
        yield faulty
        used.close()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.timeout(900)
def test_no_write_is_lost_or_doubled(app, issuer, faulty):
    faulty.plan = plan = Plan(seed=1)
    users = [Remembering(Client(app, issuer), seed) for seed in range(USERS)]
    for user in users:
        user.client.give_consents()
    chance = random.Random(2)
    plan.on = True
    for _ in range(OPERATIONS):
        chance.choice(users).act()
    plan.on = False
    for user in users:
        for kind in LISTS:
            assert_as_told(user, kind)
        assert_credits(user)
        assert_imports(user)
    told = sum((user.statuses for user in users), Counter())
    assert sum(user.untold for user in users) < OPERATIONS / 100
    figures = f"{OPERATIONS:,} requests, {len(faulty.injected):,} faults, told {dict(sorted(told.items()))}"
    print(figures)  # noqa: T201 (`make faults` shows them)
    assert len(faulty.injected) > OPERATIONS * SHARE
    assert told[503] > 0


def assert_as_told(user, kind):
    sql = f"{LISTS[kind][2]} WHERE user_id = :user_id"
    rows = database().read(user.user_id, lambda tx: tx.rows(sql))
    found = Counter(row["label"] for row in rows)
    for label, (least, most) in user.counts[kind].items():
        assert least <= found[label] <= most, (kind, label, least, most, found[label])
    assert set(found) <= set(user.counts[kind]) | {"바다"}, kind
    for row in rows:
        known = user.values[kind].get(row["label"])
        assert known is None or row["value"] in known or None in known, (kind, row)


def assert_credits(user):
    row = database().read(
        user.user_id, lambda tx: tx.row("SELECT sum(credits_used) AS used FROM usage WHERE user_id = :user_id")
    )
    assert user.credits[0] <= (row["used"] or 0) <= user.credits[1]


def assert_imports(user):
    sql = (
        "SELECT m.text FROM messages m JOIN chat_rooms r ON r.room_id = m.room_id AND r.generation = m.generation "
        "WHERE m.user_id = :user_id AND r.user_id = :user_id"
    )
    texts = Counter(row["text"] for row in database().read(user.user_id, lambda tx: tx.rows(sql)))
    for label, told in user.imports.items():
        for text in (f"안녕 {label}", f"응 {label}"):
            assert (1 if told else 0) <= texts[text] <= 1, (label, told, texts[text])
