"""Requests nobody thought of, against the running local API: schemathesis, all checks on, signed in.

`make fuzz` asks more: ``FUZZ_EXAMPLES`` of each operation, from ``FUZZ_SEED``.
"""

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
# Limits and withdrawn consents would answer for everything behind them.
UNLIMITED = {"DAILY_CREDITS": "1000000", "REQUESTS_A_MINUTE": "1000000", "REQUIRE_CONSENTS": "false"}
CONSENTS = {"consents": {"age_over_14": True, "terms": True, "overseas_transfer": True}}
LINES = [
    ("하늘", "뭐해?"),
    ("바다", "나 오늘 너무 힘들었어ㅠㅠ"),
    ("하늘", "무슨 일 있었어?"),
    ("바다", "이따 말해줄게"),
]
pytestmark = pytest.mark.scaled
# It ends the account that the others need.
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
    """Run schemathesis as a user of this test alone; its whole report is in the failure."""

    def run(*options):
        token = stack.token(f"{request.node.name}@example.com")
        api = Api(stack.api_url, token)
        environment = os.environ | {
            "API_TOKEN": token,
            "API_USER_ID": api.call("PUT", "/user-profile", CONSENTS)["user_id"],
            "API_KNOWN_IDS": json.dumps(things_of(api)),
            "PYTHONPATH": str(PROJECT),
        }
        command = [str(Path(sys.executable).with_name("st")), "--config-file", str(CONFIG), "run", *options]
        # One worker: two threads of it can break what hypothesis remembers of lambdas (a KeyError in lambda_sources).
        command += ["--url", stack.api_url, "--seed", str(SEED), "--max-examples", str(EXAMPLES), "--workers", "1"]
        document = tmp_path / "openapi.json"
        document.write_text(json.dumps(one_place_for_ids(json.loads(without_longest_text(OPENAPI.read_text())))))
        done = subprocess.run(
            [*command, str(document)],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    return run


def without_longest_text(document):
    """The document without the length of an inline file: no body can hold it, and to make such texts takes long."""
    return re.sub(rf'"maxLength": {MAX_CONTENT_CHARACTERS},\s*', "", document)


def one_place_for_ids(document):
    """The document without the second place for an id.

    That one of body and query is enough cannot be said, so the checks would take a body without the id for wrong.
    """
    for methods in document["paths"].values():
        for method in {"put", "delete"} & set(methods):
            operation = methods[method]
            operation["parameters"] = [found for found in operation["parameters"] if found.get("in") != "query"]
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
    return document


def things_of(api):
    """Make a few of everything, and return their ids."""
    ids = []
    for number in range(5):
        text = android([*LINES, ("하늘", f"{number}번째")])
        file = {"file_content": base64.b64encode(text).decode(), "encoding": "base64", "my_name": "하늘"}
        made = api.call("POST", "/process-file", file)
        turn = {"user_message": "안녕", "ai_responses": [], "room_id": made["room_id"]}
        ids += [made["file_id"], made["room_id"]]
        ids.append(api.call("POST", "/partner-profile", {"name": "바다", "relationship": "썸"})["profile_id"])
        ids.append(api.call("POST", "/conversation-history", turn)["conversation_id"])
    return ids


def test_no_request_gets_an_answer_that_is_not_documented(fuzz):
    fuzz("--exclude-operation-id", ERASING)


def test_nor_does_one_to_erase_the_account(fuzz):
    fuzz("--include-operation-id", ERASING)
