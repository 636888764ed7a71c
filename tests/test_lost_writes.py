"""No write is lost or doubled: thousands of requests in parallel on a failing database, held against its tables.

Every user has two clients, each a thread that asks the API over HTTP, in a process of its own. Every client remembers
what it was told. Told that something was done, it is there once; told nothing (503), it is there once or not at all;
with an Idempotency-Key the request is sent again until it is told, by both clients of a user under one key too.

What a client asks follows from ``FAULT_SEED``. Which request meets which fault is chance, as is whose comes first.
"""

import itertools
import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from chalicelib.repositories.database import database
from tests.support.api_server import RemoteClient, served
from tests.support.exports import android
from tests.support.fault_injection import Fault, FaultyDatabase

OPERATIONS = int(os.environ.get("FAULT_OPERATIONS", "300"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
USERS = 4
# What each of a user's two clients writes of a room that they share: what one says must not undo what the other did.
OWN_FIELDS = ("name", "last_message")
SHARED = "함께"
# Of a hundred statements, how many go wrong; and how, COMMIT among them.
SHARE = 0.03
FAULTS = (Fault.CONFLICT, Fault.SCHEMA_CHANGED, Fault.RESET, Fault.LOST_ANSWER, Fault.SHUTDOWN, Fault.READ_ONLY)
AT_CONNECT = (Fault.TOO_MANY, Fault.EXPIRED)
# What a request may be told while the database fails: done, gone by an earlier try, under way, or nothing.
EXPECTED = {200, 201, 404, 409, 503}
TRIES = 8
# Until the other client's request under the same key may be over.
PAUSE_S = 0.1

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
    """Faults by chance."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self.on = False

    def __call__(self, seen):
        if not self.on or self._random.random() > SHARE:
            return Fault.NONE
        return self._random.choice(AT_CONNECT if seen.sql == "CONNECT" else FAULTS)


class User:
    """A user, the room that both clients change, and the numbers of what both of them send."""

    def __init__(self, port, issuer, seed):
        first = RemoteClient(port, issuer)
        first.give_consents()
        second = RemoteClient(port, issuer, first.user_id)
        self.user_id = first.user_id
        self.room_id = first.post("/chat-rooms", CREATE["rooms"](SHARED)).json["room"]["room_id"]
        assert first.put("/chat-rooms", {"room_id": self.room_id, **dict.fromkeys(OWN_FIELDS, SHARED)}).status == 200
        self.numbers = itertools.count()
        self.clients = [Remembering(self, client, place, seed) for place, client in enumerate((first, second))]

    def rows(self, sql, **values):
        return database().read(self.user_id, lambda tx: tx.rows(sql, **values))


class Remembering:
    """A client that remembers what it was told of its things: by label, how many there may be and what they say."""

    def __init__(self, user, client, place, seed):
        self.user, self.client, self.place = user, client, place
        self._random = random.Random(f"{seed} {place}")
        self._number = 0
        self.counts = {kind: {} for kind in LISTS}
        self.values = {kind: {} for kind in LISTS}
        self.ids = {kind: {} for kind in LISTS}
        # Of what both clients send, the id that this one was told, by label.
        self.told = {}
        # What its field of the shared room may say, and what it said that it may not.
        self.shared = {SHARED}
        self.missed = []
        self.credits = [0, 0]
        self.imports = {}
        # Keys whose request nobody could end: they are free again after a minute.
        self.untold = 0
        self.statuses = Counter()

    def act(self):
        kind = self._random.choice(list(LISTS))
        acts = {
            self.create: 6,
            self.create_until_told: 4,
            self.create_as_the_other_does: 4,
            self.change: 6,
            self.change_shared: 6,
            self.erase: 2,
            self.read: 4,
            self.ask: 1,
            self.import_chat: 1,
        }
        self._random.choices(list(acts), list(acts.values()))[0](kind)

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

    def create_until_told(self, kind, label=None):
        label = label or self._label()
        headers = {"Idempotency-Key": quote(label)}
        for _ in range(TRIES):
            if self.create(kind, headers, label):
                return
            time.sleep(PAUSE_S)
        self.untold += 1

    def create_as_the_other_does(self, _kind):
        """What one of both sends for a first time, whoever is next sends once more."""
        number = next(self.user.numbers) // 2
        kind, label = list(LISTS)[number % len(LISTS)], f"{SHARED} {number}"
        self.create_until_told(kind, label)
        if label in self.ids[kind]:
            # Neither changes or erases it.
            self.told[label] = self.ids[kind].pop(label)

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

    def change_shared(self, _kind):
        self.see_shared()
        value = self._label()
        reply = self._send("PUT", "rooms", {"room_id": self.user.room_id, OWN_FIELDS[self.place]: value})
        if reply.status == 200:
            self.shared = {value}
        elif reply.status == 503:
            self.shared |= {value}
        else:
            assert reply.status == 409, reply

    def see_shared(self):
        reply = self._request("GET", f"/chat-rooms?room_id={self.user.room_id}")
        seen = reply.json["rooms"][0][OWN_FIELDS[self.place]] if reply.status == 200 else None
        if reply.status == 200 and seen not in self.shared:
            self.missed.append(("lost", "shared", seen, self.shared))

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
        reply = self._request("GET", f"{LISTS[kind][0]}?limit=200")
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
        return f"이름{self._number}-{self.place}"

    def _forget(self, kind, label):
        self.counts[kind][label] = (0, 0)
        del self.ids[kind][label]

    def _send(self, method, kind, body, headers=None):
        return self._request(method, LISTS[kind][0], body, headers)

    def _request(self, method, path, body=None, headers=None):
        reply = self.client.request(method, path, body, headers=headers)
        self.statuses[reply.status] += 1
        assert reply.status in EXPECTED, reply
        assert reply.status != 503 or reply.headers["retry-after"]
        return reply


@pytest.fixture
def faulty(stage):
    """A proxy that fails, before the session's database."""
    with FaultyDatabase(int(stage.database_url.rsplit(":", 1)[1].split("/")[0])) as faulty:
        yield faulty


@pytest.fixture
def port(faulty, tmp_path):
    """The API that has this proxy for its database."""
    url = f"postgresql://postgres@127.0.0.1:{faulty.port}/love_q"
    limits = {"REQUESTS_A_MINUTE": "1000000", "DAILY_CREDITS": "1000000"}
    with served(tmp_path, DATABASE_URL=url, **limits) as port:
        yield port


@pytest.mark.scaled
@pytest.mark.timeout(900)
def test_no_write_is_lost_or_doubled(port, issuer, faulty):
    faulty.plan = plan = Plan(SEED)
    users = [User(port, issuer, f"{SEED} {number}") for number in range(USERS)]
    clients = [client for user in users for client in user.clients]
    began = time.monotonic()
    plan.on = True
    with ThreadPoolExecutor(len(clients)) as threads:
        list(threads.map(act_on, clients))
    plan.on = False
    wrong = [difference for user in users for difference in differences(user)]
    told = sum((client.statuses for client in clients), Counter())
    found = Counter(kind for kind, *_ in wrong)
    print(  # noqa: T201 (`make faults` shows them)
        f"{told.total():,} requests of {len(clients)} clients, {len(faulty.injected):,} faults, "
        f"told {dict(sorted(told.items()))}, {found['lost']} lost, {found['doubled']} doubled, "
        f"{time.monotonic() - began:.0f} s, seed {SEED}"
    )
    assert wrong == []
    assert len(faulty.injected) > OPERATIONS * SHARE
    assert told[503] > 0
    assert sum(client.untold for client in clients) < OPERATIONS / 100


def act_on(client):
    while client.statuses.total() < OPERATIONS / (2 * USERS):
        client.act()


def differences(user):
    """What the tables say otherwise than the user's clients were told."""
    for kind in LISTS:
        yield from of_things(user, kind)
    yield from of_the_shared_room(user)
    yield from of_credits(user)
    yield from of_imports(user)


def of_things(user, kind):
    rows = user.rows(f"{LISTS[kind][2]} WHERE user_id = :user_id")
    found = Counter(row["label"] for row in rows)
    for client in user.clients:
        for label, (least, most) in client.counts[kind].items():
            yield from counted(found[label], least, most, kind, label)
        for row in rows:
            known = client.values[kind].get(row["label"])
            if known is not None and row["value"] not in known and None not in known:
                yield "lost", kind, row, known
            if str(row["id"]) != client.told.get(row["label"], str(row["id"])):
                yield "doubled", kind, row, client.told[row["label"]]
    known = {label for client in user.clients for label in client.counts[kind]}
    yield from (("doubled", kind, label) for label in set(found) - known - {"바다", SHARED})


def counted(found, least, most, *what):
    if found < least:
        yield "lost", *what, found, least
    if found > most:
        yield "doubled", *what, found, most


def of_the_shared_room(user):
    for client in user.clients:
        client.see_shared()
        yield from client.missed


def of_credits(user):
    (row,) = user.rows("SELECT coalesce(sum(credits_used), 0) AS used FROM usage WHERE user_id = :user_id")
    least, most = (sum(client.credits[place] for client in user.clients) for place in (0, 1))
    yield from counted(row["used"], least, most, "credits")


def of_imports(user):
    sql = (
        "SELECT m.text FROM messages m JOIN chat_rooms r ON r.room_id = m.room_id AND r.generation = m.generation "
        "WHERE m.user_id = :user_id AND r.user_id = :user_id"
    )
    texts = Counter(row["text"] for row in user.rows(sql))
    for client in user.clients:
        for label, told in client.imports.items():
            for text in (f"안녕 {label}", f"응 {label}"):
                yield from counted(texts[text], 1 if told else 0, 1, "message", text)
