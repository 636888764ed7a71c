"""The zip as it ships: for Lambda's processor, the same whenever it is made, and with nothing that does not belong."""

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


@pytest.mark.slow
def test_the_same_sources_make_the_same_bytes(packages):
    first, second = ((folder / "code.zip").read_bytes() for folder in packages)
    assert first == second


@pytest.mark.slow
def test_it_may_be_sent_to_lambda_in_one_request(packages):
    facts = json.loads((packages[0] / "package.json").read_text())
    assert facts["zipped"] == (packages[0] / "code.zip").stat().st_size < 50_000_000
    assert facts["unzipped"] < 250_000_000
    assert facts["architecture"] == "arm64"


def test_one_that_is_too_large_is_refused(tmp_path):
    with pytest.raises(CannotPackage, match="too large"):
        _check_size(CodeZip(tmp_path, "", 50_000_001, 1))


@pytest.mark.slow
def test_every_library_is_for_arm64(archive):
    libraries = [name for name in archive.namelist() if re.search(r"\.so(\.\d+)*$", name)]
    assert libraries
    for name in libraries:
        head = archive.read(name)[:20]
        assert (head[:4], int.from_bytes(head[18:20], "little")) == (b"\x7fELF", AARCH64), name


@pytest.mark.slow
def test_it_holds_the_application_and_what_it_needs_and_nothing_else(archive):
    names = archive.namelist()
    assert {"app.py", "chalice/app.py", "chalice/__init__.py", "chalicelib/api/problems.json"} <= set(names)
    top = {name.split("/")[0] for name in names}
    assert not {"tests", "local", "migrations", "infrastructure", "pip", "click", "yaml", ".chalice"} & top
    compiled = {importlib.util.cache_from_source(name) for name in names if name.endswith(".py")}
    assert compiled == {name for name in names if "__pycache__" in name or name.endswith(".pyc")}
    data = {path.relative_to(PROJECT) for path in (PROJECT / "chalicelib").rglob("*.json")}
    assert {str(path) for path in data} <= set(names)


@pytest.mark.slow
def test_it_ships_the_pinned_boto3_with_the_clients_that_are_made(archive):
    names = archive.namelist()
    pinned = re.search(r"^boto3==(.+)$", (PROJECT / "requirements.txt").read_text(), flags=re.MULTILINE)[1]
    assert f"boto3-{pinned}.dist-info/METADATA" in names
    services = {name.split("/")[2] for name in names if re.match(r"botocore/data/[^/]+/[^/]+/", name)}
    assert {"s3", "dsql", "bedrock-runtime", "comprehend", "cognito-idp"} <= services
    assert len(services) < 10


# The lock


REQUIREMENT = re.compile(r"([\w.-]+)(?:\[\w+\])?(?:==(\S+))?")
LOCKED = re.compile(r"(\S+)==(\S+)(?: ; .+?)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n")


def same_name(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(path):
    """Names and versions of a lock, all of which have hashes; it says nothing else, not where they are to be had."""
    text = re.sub(r"^#.*\n", "", path.read_text(), flags=re.MULTILINE)
    entries = LOCKED.findall(text)
    assert LOCKED.sub("", text) == ""
    return {same_name(name): version for name, version, _ in entries}


@pytest.fixture(scope="module")
def deployer():
    return locked(code_zip.INFRASTRUCTURE / "deployer.lock")


@pytest.mark.slow
def test_the_package_holds_what_its_lock_names_and_nothing_else(archive):
    found = {
        same_name(name.split("/")[0].removesuffix(".dist-info").rsplit("-", 1)[0])
        for name in archive.namelist()
        if name.split("/")[0].endswith(".dist-info")
    }
    assert found == set(locked(code_zip.LOCK))


def test_the_locks_are_of_todays_requirements(deployer):
    """`make lock` makes them so."""
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    wanted = [REQUIREMENT.fullmatch(line).groups() for line in lines if not line.startswith("#")]
    assert len(wanted) > 5
    for name, version in wanted:
        assert deployer[same_name(name)] == (version or deployer[same_name(name)])
    assert {same_name(name) for name, _ in wanted} - set(locked(code_zip.LOCK)) == {"chalice"}


def test_what_goes_along_is_what_it_was_tested_with_on_any_machine(deployer):
    assert locked(code_zip.LOCK).items() <= deployer.items()
    # Where it is packaged decides nothing.
    assert ";" not in code_zip.LOCK.read_text()


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Unpacks the dependencies of a lock that names one wheel of this test's, which lies in a folder."""
    monkeypatch.setattr(code_zip, "LOCK", tmp_path / "lambda.lock")
    monkeypatch.setattr(code_zip, "CACHE", tmp_path / "cache")

    def install(tag, *, tampered=False):
        wheel = tmp_path / f"ours-1.0-{tag}.whl"
        write_wheel(wheel, tag, "x = 1\n")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if tampered:
            write_wheel(wheel, tag, "x = 2\n")
        places = f"--no-index\n--find-links {tmp_path}\n"
        code_zip.LOCK.write_text(f"{places}ours==1.0 --hash=sha256:{digest}\n")
        return code_zip.install_dependencies("python3.13", "arm64")

    return install


def write_wheel(path, tag, source):
    about = {"METADATA": "Metadata-Version: 2.1\nName: ours\nVersion: 1.0\n", "RECORD": ""}
    about["WHEEL"] = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ours.py", source)
        for name, text in about.items():
            archive.writestr(f"ours-1.0.dist-info/{name}", text)


@pytest.mark.parametrize(
    "tag", ["py3-none-any", "cp313-cp313-manylinux2014_aarch64", "cp311-abi3-manylinux_2_17_aarch64"]
)
def test_a_wheel_for_lambda_that_the_lock_vouches_for_goes_along(installed, tag):
    assert (installed(tag) / "ours.py").read_text() == "x = 1\n"


def test_a_wheel_that_is_another_than_was_locked_stops_the_packaging(installed):
    with pytest.raises(CannotPackage, match="DO NOT MATCH THE HASHES"):
        installed("py3-none-any", tampered=True)
    assert list(code_zip.CACHE.iterdir()) == []


@pytest.mark.parametrize(
    "tag", ["cp313-cp313-win_arm64", "cp313-cp313-manylinux2014_x86_64", "cp312-cp312-manylinux2014_aarch64"]
)
def test_a_dependency_without_a_wheel_for_lambda_stops_the_packaging(installed, tag):
    """Chalice only warns of it, and deploys a function that does not start."""
    with pytest.raises(CannotPackage, match=r"python3.13 on arm64 are not to be had: .*ours==1.0"):
        installed(tag)
    assert list(code_zip.CACHE.iterdir()) == []
