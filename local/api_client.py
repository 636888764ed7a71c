"""A client of the API, as a web client would call it."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from typing import Any

import requests

from local.processes import StackError, say

CONSENTS = {"consents": dict.fromkeys(("age_over_14", "terms", "overseas_transfer"), True)}

# Files up to this many bytes go inline in the request; larger ones go to the bucket.
_MAX_INLINE = 4 * 1024 * 1024
_IMPORT_TIMEOUT_S = 90
_TIMEOUT_S = 60

Json = dict[str, Any]


@dataclass(frozen=True)
class Api:
    """The API as a signed-in user calls it."""

    url: str
    token: str

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Send one request and return the body of its reply.

        Raises:
            StackError: the API refused. The message has its reason.
        """
        headers = {"Authorization": f"Bearer {self.token}"}
        with _session() as session:
            reply = session.request(method, self.url + path, json=body, headers=headers, timeout=_TIMEOUT_S)
        if not reply.ok:
            raise StackError(f"{method} {path}: {_reason(reply)}")
        document: Json = reply.json()
        return document


def import_chat(api: Api, filename: str, content: bytes, my_name: str | None) -> Json:
    """Upload a chat export and wait until it is imported.

    Args:
        api: the API, as the user who owns the chat.
        filename: the export's file name; it can tell the chat's name.
        content: the bytes of the file.
        my_name: the user's name in the chat. None when the file tells it, or when the caller sets it later.

    Returns:
        The file, as `GET /process-file` describes it.

    Raises:
        StackError: the API refused the file, or its import failed.
    """
    fields = {"filename": filename, **({"my_name": my_name} if my_name else {})}
    if len(content) <= _MAX_INLINE:
        encoded = base64.b64encode(content).decode()
        return api.call("POST", "/process-file", {**fields, "file_content": encoded, "encoding": "base64"})
    reply = api.call("POST", "/process-file", {**fields, "size": len(content)})
    post_form(reply["upload"], content)
    return _wait_for_import(api, reply["file"]["file_id"])


def post_form(form: Json, content: bytes) -> None:
    """Upload a file to the bucket with the form that the API issued for it."""
    with _session() as session:
        reply = session.post(form["url"], data=form["fields"], files={"file": ("chat", content)}, timeout=_TIMEOUT_S)
    reply.raise_for_status()


def room_of(api: Api, file: Json, my_name: str | None) -> str:
    """Return the id of a file's room, after setting the user's name in it if the file does not tell that name.

    Without `my_name`, the first participant is taken for the user.
    """
    room_id = str(file["room_id"])
    if file["my_name"] is None or (my_name and my_name != file["my_name"]):
        name = my_name or file["participants"][0]["name"]
        if not my_name:
            say(f"The file does not say who exported it. Assuming that you are {name}; if not, add ME=name")
        api.call("PUT", "/chat-rooms", {"room_id": room_id, "my_name": name})
    return room_id


def _wait_for_import(api: Api, file_id: str) -> Json:
    deadline = time.monotonic() + _IMPORT_TIMEOUT_S
    while time.monotonic() < deadline:
        file = api.call("GET", f"/process-file?file_id={file_id}")
        if file["status"] == "ready":
            return file
        if file["status"] == "failed":
            raise StackError(file["error"]["detail"])
        time.sleep(0.2)
    raise StackError(f"The import did not finish within {_IMPORT_TIMEOUT_S} seconds")


def _session() -> requests.Session:
    session = requests.Session()
    # The stack is on loopback: no proxy, and no password of a .netrc in place of the token.
    session.trust_env = False
    return session


def _reason(reply: requests.Response) -> str:
    try:
        problem = reply.json()
        return f"{problem['detail']} ({problem['code']})"
    except (ValueError, KeyError):
        return f"HTTP {reply.status_code}"
