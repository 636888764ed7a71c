"""Imports, cold starts, route guards and the consistency of the project's files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from chalicelib.settings import Settings
from tests.support.client import Client
from tests.support.exports import android

PROJECT = Path(__file__).resolve().parent.parent


NO_NETWORK = """
import socket, sys
def refuse(*_, **__): raise AssertionError("the network was used")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
import app
assert "boto3" not in sys.modules, "an AWS client was loaded"
"""


def test_importing_the_app_needs_neither_network_nor_environment():
    environment = {"PATH": os.defpath}
    subprocess.run([sys.executable, "-c", NO_NETWORK], cwd=PROJECT, env=environment, check=True)


# Prints the modules that ``import app`` loads in a Lambda, and those that each GET request then loads in addition. Each
# request runs in a fork of the process that imported the app, as it would after a cold start.
MODULES = """
import json, os, sys
from importlib.util import _LazyModule

def modules():
    return {name for name, module in sys.modules.items() if type(module) is not _LazyModule}

class Context:
    def get_remaining_time_in_millis(self): return 30_000

def loaded_by(path, query):
    event = {
        "resource": path, "path": path, "httpMethod": "GET", "headers": {}, "multiValueHeaders": {},
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()}, "pathParameters": None,
        "stageVariables": None, "body": None, "isBase64Encoded": False,
        "requestContext": {"httpMethod": "GET", "resourcePath": path, "authorizer": {"claims": claims}},
    }
    reply = app(event, Context())
    assert reply["statusCode"] == 200, reply
    return modules() - at_start

def in_a_fork(path, query):
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, json.dumps(sorted(loaded_by(path, query))).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        return json.load(pipe)

