"""The code that Lambda runs, as one zip: the application and its dependencies, the same bytes whenever it is made."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import os
import py_compile
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import chalice
import chalice.app

from infrastructure import yaml_files
from infrastructure.yaml_files import INFRASTRUCTURE, PROJECT

# What goes along, with the hashes of its wheels; `make lock` writes it. Of chalice only two files do (`_application`).
LOCK = INFRASTRUCTURE / "lambda.lock"
# Unpacked wheels, by what they were made of.
CACHE = PROJECT / ".local" / "packages"

MEGABYTE = 1_000_000
# `chalice deploy` and the Lambda console take no more in one request; unpacked Lambda takes 250 MB.
MAX_ZIPPED = 50 * MEGABYTE
MAX_UNZIPPED = 250 * MEGABYTE

# What wheels call Lambda's architectures.
_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}

# A zip knows no time before.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644 << 16


class CannotPackage(Exception):
    """The package cannot be made; the message says why."""


@dataclass(frozen=True)
class CodeZip:
    """A zip that was made: where it lies, a hash of what is in it, and its sizes in bytes.

    The hash is of the sources' names and contents, so that another version of the compressor does not make it another
    package.
    """

    path: Path
    sha256: str
    zipped: int
    unzipped: int


def build(path: Path, runtime: str, architecture: str) -> CodeZip:
    """Make the zip for a Lambda runtime and architecture.

    Raises:
        CannotPackage: a dependency has no wheel for it, or the zip is too large.
    """
    dependencies = install_dependencies(runtime, architecture)
    files = dict(_application_files()) | dict(_dependency_files(dependencies))
    contents = {name: file.read_bytes() for name, file in files.items()}
    whole = contents | dict(_compile(files))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(whole):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _FILE_MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, whole[name])
    return _check_size(CodeZip(path, _hash(contents), path.stat().st_size, sum(map(len, whole.values()))))


def _compile(files: dict[str, Path]) -> Iterator[tuple[str, bytes]]:
    """What Python makes of the sources, so that no start of a Lambda has to: it has nowhere to keep that.

    The Python that packages is the one that runs it (`application.load`). Nothing looks whether the source is newer.
    """
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder) / "compiled"
        for name, file in files.items():
            if file.suffix == ".py":
                py_compile.compile(
                    str(file),
                    str(compiled),
                    dfile=name,
                    doraise=True,
                    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
                )
                yield importlib.util.cache_from_source(name), compiled.read_bytes()


def _hash(contents: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name in sorted(contents):
        whole.update(f"{name}\0{hashlib.sha256(contents[name]).hexdigest()}\n".encode())
    return whole.hexdigest()


def _check_size(code: CodeZip) -> CodeZip:
    if code.zipped > MAX_ZIPPED or code.unzipped > MAX_UNZIPPED:
        sizes = f"{code.zipped / MEGABYTE:.1f} MB, unpacked {code.unzipped / MEGABYTE:.1f} MB"
        raise CannotPackage(f"The package is too large for Lambda: {sizes}")
    return code


def _application_files() -> Iterator[tuple[str, Path]]:
    for module, place in ((chalice, "chalice/__init__.py"), (chalice.app, "chalice/app.py")):
        yield place, Path(inspect.getsourcefile(module) or "")
    yield "app.py", PROJECT / "app.py"
    for path in (PROJECT / "chalicelib").rglob("*"):
        name = path.relative_to(PROJECT)
        if path.is_file() and not _is_leftover(name):
            yield str(name), path


def _is_leftover(name: Path) -> bool:
    """Whether a file is an interpreter's, an editor's or a system's, and nobody's source."""
    return "__pycache__" in name.parts or name.name.startswith(".") or name.name.endswith(("~", ".pyc", ".orig"))


def _dependency_files(dependencies: Path) -> Iterator[tuple[str, Path]]:
    written = yaml_files.read(INFRASTRUCTURE / "code_zip.yaml")
    for path in dependencies.rglob("*"):
        name = path.relative_to(dependencies)
        if path.is_file() and not _is_excluded(name, written):
            yield str(name), path


def _is_excluded(name: Path, written: yaml_files.YamlMapping) -> bool:
    parts = name.parts
    if "__pycache__" in parts or any(name.is_relative_to(folder) for folder in written["left_out"]):
        return True
    if parts[0].endswith(".dist-info") and name.name in written["notes"]:
        return True
    is_model = parts[:2] == ("botocore", "data") and len(parts) > 3  # noqa: PLR2004 (botocore/data/service/version)
    return is_model and parts[2] not in written["aws_services"]


# Dependencies


def install_dependencies(runtime: str, architecture: str) -> Path:
    """The dependencies, unpacked in a folder that is kept for the next time.

    Raises:
        CannotPackage: one of them has no wheel for this runtime and architecture, or not the one that was locked.
    """
    place = CACHE / _key(runtime, architecture)
    if not place.exists():
        making = place.with_name(f"{place.name}.{os.getpid()}")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        _install(making, runtime, architecture)
        try:
            making.rename(place)
        except OSError:
            # Another process may have unpacked the same wheels in the meantime.
            if not place.exists():
                raise
            shutil.rmtree(making)
    return place


def _key(runtime: str, architecture: str) -> str:
    return f"{runtime}-{architecture}-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"


def _install(place: Path, runtime: str, architecture: str) -> None:
    """Have pip unpack what the lock names, and nothing whose hash it does not."""
    wheels = ["--only-binary=:all:", "--implementation=cp", f"--python-version={runtime.removeprefix('python')}"]
    # Two names of one C library, older than every Lambda's.
    wheels += [f"--platform={name}_{_MACHINES[architecture]}" for name in ("manylinux2014", "manylinux_2_17")]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += [*wheels, "--no-deps", "--require-hashes", f"--requirement={LOCK}", "--no-compile", f"--target={place}"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(place)
        why = (done.stderr.partition("ERROR: ")[2] or done.stderr).strip()
        raise CannotPackage(f"Its dependencies for {runtime} on {architecture} are not to be had: {why}")
