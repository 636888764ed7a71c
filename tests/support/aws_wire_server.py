"""A server that speaks the wire protocols of Bedrock's Converse and of Comprehend, with answers written beforehand.

The real boto3 clients talk to it over HTTP. Each request gets the next answer; one without an answer fails loudly.
"""

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
    """What a request gets: a status, headers and a body, or something that goes wrong on the way.

    ``after`` is how many seconds it lets the client wait, ``drip`` how many pass between two bytes of the body,
    ``lacks`` how many bytes of the announced body never come, ``reset`` whether the connection breaks instead.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: dict = field(default_factory=dict)
    after: float = 0
    drip: float = 0
    lacks: int = 0
    reset: bool = False


@dataclass
class Sent:
    """A request as it came."""

    path: str
    headers: dict
    raw: bytes

    @property
    def json(self):
        return json.loads(self.raw)

    @property
    def texts(self):
        """The documents that Comprehend was shown."""
        return self.json["TextList"]

    @property
    def operation(self):
        """The operation of Comprehend that was asked for."""
        return self.headers["X-Amz-Target"].rpartition(".")[2]


def said(*content, stop_reason="end_turn", input_tokens=1000, output_tokens=200, **options):
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


def used(name, arguments, **options):
    """An answer of Converse that uses a tool."""
    block = {"toolUse": {"toolUseId": "tool-1", "name": name, "input": arguments}}
    return said(block, stop_reason="tool_use", **options)


def fault(status, name, message="refused"):
    """A refusal as AWS's JSON protocols write it."""
    body = json.dumps({"__type": name, "message": message}).encode()
    return Answer(status, body, {"x-amzn-ErrorType": f"{name}:http://internal.amazon.com/coral/"})


def comprehended(*results, failed=(), **options):
    """An answer of Comprehend's batches: a result for each document but those failed.

    A result is ``feels(…)``, or a list of ``named(…)`` for the operations that name things.
    """
    documents = [index for index in range(len(results) + len(failed)) if index not in failed]
    body = {
        "ResultList": [{"Index": index, **result} for index, result in zip(documents, results, strict=True)],
        "ErrorList": [{"Index": index, "ErrorCode": "500", "ErrorMessage": "failed"} for index in failed],
    }
    return Answer(body=json.dumps(body).encode(), **options)


def feels(positive=0.0, negative=0.0, neutral=0.0, mixed=0.0):
    """A document's sentiment."""
    scores = {"Positive": positive, "Negative": negative, "Neutral": neutral, "Mixed": mixed}
    return {"Sentiment": max(scores, key=scores.get).upper(), "SentimentScore": scores}


def names(kind, *found):
    """What a document names, as ``Entities`` or ``KeyPhrases``: (text, where it begins, score, type)."""
    keys = ("Text", "BeginOffset", "Score", "Type")
    return {kind: [dict(zip(keys, one, strict=False)) | {"EndOffset": one[1] + len(one[0])} for one in found]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(self.server.wire.next(Sent(self.path, dict(self.headers), raw)))

    do_GET = do_POST  # noqa: N815 (http.server's name)

    def _answer(self, answer):
        time.sleep(answer.after)
        if answer.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body) + answer.lacks))
        self.end_headers()
        self.close_connection = bool(answer.lacks)
        with suppress(OSError):
            self._write(answer)

    def _write(self, answer):
        pieces = [bytes([byte]) for byte in answer.body] if answer.drip else [answer.body]
        for piece in pieces:
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(answer.drip)

    def log_message(self, *_):
        pass

    def finish(self):
        with suppress(OSError):
            super().finish()


class Wire:
    """The server. ``url`` is where it listens, ``sent`` what came, ``script`` what is answered next."""

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
        """Forget what was sent and written, and answer so from now on."""
        self.script, self.sent = list(script), []

    def next(self, sent):
        """Take note of a request, and say what it gets."""
        self.sent.append(sent)
        return self.script.pop(0) if self.script else fault(500, "NothingWrittenForThis")
