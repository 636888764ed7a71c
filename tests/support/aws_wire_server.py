"""A server that speaks the wire protocols of Bedrock's Converse API and of Comprehend, with scripted answers.

The real boto3 clients connect to it over HTTP. Each request gets the next answer of the script. A request without an
answer gets status 500.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """The answer to a request: a status, headers and a body, with faults of the connection.

    ``delay_s`` is the time before the answer, ``byte_interval_s`` the time between two bytes of the body, both in
    seconds. ``missing_bytes`` is the number of announced bytes that are never sent. ``reset`` breaks the connection
    instead of answering.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0
    byte_interval_s: float = 0
    missing_bytes: int = 0
    reset: bool = False


@dataclass
class SentRequest:
    """A request that the server received."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self):
        return json.loads(self.raw)

    @property
    def texts(self):
        """The documents of a Comprehend request."""
        return self.json["TextList"]

    @property
    def operation(self):
        """The operation of a Comprehend request."""
        return self.headers["X-Amz-Target"].rpartition(".")[2]


def converse_answer(*content, stop_reason="end_turn", input_tokens=1000, output_tokens=200, **options):
    """An answer of Converse with these content blocks."""
    body = {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": stop_reason,
        "usage": {
            "inputTokens": input_tokens,
            "outputTokens": output_tokens,
            "totalTokens": input_tokens + output_tokens,
        },
        "metrics": {"latencyMs": 900},
    }
    return Answer(body=json.dumps(body).encode(), **options)


def tool_answer(name, arguments, **options):
    """An answer of Converse that calls a tool."""
    block = {"toolUse": {"toolUseId": "tool-1", "name": name, "input": arguments}}
    return converse_answer(block, stop_reason="tool_use", **options)


def error_answer(status, name, message="refused"):
    """An error as AWS's JSON protocols encode it."""
    body = json.dumps({"__type": name, "message": message}).encode()
    return Answer(status, body, {"x-amzn-ErrorType": f"{name}:http://internal.amazon.com/coral/"})


def batch_answer(*results, failed=(), **options):
    """An answer of Comprehend with these results for the documents that are not in ``failed``."""
    documents = [index for index in range(len(results) + len(failed)) if index not in failed]
    body = {
        "ResultList": [{"Index": index, **result} for index, result in zip(documents, results, strict=True)],
        "ErrorList": [{"Index": index, "ErrorCode": "500", "ErrorMessage": "failed"} for index in failed],
    }
    return Answer(body=json.dumps(body).encode(), **options)


def sentiment(positive=0.0, negative=0.0, neutral=0.0, mixed=0.0):
    """A document's sentiment."""
    scores = {"Positive": positive, "Negative": negative, "Neutral": neutral, "Mixed": mixed}
    return {"Sentiment": max(scores, key=scores.get).upper(), "SentimentScore": scores}


def mentions(kind, *mentioned):
    """A document's ``Entities`` or ``KeyPhrases``, each as (text, begin, score) or (text, begin, score, type)."""
    keys = ("Text", "BeginOffset", "Score", "Type")
    return {kind: [dict(zip(keys, one, strict=False)) | {"EndOffset": one[1] + len(one[0])} for one in mentioned]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(self.server.wire.next_answer(SentRequest(self.path, dict(self.headers), raw)))

    do_GET = do_POST  # noqa: N815 (http.server's name)

    def _answer(self, answer):
        time.sleep(answer.delay_s)
        if answer.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body) + answer.missing_bytes))
        self.end_headers()
        self.close_connection = bool(answer.missing_bytes)
        with suppress(OSError):
            self._write(answer)

    def _write(self, answer):
        pieces = [bytes([byte]) for byte in answer.body] if answer.byte_interval_s else [answer.body]
        for piece in pieces:
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(answer.byte_interval_s)

    def log_message(self, *_):
        pass

    def finish(self):
        with suppress(OSError):
            super().finish()


class WireServer:
    """The server. ``url`` is its address, ``sent`` the requests so far, ``script`` the answers to come."""

    def __init__(self):
        self.script = []
        self.sent = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.wire = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def answers(self, *script):
        """Replace the script, and forget the requests so far."""
        self.script, self.sent = list(script), []

    def next_answer(self, sent):
        """Record a request and return its answer."""
        self.sent.append(sent)
        return self.script.pop(0) if self.script else error_answer(500, "ScriptIsEmpty")
