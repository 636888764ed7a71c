"""Build the zip that Lambda runs: the application and its dependencies. The same sources give the same bytes."""

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

# The dependencies with the hashes of their wheels, written by `make lock`. Chalice is not among them: only two of its
# files are deployed (`_application_files`).
LOCK = INFRASTRUCTURE / "lambda.lock"
# Unpacked wheels, one folder for each lock, runtime and architecture.
CACHE = PROJECT / ".local" / "packages"

MEGABYTE = 1_000_000
# `chalice deploy` and the Lambda console accept at most 50 MB in one request; Lambda accepts 250 MB unpacked.
MAX_ZIPPED = 50 * MEGABYTE
MAX_UNZIPPED = 250 * MEGABYTE

# Wheel platform names by Lambda architecture.
_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}

# The earliest time that a zip can store.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644 << 16


class CannotPackage(Exception):
    """The package cannot be built; the message gives the reason."""


@dataclass(frozen=True)
class CodeZip:
    """A zip that was built: its path, the hash of its sources, and its sizes in bytes.

    The hash covers the names and contents of the sources, so that another version of the compressor gives the same
    hash.
    """

    path: Path
    sha256: str
    zipped: int
    unzipped: int


def build(path: Path, runtime: str, architecture: str) -> CodeZip:
    """Build the zip for a Lambda runtime and architecture.

    Raises:
        CannotPackage: a dependency has no wheel for it, or the zip is too large.
    """
    dependencies = install_dependencies(runtime, architecture)
    files = dict(_application_files()) | dict(_dependency_files(dependencies))
    sources = {name: file.read_bytes() for name, file in files.items()}
    contents = sources | dict(_compile(files))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _FILE_MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, contents[name])
    return _check_size(CodeZip(path, _hash(sources), path.stat().st_size, sum(map(len, contents.values()))))


def _compile(files: dict[str, Path]) -> Iterator[tuple[str, bytes]]:
    """Compile the sources, because a Lambda cannot store bytecode and would compile on every cold start.

    The Python that packages is the Python that Lambda runs (`preflight.RUNTIME`). Python loads the bytecode without
    comparing it with the source.
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
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(f"{name}\0{hashlib.sha256(contents[name]).hexdigest()}\n".encode())
    return digest.hexdigest()


def _check_size(code: CodeZip) -> CodeZip:
    if code.zipped > MAX_ZIPPED or code.unzipped > MAX_UNZIPPED:
        sizes = f"{code.zipped / MEGABYTE:.1f} MB, unpacked {code.unzipped / MEGABYTE:.1f} MB"
        raise CannotPackage(f"The package is too large for Lambda: {sizes}")
    return code


def _application_files() -> Iterator[tuple[str, Path]]:
    for module, name in ((chalice, "chalice/__init__.py"), (chalice.app, "chalice/app.py")):
        yield name, Path(inspect.getsourcefile(module) or "")
    yield "app.py", PROJECT / "app.py"
    for path in (PROJECT / "chalicelib").rglob("*"):
        relative = path.relative_to(PROJECT)
        if path.is_file() and not _is_leftover(relative):
            yield str(relative), path


def _is_leftover(name: Path) -> bool:
    """Return whether an interpreter, an editor or an operating system left this file behind."""
    return "__pycache__" in name.parts or name.name.startswith(".") or name.name.endswith(("~", ".pyc", ".orig"))


def _dependency_files(dependencies: Path) -> Iterator[tuple[str, Path]]:
    rules = yaml_files.read(INFRASTRUCTURE / "code_zip.yaml")
    for path in dependencies.rglob("*"):
        relative = path.relative_to(dependencies)
        if path.is_file() and not _is_excluded(relative, rules):
            yield str(relative), path


def _is_excluded(name: Path, rules: yaml_files.YamlMapping) -> bool:
    parts = name.parts
    if "__pycache__" in parts or any(name.is_relative_to(folder) for folder in rules["excluded_folders"]):
        return True
    if parts[0].endswith(".dist-info") and name.name in rules["excluded_metadata"]:
        return True
    # botocore/data/<service>/<version>/…
    is_service_model = parts[:2] == ("botocore", "data") and len(parts) > 3  # noqa: PLR2004 (the path's depth)
    return is_service_model and parts[2] not in rules["aws_services"]


# Dependencies


def install_dependencies(runtime: str, architecture: str) -> Path:
    """Unpack the dependencies into a folder of the cache, unless they are there already.

    Raises:
        CannotPackage: a dependency has no wheel for this runtime and architecture, or its hash is not the locked one.
    """
    folder = CACHE / _cache_key(runtime, architecture)
    if not folder.exists():
        unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        _install(unfinished, runtime, architecture)
        _publish(unfinished, folder)
    return folder


def _publish(unfinished: Path, folder: Path) -> None:
    try:
        unfinished.rename(folder)
    except OSError:
        # Another process has installed the same lock in the meantime.
        if not folder.exists():
            raise
        shutil.rmtree(unfinished)


def _cache_key(runtime: str, architecture: str) -> str:
    return f"{runtime}-{architecture}-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"


def _install(folder: Path, runtime: str, architecture: str) -> None:
    """Unpack the locked wheels with pip, which refuses a wheel whose hash is not in the lock."""
    wheels = ["--only-binary=:all:", "--implementation=cp", f"--python-version={runtime.removeprefix('python')}"]
    # Two names for the same C library version, which is older than that of every Lambda runtime.
    wheels += [f"--platform={name}_{_MACHINES[architecture]}" for name in ("manylinux2014", "manylinux_2_17")]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += [*wheels, "--no-deps", "--require-hashes", f"--requirement={LOCK}", "--no-compile", f"--target={folder}"]
    completed = subprocess.run(command, check=False, capture_output=True, text=True)
    if completed.returncode:
        shutil.rmtree(folder)
        reason = (completed.stderr.partition("ERROR: ")[2] or completed.stderr).strip()
        raise CannotPackage(f"The dependencies for {runtime} on {architecture} cannot be installed: {reason}")
