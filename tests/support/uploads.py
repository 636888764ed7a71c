"""Uploads as a web client makes them: through the form and the bucket's event."""

from __future__ import annotations

import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus

from chalicelib.repositories.database import database
from local.resources import BUCKET


def begin(client, **fields):
    """Begin an upload. Returns the file and the form."""
    reply = client.post("/process-file", {"filename": "카톡 대화+1.txt", "size": 50_000, **fields})
    assert reply.status == 201
    return reply.json


def post_form(form, content):
    """Post the form as a browser does: multipart/form-data, with the file last. Returns the status."""
    boundary = uuid.uuid4().hex
    fields = [*form["fields"].items()]
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in fields]
    parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'.encode())
    body = b"".join(parts) + content + f"\r\n--{boundary}--\r\n".encode()
    request = urllib.request.Request(
        form["url"], body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        return reply.status


def event_of(key):
    """S3's event for an object. S3 URL-encodes the key."""
    return {"Records": [{"s3": {"bucket": {"name": BUCKET}, "object": {"key": quote_plus(key)}}}]}


def stored_rows(client):
    """The number of the user's rows in the tables that an import fills."""
    counts = {}
    for table in ("files", "chat_rooms", "messages", "analyses"):
        sql = f"SELECT count(*) AS rows FROM {table} WHERE user_id = :user_id"
        counts[table] = database().read(client.user_id, lambda tx, sql=sql: tx.row(sql))["rows"]
    return counts


def expire_lease(client, file_id, ago):
    """Move the end of an import's lease to ``ago`` before now."""
    values = {"lease_until": datetime.now(UTC) - ago - timedelta(seconds=1)}
    database().transaction(client.user_id, lambda tx: tx.update("files", values, {"file_id": file_id}))
