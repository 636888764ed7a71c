"""The deployed zip: built for Lambda's processor, reproducible, and without superfluous files."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import zipfile

import pytest

from infrastructure import code_zip
from infrastructure.code_zip import CannotPackage, CodeZip, _check_size
from local.chalice_stage import PROJECT

AARCH64 = 183


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The package of stage prod, built twice."""
    folders = [tmp_path_factory.mktemp("package") for _ in range(2)]
    for folder in folders:
        command = [sys.executable, "-m", "infrastructure.package", "--stage", "prod", "--out", str(folder)]
        subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]})
    return folders


@pytest.fixture(scope="module")
def archive(packages):
    with zipfile.ZipFile(packages[0] / "code.zip") as archive:
        yield archive


@pytest.mark.slow
def test_the_same_sources_give_the_same_bytes(packages):
    first, second = ((folder / "code.zip").read_bytes() for folder in packages)
    assert first == second


@pytest.mark.slow
def test_the_package_is_small_enough_for_one_request_to_lambda(packages):
    package = json.loads((packages[0] / "package.json").read_text())
    assert package["zipped"] == (packages[0] / "code.zip").stat().st_size < 50_000_000
    assert package["unzipped"] < 250_000_000
    assert package["architecture"] == "arm64"


def test_a_package_that_is_too_large_is_refused(tmp_path):
    with pytest.raises(CannotPackage, match="too large"):
        _check_size(CodeZip(tmp_path, "", 50_000_001, 1))


@pytest.mark.slow
def test_every_library_is_for_arm64(archive):
    libraries = [name for name in archive.namelist() if re.search(r"\.so(\.\d+)*$", name)]
    assert libraries
    for name in libraries:
        header = archive.read(name)[:20]
        assert (header[:4], int.from_bytes(header[18:20], "little")) == (b"\x7fELF", AARCH64), name


@pytest.mark.slow
def test_the_package_contains_the_application_and_nothing_superfluous(archive):
    names = archive.namelist()
    assert {"app.py", "chalice/app.py", "chalice/__init__.py", "chalicelib/api/problems.json"} <= set(names)
    top_level = {name.split("/")[0] for name in names}
    assert not {"tests", "local", "migrations", "infrastructure", "pip", "click", "yaml", ".chalice"} & top_level
    compiled = {importlib.util.cache_from_source(name) for name in names if name.endswith(".py")}
    assert compiled == {name for name in names if "__pycache__" in name or name.endswith(".pyc")}
    data = {path.relative_to(PROJECT) for path in (PROJECT / "chalicelib").rglob("*.json")}
    assert {str(path) for path in data} <= set(names)


@pytest.mark.slow
def test_the_package_contains_the_pinned_boto3_with_only_the_services_used(archive):
    names = archive.namelist()
    pinned = re.search(r"^boto3==(.+)$", (PROJECT / "requirements.txt").read_text(), flags=re.MULTILINE)[1]
    assert f"boto3-{pinned}.dist-info/METADATA" in names
    services = {name.split("/")[2] for name in names if re.match(r"botocore/data/[^/]+/[^/]+/", name)}
    assert {"s3", "dsql", "bedrock-runtime", "comprehend", "cognito-idp"} <= services
    assert len(services) < 10


# The lock files


REQUIREMENT = re.compile(r"([\w.-]+)(?:\[\w+\])?(?:==(\S+))?")
LOCKED = re.compile(r"(\S+)==(\S+)(?: ; .+?)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n")


def normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(path):
    """Return the versions of a lock file by name. Every entry has hashes, and there are no URLs."""
    text = re.sub(r"^#.*\n", "", path.read_text(), flags=re.MULTILINE)
    entries = LOCKED.findall(text)
    assert LOCKED.sub("", text) == ""
    return {normalized(name): version for name, version, _ in entries}


@pytest.fixture(scope="module")
def deployer_lock():
    return read_lock(code_zip.INFRASTRUCTURE / "deployer.lock")


@pytest.mark.slow
def test_the_package_contains_exactly_the_locked_dependencies(archive):
    packaged = {
        normalized(name.split("/")[0].removesuffix(".dist-info").rsplit("-", 1)[0])
        for name in archive.namelist()
        if name.split("/")[0].endswith(".dist-info")
    }
    assert packaged == set(read_lock(code_zip.LOCK))


def test_the_lock_files_match_the_requirements(deployer_lock):
    """`make lock` updates them."""
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    required = [REQUIREMENT.fullmatch(line).groups() for line in lines if not line.startswith("#")]
    assert len(required) > 5
    for name, version in required:
        assert deployer_lock[normalized(name)] == (version or deployer_lock[normalized(name)])
    assert {normalized(name) for name, _ in required} - set(read_lock(code_zip.LOCK)) == {"chalice"}


def test_lambda_gets_the_tested_versions_whatever_machine_packages(deployer_lock):
    assert read_lock(code_zip.LOCK).items() <= deployer_lock.items()
    # No environment markers: the machine that packages makes no difference.
    assert ";" not in code_zip.LOCK.read_text()


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that installs from a lock file with one wheel, which this test builds."""
    monkeypatch.setattr(code_zip, "LOCK", tmp_path / "lambda.lock")
    monkeypatch.setattr(code_zip, "CACHE", tmp_path / "cache")

    def install_wheel(tag, *, tampered=False):
        wheel = tmp_path / f"ours-1.0-{tag}.whl"
        write_wheel(wheel, tag, "x = 1\n")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if tampered:
            write_wheel(wheel, tag, "x = 2\n")
        sources = f"--no-index\n--find-links {tmp_path}\n"
        code_zip.LOCK.write_text(f"{sources}ours==1.0 --hash=sha256:{digest}\n")
        return code_zip.install_dependencies("python3.13", "arm64")

    return install_wheel


def write_wheel(path, tag, source):
    metadata = {"METADATA": "Metadata-Version: 2.1\nName: ours\nVersion: 1.0\n", "RECORD": ""}
    metadata["WHEEL"] = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ours.py", source)
        for name, text in metadata.items():
            archive.writestr(f"ours-1.0.dist-info/{name}", text)


@pytest.mark.parametrize(
    "tag", ["py3-none-any", "cp313-cp313-manylinux2014_aarch64", "cp311-abi3-manylinux_2_17_aarch64"]
)
def test_a_wheel_for_lambda_with_the_locked_hash_is_installed(install, tag):
    assert (install(tag) / "ours.py").read_text() == "x = 1\n"


def test_a_wheel_with_another_hash_stops_the_packaging(install):
    with pytest.raises(CannotPackage, match="DO NOT MATCH THE HASHES"):
        install("py3-none-any", tampered=True)
    assert list(code_zip.CACHE.iterdir()) == []


@pytest.mark.parametrize(
    "tag", ["cp313-cp313-win_arm64", "cp313-cp313-manylinux2014_x86_64", "cp312-cp312-manylinux2014_aarch64"]
)
def test_a_dependency_without_a_wheel_for_lambda_stops_the_packaging(install, tag):
    """Chalice only warns, and deploys a function that does not start."""
    with pytest.raises(CannotPackage, match=r"python3.13 on arm64 cannot be installed: .*ours==1.0"):
        install(tag)
    assert list(code_zip.CACHE.iterdir()) == []
