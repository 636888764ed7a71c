"""The size of the package, and the time from a cold start to the first response.

Each start is a new process on the unpacked package. The baseline is a process that only imports the libraries which
every Lambda of this kind needs: chalice, boto3, pg8000 and pydantic. Our package contains bytecode, because a Lambda
cannot store it; the baseline is measured without bytecode, as packages usually are, and with it.
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
IMPORTS = "import chalice, boto3, pg8000, pydantic"
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
    "imports": IMPORTS,
    "health": ANSWER.format(path="/health"),
    "database": ANSWER.format(path="/chat-rooms"),
}


def measure(table: Table, _new_client: NewClient) -> None:
    """Add rows for the package's size and its cold starts."""
    with tempfile.TemporaryDirectory() as folder:
        package = _package(Path(folder) / "package")
        zipped, unzipped = package["zipped"] / MEGABYTE, package["unzipped"] / MEGABYTE
        table.add("package, zipped", f"{zipped:.1f} MB", goal="≤ 50 MB")
        table.add("package, unpacked", f"{unzipped:.1f} MB")
        with_bytecode, without_bytecode = Path(folder) / "unpacked", Path(folder) / "sources"
        with zipfile.ZipFile(Path(folder) / "package" / "code.zip") as archive:
            archive.extractall(with_bytecode)
            archive.extractall(without_bytecode, [name for name in archive.namelist() if not name.endswith(".pyc")])
        _add_cold_starts(table, with_bytecode, without_bytecode)


def _package(folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "infrastructure.package", "--stage", "prod", "--out", str(folder)]
    subprocess.run([*command, "--for-this-machine"], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    package: dict[str, float] = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    return package


def _add_cold_starts(table: Table, with_bytecode: Path, without_bytecode: Path) -> None:
    starts = {name: (with_bytecode, program) for name, program in PROGRAMS.items()}
    starts["uncompiled imports"] = (without_bytecode, IMPORTS)
    times: dict[str, list[float]] = {name: [] for name in starts}
    # Alternating, so that other work on the machine affects all alike.
    for _ in range(ROUNDS):
        for name, (folder, program) in starts.items():
            times[name].append(_seconds(folder, program))
    for baseline, goals in (("uncompiled imports", GOALS), ("imports", dict.fromkeys(GOALS))):
        imports = statistics.median(times[baseline])
        for name, goal in goals.items():
            median = statistics.median(times[name])
            table.add(
                f"cold start to the first {name} response",
                f"{median * 1000:.0f} ms",
                f"{max(times[name]) * 1000:.0f} ms",
                f"imports, {'compiled' if baseline == 'imports' else 'not compiled'} {imports * 1000:.0f} ms",
                f"{median / imports:.2f}",
                f"≤ {goal}" if goal else "",
            )


def _seconds(folder: Path, program: str) -> float:
    """Run a program in a new process and return the seconds it takes, without the start of the interpreter."""
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "STAGE": "bench",
        "AUTHORIZER": "cognito",
        "COGNITO_CLIENT_ID": "bench",
        "DATABASE_URL": os.environ["DATABASE_URL"],
    }
    # -S excludes the packages of this virtual environment, so that only the unpacked package is imported.
    command = [sys.executable, "-S", "-c", TIMED.format(code=program)]
    completed = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return float(completed.stdout.splitlines()[-1])
