"""Importing the app needs no network and no environment; a cold start loads little; every route is guarded."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from chalicelib.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent


NO_NETWORK = """
import socket, sys
def refuse(*_, **__): raise AssertionError("the network was asked")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
import app
assert "boto3" not in sys.modules, "an AWS client was loaded"
"""


def test_importing_the_app_touches_no_network_and_needs_no_environment():
    environment = {"PATH": os.defpath}
    subprocess.run([sys.executable, "-c", NO_NETWORK], cwd=PROJECT, env=environment, check=True)


HEALTH = """
import json, sys
from app import app
event = {
    "resource": "/health", "path": "/health", "httpMethod": "GET", "headers": {}, "multiValueHeaders": {},
    "queryStringParameters": None, "multiValueQueryStringParameters": None, "pathParameters": None,
    "stageVariables": None, "requestContext": {"httpMethod": "GET", "resourcePath": "/health"}, "body": None,
    "isBase64Encoded": False,
}
class Context:
    def get_remaining_time_in_millis(self): return 30_000
answer = app(event, Context())
assert json.loads(answer["body"])["status"] == "ok", answer
heavy = {"boto3", "botocore.client", "pg8000", "jwt", "cryptography", "jsonschema"} & set(sys.modules)
from importlib.util import _LazyModule
loaded = {
    name for name, module in sys.modules.items()
    if name.startswith("chalicelib.") and type(module) is not _LazyModule
}
print(*sorted(heavy | loaded))
"""


def test_a_health_check_in_a_lambda_loads_no_driver_no_client_and_no_other_service():
    environment = {"PATH": os.defpath, "AWS_LAMBDA_FUNCTION_NAME": "api_handler", "AUTHORIZER": "cognito"}
    found = subprocess.run(
        [sys.executable, "-c", HEALTH], cwd=PROJECT, env=environment, check=True, capture_output=True, text=True
    )
    always = ("api", "data_files", "deadline", "domain", "errors", "lazy_imports", "observability", "settings")
    loaded = {name.removeprefix("chalicelib.") for name in found.stdout.splitlines()[-1].split()}
    packages = {"aws", "repositories", "services"}
    assert {name for name in loaded - packages if not name.startswith(always)} <= {
        "services.health",
        "services.pagination",
    }


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
def test_a_deployed_stage_guards_every_route_but_the_public_ones(authorizer, guard):
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


def test_every_stage_has_its_functions_limits():
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
def test_every_data_file_can_be_read(path):
    assert json.loads(path.read_text(encoding="utf-8"))


def test_the_version_is_one():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    assert Settings.model_fields["version"].default == project["project"]["version"]


def test_every_problem_has_a_sentence_in_both_languages():
    for name in ("problems.json", "validation.json"):
        for code, sentences in json.loads((PROJECT / "chalicelib" / "api" / name).read_text()).items():
            assert set(sentences) == {"ko", "en"}, code
