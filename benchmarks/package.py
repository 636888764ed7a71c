"""The package: its size, and how long a Lambda that starts takes to its first answer.

Each start is a process of its own on the unpacked package, beside one that only imports what no start of a Lambda
with these parts can do without: chalice, boto3, pg8000 and pydantic. The package ships compiled (.pyc), since a Lambda
has nowhere to keep what it compiles; the imports alone are measured as packages are shipped otherwise, uncompiled, and
compiled too.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from benchmarks.stage import NewClient
from benchmarks.table import Table

PROJECT = Path(__file__).resolve().parent.parent
ROUNDS = 9
MEGABYTE = 1e6
GOALS = {"health": 0.6, "database": 1.3}
# The import that is timed is the first thing the process does.
BARE = "import chalice, boto3, pg8000, pydantic"
ANSWER = """
import json
import app
class Context:
    def get_remaining_time_in_millis(self): return 30_000
path, claims = {path!r}, {{"sub": "bench", "token_use": "id", "aud": "bench"}}
answer = app.app({{
    "resource": path, "path": path, "httpMethod": "GET", "headers": {{}}, "multiValueHeaders": {{}},
    "queryStringParameters": None, "multiValueQueryStringParameters": None, "pathParameters": None,
    "stageVariables": None, "body": None, "isBase64Encoded": False,
    "requestContext": {{"httpMethod": "GET", "resourcePath": path, "authorizer": {{"claims": claims}}}},
}}, Context())
assert answer["statusCode"] == 200, answer
"""
TIMED = "import time; started = time.perf_counter()\n{code}\nprint(); print(time.perf_counter() - started)"
PROGRAMS = {
    "bare": BARE,
    "health": ANSWER.format(path="/health"),
    "database": ANSWER.format(path="/chat-rooms"),
}


def measure(table: Table, _new_client: NewClient) -> None:
    """Add rows for the package's size and its starts."""
    with tempfile.TemporaryDirectory() as folder:
        facts = _package(Path(folder) / "package")
        zipped, unzipped = facts["zipped"] / MEGABYTE, facts["unzipped"] / MEGABYTE
        table.add("package, zipped", f"{zipped:.1f} MB", goal="≤ 50 MB")
        table.add("package, unpacked", f"{unzipped:.1f} MB")
        place = Path(folder) / "unpacked"
        plain = Path(folder) / "plain"
        with zipfile.ZipFile(Path(folder) / "package" / "code.zip") as archive:
            archive.extractall(place)
            archive.extractall(plain, [name for name in archive.namelist() if not name.endswith(".pyc")])
        _add(table, place, plain)


def _package(folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "infrastructure.package", "--stage", "prod", "--out", str(folder)]
    subprocess.run([*command, "--for-this-machine"], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    facts: dict[str, float] = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    return facts


def _add(table: Table, place: Path, plain: Path) -> None:
    starts = {name: (place, program) for name, program in PROGRAMS.items()} | {"uncompiled": (plain, BARE)}
    times: dict[str, list[float]] = {name: [] for name in starts}
    # In turn, so that what else the machine does falls on all alike.
    for _ in range(ROUNDS):
        for name, (where, program) in starts.items():
            times[name].append(_start(where, program))
    for alone, goals in (("uncompiled", GOALS), ("bare", dict.fromkeys(GOALS))):
        imports = statistics.median(times[alone])
        for name, goal in goals.items():
            median = statistics.median(times[name])
            table.add(
                f"cold start to the first {name} answer",
                f"{median * 1000:.0f} ms",
                f"{max(times[name]) * 1000:.0f} ms",
                f"imports alone{', compiled too' if alone == 'bare' else ''} {imports * 1000:.0f} ms",
                f"{median / imports:.2f}",
                f"≤ {goal}" if goal else "",
            )


def _start(place: Path, program: str) -> float:
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(place),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "STAGE": "bench",
        "AUTHORIZER": "cognito",
        "COGNITO_CLIENT_ID": "bench",
        "DATABASE_URL": os.environ["DATABASE_URL"],
    }
    # Nothing of this project's own environment: -S leaves its installed packages out.
    command = [sys.executable, "-S", "-c", TIMED.format(code=program)]
    done = subprocess.run(command, cwd=place, env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])
