"""A client of the API in this process, through Chalice's local gateway."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from urllib.parse import urlencode

from chalice.test import Client as ChaliceClient

PROJECT = Path(__file__).resolve().parents[2]


class Reply:
    """A reply: its status, its headers by lower-case name and its body."""

    def __init__(self, response):
        self.status = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        self.raw = response.body.decode()

    @property
    def json(self):
        return json.loads(self.raw)

    def __repr__(self):
        return f"{self.status} {self.raw[:500]}"


class Client:
    """The client of one user. A body is a dictionary, or bytes if it is not valid JSON."""

    def __init__(self, app, issuer):
        self.user_id = str(uuid.uuid4())
        self.token = issuer.token(self.user_id)
        self._http = ChaliceClient(app, stage_name="test", project_dir=str(PROJECT)).http

    def request(self, method, path, body=None, headers=None, **query):
        all_headers = {"Authorization": f"Bearer {self.token}"}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            all_headers["Content-Type"] = "application/json"
        all_headers |= headers or {}
        sent_headers = {name: value for name, value in all_headers.items() if value is not None}
        url = f"{path}?{urlencode(query)}" if query else path
        return Reply(self._http.request(method, url, headers=sent_headers, body=body or b""))

    def get(self, path, headers=None, **query):
        return self.request("GET", path, headers=headers, **query)

    def post(self, path, body, **options):
        return self.request("POST", path, body, **options)

    def put(self, path, body, **options):
        return self.request("PUT", path, body, **options)

    def give_consents(self):
        consents = {"age_over_14": True, "terms": True, "overseas_transfer": True}
        assert self.put("/user-profile", {"consents": consents}).status == 200

    def send_file(self, content, *, headers=None, **fields):
        """Import a text export inline, as a web client does."""
        return self.post("/process-file", {"file_content": content.decode("utf-8-sig"), **fields}, headers=headers)
