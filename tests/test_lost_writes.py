"""No write is lost or duplicated: parallel requests on a failing database are compared with its tables.

Each user has two clients. A client is a thread that sends requests over HTTP to the API in another process, and
records the replies. After a reply of success, the item must exist once. After a 503, it must exist once or not at all.
Requests with an Idempotency-Key are repeated until they get another reply than 503, also by both clients of a user
under the same key.

``FAULT_SEED`` determines the requests of a client. The faults and the order of requests are random.
"""

from __future__ import annotations

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
# Each of a user's two clients writes its own field of a shared room and must not overwrite the other's field.
OWN_FIELDS = ("name", "last_message")
SHARED = "함께"
# The share of statements that fail, including COMMIT.
FAULT_SHARE = 0.03
FAULTS = (Fault.CONFLICT, Fault.SCHEMA_CHANGED, Fault.RESET, Fault.LOST_ANSWER, Fault.SHUTDOWN, Fault.READ_ONLY)
AT_CONNECT = (Fault.TOO_MANY, Fault.EXPIRED)
# The allowed replies: success, erased by an earlier attempt, in progress, unavailable.
EXPECTED = {200, 201, 404, 409, 503}
MAX_ATTEMPTS = 8
# The pause between two attempts, in which the other client's request with the same key may end.
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


class RandomPlan:
    """Chooses faults at random."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self.on = False

    def __call__(self, statement):
        if not self.on or self._random.random() > FAULT_SHARE:
            return Fault.NONE
        return self._random.choice(AT_CONNECT if statement.sql == "CONNECT" else FAULTS)


class User:
    """A user with two clients, the room that both change, and the numbers of the requests that both send."""

    def __init__(self, port, issuer, seed):
        first = RemoteClient(port, issuer)
        first.give_consents()
        second = RemoteClient(port, issuer, first.user_id)
        self.user_id = first.user_id
        self.room_id = first.post("/chat-rooms", CREATE["rooms"](SHARED)).json["room"]["room_id"]
        assert first.put("/chat-rooms", {"room_id": self.room_id, **dict.fromkeys(OWN_FIELDS, SHARED)}).status == 200
        self.numbers = itertools.count()
        self.clients = [RecordingClient(self, client, index, seed) for index, client in enumerate((first, second))]

    def rows(self, sql, **values):
        return database().read(self.user_id, lambda tx: tx.rows(sql, **values))


class RecordingClient:
    """A client that records the replies: by label, the possible number of items and their possible values."""

    def __init__(self, user, client, index, seed):
        self.user, self.client, self.index = user, client, index
        self._random = random.Random(f"{seed} {index}")
        self._number = 0
        # By kind and label: the least and greatest possible number of items, and the possible values (None: any).
        self.counts = {kind: {} for kind in LISTS}
        self.values = {kind: {} for kind in LISTS}
        self.ids = {kind: {} for kind in LISTS}
        # The ids of the items that both clients create, by label.
        self.shared_ids = {}
        # The possible values of this client's field of the shared room, and the differences from them.
        self.shared_values = {SHARED}
        self.differences = []
        # The least and greatest possible number of credits.
        self.credits = [0, 0]
        self.imports = {}
        # The number of keys whose request never got a reply. They are free again after a minute.
        self.unanswered_keys = 0
        self.statuses = Counter()

    def act(self):
        kind = self._random.choice(list(LISTS))
        acts = {
            self.create: 6,
            self.create_until_answered: 4,
            self.create_shared: 4,
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
        is_created = reply.status == 201
        least, _ = self.counts[kind].get(label, (0, 0))
        self.counts[kind][label] = (1, 1) if is_created else (least, 1)
        if is_created:
            self.ids[kind][label] = reply.json.get(LISTS[kind][1]) or reply.json["room"]["room_id"]
            self.values[kind].setdefault(label, None)
        return is_created

    def create_until_answered(self, kind, label=None):
        label = label or self._label()
        headers = {"Idempotency-Key": quote(label)}
        for _ in range(MAX_ATTEMPTS):
            if self.create(kind, headers, label):
                return
            time.sleep(PAUSE_S)
        self.unanswered_keys += 1

    def create_shared(self, _kind):
        """Create an item that both clients create with the same key."""
        number = next(self.user.numbers) // 2
        kind, label = list(LISTS)[number % len(LISTS)], f"{SHARED} {number}"
        self.create_until_answered(kind, label)
        if label in self.ids[kind]:
            # Removed from ``ids``, so that neither client changes or erases the item.
            self.shared_ids[label] = self.ids[kind].pop(label)

    def change(self, kind):
        if kind == "turns" or not self.ids[kind]:
            return
        label, item_id = self._random.choice(list(self.ids[kind].items()))
        value = self._label()
        reply = self._send("PUT", kind, {LISTS[kind][1]: item_id, FIELD[kind]: value})
        possible = self.values[kind][label]
        if reply.status == 200:
            self.values[kind][label] = {value}
            self.counts[kind][label] = (1, 1)
        elif reply.status == 503 and possible is not None:
            possible.add(value)
        elif reply.status == 503:
            self.values[kind][label] = {value, None}
        elif reply.status == 404:
            assert self.counts[kind][label][0] == 0, "the item disappeared without being erased"
            self._forget(kind, label)

    def change_shared(self, _kind):
        self.check_shared()
        value = self._label()
        reply = self._send("PUT", "rooms", {"room_id": self.user.room_id, OWN_FIELDS[self.index]: value})
        if reply.status == 200:
            self.shared_values = {value}
        elif reply.status == 503:
            self.shared_values |= {value}
        else:
            assert reply.status == 409, reply

    def check_shared(self):
        reply = self._request("GET", f"/chat-rooms?room_id={self.user.room_id}")
        if reply.status != 200:
            return
        value = reply.json["rooms"][0][OWN_FIELDS[self.index]]
        if value not in self.shared_values:
            self.differences.append(("lost", "shared", value, self.shared_values))

    def erase(self, kind):
        if kind == "turns" or not self.ids[kind]:
            return
        label, item_id = self._random.choice(list(self.ids[kind].items()))
        reply = self._send("DELETE", kind, {LISTS[kind][1]: item_id})
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
        return f"이름{self._number}-{self.index}"

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
    """Start a failing proxy in front of the session's database."""
    with FaultyDatabase(int(stage.database_url.rsplit(":", 1)[1].split("/")[0])) as faulty:
        yield faulty


