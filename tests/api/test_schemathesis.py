"""Generated requests of a signed-in user against the running local API, with all checks of schemathesis.

`make fuzz` sends more requests: ``FUZZ_EXAMPLES`` per operation, generated from ``FUZZ_SEED``.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.api.schemas.files import MAX_CONTENT_CHARACTERS
from local.api_client import Api
from local.chalice_stage import PROJECT
from local.stack import Stack, discard
from tests.support.exports import android

CONFIG = Path(__file__).with_name("schemathesis.toml")
OPENAPI = PROJECT / "openapi.json"
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
# Without limits and consents, so that every request reaches its service.
UNLIMITED = {"DAILY_CREDITS": "1000000", "REQUESTS_A_MINUTE": "1000000", "REQUIRE_CONSENTS": "false"}
CONSENTS = {"consents": {"age_over_14": True, "terms": True, "overseas_transfer": True}}
LINES = [
    ("하늘", "뭐해?"),
    ("바다", "나 오늘 너무 힘들었어ㅠㅠ"),
    ("하늘", "무슨 일 있었어?"),
    ("바다", "이따 말해줄게"),
]
# The operation erases the account that the other operations need.
ERASING = "erase_account"


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    home = tmp_path_factory.mktemp("fuzzed")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in UNLIMITED.items():
            patch.setenv(name, value)
        with Stack(home) as stack:
            yield stack
    discard(home)


@pytest.fixture
def fuzz(stack, tmp_path, request):
    """A function that runs schemathesis as a user of this test. The failure has the complete report."""

    def run(*options):
        token = stack.token(f"{request.node.name}@example.com")
        api = Api(stack.api_url, token)
        environment = os.environ | {
            "API_TOKEN": token,
            "API_USER_ID": api.call("PUT", "/user-profile", CONSENTS)["user_id"],
            "API_KNOWN_IDS": json.dumps(create_items(api)),
            "PYTHONPATH": str(PROJECT),
        }
        command = [str(Path(sys.executable).with_name("st")), "--config-file", str(CONFIG), "run", *options]
        # One worker: with two, hypothesis can fail with a KeyError in lambda_sources.
        command += ["--url", stack.api_url, "--seed", str(SEED), "--max-examples", str(EXAMPLES), "--workers", "1"]
        document = tmp_path / "openapi.json"
        document.write_text(json.dumps(without_query_ids(json.loads(without_longest_text(OPENAPI.read_text())))))
        report = subprocess.run(
            [*command, str(document)],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert report.returncode == 0, report.stdout

    return run


def without_longest_text(document):
    """Remove the length of an inline file: it exceeds the body limit, and such texts take long to generate."""
    return re.sub(rf'"maxLength": {MAX_CONTENT_CHARACTERS},\s*', "", document)


def without_query_ids(document):
    """Remove the query parameter of ids that can also be in the body.

    OpenAPI cannot express that one of the two is enough, so the checks would expect a body without the id to fail.
    """
    for methods in document["paths"].values():
        for method in {"put", "delete"} & set(methods):
            operation = methods[method]
            operation["parameters"] = [each for each in operation["parameters"] if each.get("in") != "query"]
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
    return document


def create_items(api):
    """Create a few items of every kind and return their ids."""
    ids = []
    for number in range(5):
        text = android([*LINES, ("하늘", f"{number}번째")])
        file = {"file_content": base64.b64encode(text).decode(), "encoding": "base64", "my_name": "하늘"}
        imported = api.call("POST", "/process-file", file)
        turn = {"user_message": "안녕", "ai_responses": [], "room_id": imported["room_id"]}
        ids += [imported["file_id"], imported["room_id"]]
        ids.append(api.call("POST", "/partner-profile", {"name": "바다", "relationship": "썸"})["profile_id"])
        ids.append(api.call("POST", "/conversation-history", turn)["conversation_id"])
    return ids


def test_every_reply_is_documented(fuzz):
    fuzz("--exclude-operation-id", ERASING)


def test_every_reply_to_an_erasure_is_documented(fuzz):
    fuzz("--include-operation-id", ERASING)
