"""The OpenAPI document gives a typed TypeScript client, and code that uses it compiles."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local.chalice_stage import PROJECT
from tests.support import npm

PACKAGES = {"openapi-fetch": "0.17.0", "openapi-typescript": "7.13.0", "typescript": "5.9.3"}
CLIENT = Path(__file__).with_name("client.ts")
HOME = PROJECT / ".local" / "npm"
STRICT = [
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--target",
    "es2022",
    "--module",
    "esnext",
    "--moduleResolution",
    "bundler",
]


@pytest.fixture(scope="module")
def tools():
    return npm.installed(HOME, PACKAGES)


def run(tools, folder, program, *arguments):
    """Run a tool; what it printed is in the failure."""
    command = [str(tools / ".bin" / program), *arguments]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_typed_client_compiles(tools, app, tmp_path):
    import app as project
    from chalicelib.api.openapi.document import build

    (tmp_path / "openapi.json").write_text(json.dumps(build(project.api.operations)))
    (tmp_path / "node_modules").symlink_to(tools)
    shutil.copy(CLIENT, tmp_path)
    # A request can omit a field that has a default.
    run(tools, tmp_path, "openapi-typescript", "openapi.json", "-o", "schema.d.ts", "--default-non-nullable=false")
    run(tools, tmp_path, "tsc", *STRICT, "client.ts")