@pytest.fixture
def port(faulty, tmp_path):
    """Start an API that uses the proxy as its database, and return its port."""
    url = f"postgresql://postgres@127.0.0.1:{faulty.port}/love_q"
    limits = {"REQUESTS_A_MINUTE": "1000000", "DAILY_CREDITS": "1000000"}
    with served(tmp_path, DATABASE_URL=url, **limits) as port:
        yield port


@pytest.mark.scaled
@pytest.mark.timeout(900)
def test_no_write_is_lost_or_doubled(port, issuer, faulty):
    faulty.plan = plan = RandomPlan(SEED)
    users = [User(port, issuer, f"{SEED} {number}") for number in range(USERS)]
    clients = [client for user in users for client in user.clients]
    started_at = time.monotonic()
    plan.on = True
    with ThreadPoolExecutor(len(clients)) as threads:
        list(threads.map(act_on, clients))
    plan.on = False
    differences = [difference for user in users for difference in find_differences(user)]
    statuses = sum((client.statuses for client in clients), Counter())
    kinds = Counter(kind for kind, *_ in differences)
    print(  # noqa: T201 (`make faults` shows this line)
        f"{statuses.total():,} requests of {len(clients)} clients, {len(faulty.injected):,} faults, "
        f"replies {dict(sorted(statuses.items()))}, {kinds['lost']} lost, {kinds['doubled']} doubled, "
        f"{time.monotonic() - started_at:.0f} s, seed {SEED}"
    )
    assert differences == []
    assert len(faulty.injected) > OPERATIONS * FAULT_SHARE
    assert statuses[503] > 0
    assert sum(client.unanswered_keys for client in clients) < OPERATIONS / 100


def act_on(client):
    while client.statuses.total() < OPERATIONS / (2 * USERS):
        client.act()


def find_differences(user):
    """Yield the differences between the tables and the replies to the user's clients."""
    for kind in LISTS:
        yield from differences_of_items(user, kind)
    yield from differences_of_shared_room(user)
    yield from differences_of_credits(user)
    yield from differences_of_imports(user)


def differences_of_items(user, kind):
    rows = user.rows(f"{LISTS[kind][2]} WHERE user_id = :user_id")
    counts = Counter(row["label"] for row in rows)
    for client in user.clients:
        for label, (least, most) in client.counts[kind].items():
            yield from compare(counts[label], least, most, kind, label)
        for row in rows:
            possible = client.values[kind].get(row["label"])
            if possible is not None and row["value"] not in possible and None not in possible:
                yield "lost", kind, row, possible
            if str(row["id"]) != client.shared_ids.get(row["label"], str(row["id"])):
                yield "doubled", kind, row, client.shared_ids[row["label"]]
    labels = {label for client in user.clients for label in client.counts[kind]}
    yield from (("doubled", kind, label) for label in set(counts) - labels - {"바다", SHARED})


def compare(count, least, most, *item):
    if count < least:
        yield "lost", *item, count, least
    if count > most:
        yield "doubled", *item, count, most


def differences_of_shared_room(user):
    for client in user.clients:
        client.check_shared()
        yield from client.differences


def differences_of_credits(user):
    (row,) = user.rows("SELECT coalesce(sum(credits_used), 0) AS used FROM usage WHERE user_id = :user_id")
    least, most = (sum(client.credits[index] for client in user.clients) for index in (0, 1))
    yield from compare(row["used"], least, most, "credits")


def differences_of_imports(user):
    sql = (
        "SELECT m.text FROM messages m JOIN chat_rooms r ON r.room_id = m.room_id AND r.generation = m.generation "
        "WHERE m.user_id = :user_id AND r.user_id = :user_id"
    )
    texts = Counter(row["text"] for row in user.rows(sql))
    for client in user.clients:
        for label, is_imported in client.imports.items():
            for text in (f"안녕 {label}", f"응 {label}"):
                yield from compare(texts[text], 1 if is_imported else 0, 1, "message", text)
