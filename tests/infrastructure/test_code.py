"""The zip as it ships: for Lambda's processor, the same whenever it is made, and with nothing that does not belong."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import zipfile

import pytest

from infrastructure.code import CannotPackage, Code, _checked
from local.chalice_stage import PROJECT

AARCH64 = 183


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The package of stage prod, made twice."""
    folders = [tmp_path_factory.mktemp("package") for _ in range(2)]
    for folder in folders:
        command = [sys.executable, "-m", "infrastructure.package", "--stage", "prod", "--out", str(folder)]
        subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]})
    return folders


@pytest.fixture(scope="module")
def archive(packages):
    with zipfile.ZipFile(packages[0] / "code.zip") as archive:
        yield archive


def test_the_same_sources_make_the_same_bytes(packages):
    first, second = ((folder / "code.zip").read_bytes() for folder in packages)
    assert first == second


def test_it_may_be_sent_to_lambda_in_one_request(packages):
    facts = json.loads((packages[0] / "package.json").read_text())
    assert facts["zipped"] == (packages[0] / "code.zip").stat().st_size < 50_000_000
    assert facts["unzipped"] < 250_000_000
    assert facts["architecture"] == "arm64"


def test_one_that_is_too_large_is_refused(tmp_path):
    with pytest.raises(CannotPackage, match="too large"):
        _checked(Code(tmp_path, "", 50_000_001, 1))


def test_every_library_is_for_arm64(archive):
    libraries = [name for name in archive.namelist() if re.search(r"\.so(\.\d+)*$", name)]
    assert libraries
    for name in libraries:
        head = archive.read(name)[:20]
        assert (head[:4], int.from_bytes(head[18:20], "little")) == (b"\x7fELF", AARCH64), name


def test_it_holds_the_application_and_what_it_needs_and_nothing_else(archive):
    names = archive.namelist()
    assert {"app.py", "chalice/app.py", "chalice/__init__.py", "chalicelib/api/problems.json"} <= set(names)
    top = {name.split("/")[0] for name in names}
    assert not {"tests", "local", "migrations", "infrastructure", "pip", "click", "yaml", ".chalice"} & top
    compiled = {importlib.util.cache_from_source(name) for name in names if name.endswith(".py")}
    assert compiled == {name for name in names if "__pycache__" in name or name.endswith(".pyc")}
    data = {path.relative_to(PROJECT) for path in (PROJECT / "chalicelib").rglob("*.json")}
    assert {str(path) for path in data} <= set(names)


def test_it_ships_the_pinned_boto3_with_the_clients_that_are_made(archive):
    names = archive.namelist()
    pinned = re.search(r"^boto3==(.+)$", (PROJECT / "requirements.txt").read_text(), flags=re.MULTILINE)[1]
    assert f"boto3-{pinned}.dist-info/METADATA" in names
    services = {name.split("/")[2] for name in names if re.match(r"botocore/data/[^/]+/[^/]+/", name)}
    assert {"s3", "dsql", "bedrock-runtime", "comprehend", "cognito-idp"} <= services
    assert len(services) < 10


def test_every_dependency_is_pinned(archive):
    found = {
        re.sub(r"[-_.]+", "-", name.split("/")[0].removesuffix(".dist-info").rsplit("-", 1)[0]).lower()
        for name in archive.namelist()
        if name.split("/")[0].endswith(".dist-info")
    }
    text = (PROJECT / "requirements.txt").read_text() + (PROJECT / "infrastructure" / "constraints.txt").read_text()
    pinned = {
        re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"^([\w.-]+)(?:\[\w+\])?==", text, re.MULTILINE)
    }
    assert found <= pinned
    assert {"boto3", "botocore", "pg8000", "pydantic", "cryptography"} <= found


def test_a_dependency_that_cannot_be_had_stops_the_packaging(packages, tmp_path):
    """Chalice only warns of it, and deploys a function that does not start."""
    script = (
        "from infrastructure import code; from pathlib import Path\n"
        f"code.REQUIREMENTS = Path({str(tmp_path / 'requirements.txt')!r})\n"
        f"code.CACHE = Path({str(tmp_path / 'cache')!r})\n"
        "try: code.installed('python3.13', 'arm64')\n"
        "except code.CannotPackage as error: print(error)\n"
    )
    # It has wheels for Windows alone.
    (tmp_path / "requirements.txt").write_text(f"{local_source(tmp_path)}\n")
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, check=True, capture_output=True, text=True, timeout=120
    )
    assert "No wheel for python3.13 on arm64: broken" in done.stdout
    assert not list((tmp_path / "cache").glob("python3.13-arm64-????????????????"))


def local_source(folder):
    """A package that cannot be built, as one whose wheels are for other processors."""
    source = folder / "broken"
    source.mkdir()
    (source / "setup.py").write_text(
        "import sys\nfrom setuptools import setup\n"
        "if 'bdist_wheel' in sys.argv: raise SystemExit('no compiler')\n"
        "setup(name='broken', version='1.0')\n"
    )
    made = subprocess.run(
        [sys.executable, "setup.py", "--quiet", "sdist"], cwd=source, check=True, capture_output=True, text=True
    )
    assert made.returncode == 0
    return next((source / "dist").glob("*.tar.gz"))