claims, requests = json.loads(sys.argv[1])
from app import app
at_start = modules()
print(json.dumps([sorted(at_start), [in_a_fork(*request) for request in requests]]))
"""
HEAVY = {"boto3", "botocore.client", "pg8000", "jwt", "cryptography", "jsonschema"}
DATABASE = {
    "pg8000",
    "api.identity",
    "repositories",
    "repositories.database",
    "repositories.database.connections",
    "repositories.database.keyset",
    "repositories.database.limits",
    "repositories.database.pool",
    "repositories.database.transactions",
}
PAGES = {"services.ids", "services.pagination"}
PARTNERS = {"coaching", "masking", "repositories.json_columns", "repositories.partner_profiles"}
# The modules that each GET request loads in addition, by path and the id in its query. `pg8000` is the database driver.
# A package of lazily loaded modules, such as `masking`, is almost empty.
LOADED = {
    ("/health", None): {"aws", "repositories", "services.health"},
    ("/openapi.json", None): {"api.openapi.document", "api.openapi.json_schemas", "api.problems", "data_files"},
    ("/user-profile", None): {*DATABASE, "repositories.json_columns", "repositories.users", "services.accounts"},
    ("/user-export", None): {
        *DATABASE,
        "repositories.data_export",
        "repositories.json_columns",
        "repositories.users",
        "services.accounts",
        "services.data_export",
    },
    ("/partner-profile", None): {*DATABASE, *PAGES, *PARTNERS, "services.partner_profiles"},
    ("/partner-profile", "profile_id"): {*DATABASE, *PAGES, *PARTNERS, "services.partner_profiles"},
    ("/chat-rooms", None): {*DATABASE, *PAGES, "repositories.rooms", "services.rooms"},
    ("/chat-rooms", "room_id"): {
        *DATABASE,
        *PAGES,
        "repositories.files",
        "repositories.json_columns",
        "repositories.rooms",
        "services.rooms",
    },
    ("/messages", "room_id"): {*DATABASE, *PAGES, "repositories.messages", "services.rooms"},
    ("/process-file", "file_id"): {
        *DATABASE,
        "aws",
        "repositories.files",
        "repositories.json_columns",
        "services.files",
        "services.ids",
    },
    ("/emotion-analysis", "room_id"): {
        *DATABASE,
        "analysis",
        "analysis.daily_sentiment",
        "analysis.trend",
        "masking",
        "repositories.json_columns",
        "repositories.rooms",
        "services.ai",
        "services.emotion_analysis",
        "services.recent_messages",
        "services.stored_rooms",
    },
    ("/conversation-history", None): {*DATABASE, *PAGES, "repositories.conversations", "services.coaching_turns"},
}


@pytest.fixture(scope="module")
def cold_start(stage, issuer, app):
    """The modules that importing the app loads, and the modules that each request of ``LOADED`` loads."""
    client = Client(app, issuer)
    client.give_consents()
    file = client.send_file(android([("하늘", "안녕"), ("바다", "응")]), my_name="하늘").json
    profile = client.post("/partner-profile", {"name": "바다", "relationship": "썸"}).json
    ids = {"room_id": file["room_id"], "file_id": file["file_id"], "profile_id": profile["profile_id"]}
    requests = [(path, {name: ids[name]} if name else {}) for path, name in LOADED]
    argument = json.dumps([issuer.claims(client.user_id), requests])
    environment = os.environ | {"AWS_LAMBDA_FUNCTION_NAME": "api_handler", "AUTHORIZER": "cognito"}
    program = subprocess.run(
        [sys.executable, "-c", MODULES, argument], cwd=PROJECT, env=environment, check=True, stdout=subprocess.PIPE
    )
    at_start, by_request = json.loads(program.stdout.splitlines()[-1])
    return _stated(at_start), dict(zip(LOADED, map(_stated, by_request), strict=True))


def _stated(modules):
    ours = {name.removeprefix("chalicelib.") for name in modules if name.startswith("chalicelib.")}
    return ours | HEAVY & set(modules)


def test_importing_the_app_loads_the_routes_the_schemas_and_the_domain(cold_start):
    at_start, _ = cold_start
    assert {name for name in at_start if not name.startswith(("api.schemas", "domain"))} == {
        "api",
        "api.endpoint",
        "api.openapi",
        "api.request",
        "deadline",
        "errors",
        "lazy_imports",
        "observability",
        "services",
        "settings",
    }


@pytest.mark.parametrize("request_line", LOADED, ids=lambda line: " ".join(filter(None, line)))
def test_a_get_route_loads_only_the_modules_that_it_needs(cold_start, request_line):
    _, by_request = cold_start
    assert by_request[request_line] - {"api.reply"} == LOADED[request_line]


def test_the_modules_of_every_get_route_are_stated(app):
    import app as project

    assert {path for path, _ in LOADED} == {operation.path for operation in project.api.operations if operation.reads}


GUARDS = """
import app
guards = {
    path + " " + method: type(route.authorizer).__name__
    for path, methods in app.app.routes.items()
    for method, route in methods.items()
}
public = {name for name, guard in guards.items() if guard == "NoneType"}
assert public == {"/health GET", "/openapi.json GET"}, public
print(*sorted(set(guards.values()) - {"NoneType"}))
"""


@pytest.mark.parametrize(
    ("authorizer", "guard"), [("cognito", "CognitoUserPoolAuthorizer"), ("lambda", "ChaliceAuthorizer")]
)
def test_a_deployed_stage_guards_every_route_except_the_public_ones(authorizer, guard):
    environment = {"PATH": os.defpath, "AUTHORIZER": authorizer}
    guards = subprocess.run(
        [sys.executable, "-c", GUARDS], cwd=PROJECT, env=environment, check=True, capture_output=True, text=True
    )
    assert guards.stdout.split() == [guard]


def test_chalice_accepts_every_route(app):
    from chalice.deploy.validate import validate_routes, validate_unique_function_names

    validate_routes(app.routes)
    validate_unique_function_names(_Config(app))


class _Config:
    """The part of Chalice's configuration that its validation reads."""

    def __init__(self, app):
        self.chalice_app = app


def test_every_stage_has_the_timeouts_of_its_functions():
    from chalice.config import Config

    stages = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    assert set(stages["stages"]) == {"local", "dev", "staging", "prod"}
    for stage in stages["stages"]:
        config = Config(chalice_stage=stage, config_from_disk=stages)
        timeouts = {
            name: config.scope(stage, name).lambda_timeout for name in ("api_handler", "file_upload", "auth_middleware")
        }
        assert timeouts == {"api_handler": 30, "file_upload": 60, "auth_middleware": 15}


@pytest.mark.parametrize("path", sorted(PROJECT.glob("chalicelib/**/*.json")), ids=lambda path: path.name)
def test_every_data_file_is_valid_json(path):
    assert json.loads(path.read_text(encoding="utf-8"))


def test_settings_and_project_have_the_same_version():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    assert Settings.model_fields["version"].default == project["project"]["version"]


def test_every_problem_has_a_sentence_in_both_languages():
    for name in ("problems.json", "validation.json"):
        for code, sentences in json.loads((PROJECT / "chalicelib" / "api" / name).read_text()).items():
            assert set(sentences) == {"ko", "en"}, code
