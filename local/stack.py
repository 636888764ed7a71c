"""The local stack as a whole: what starts, in which order, and how it ends."""

import fcntl
import json
import os
import sys
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from local.chalice_stage import PROJECT
from local.emulator import Emulator, is_healthy
from local.postgres import Postgres
from local.processes import (
    LOOPBACK,
    Child,
    Registry,
    StackError,
    end,
    free_port,
    port_is_free,
    say,
    wait_until,
    write_private,
)
from local.resources import DEMO_USER, Resources

HOME = PROJECT / ".local"

_SUPERVISOR = "supervisor"
# A second command may find the first one still starting.
_ATTACH_SECONDS = 90


class Stack:
    """PostgreSQL, the AWS emulator, the bridge and the API, up from entering the context to leaving it.

    Args:
        home: the folder for everything the stack keeps; stacks with different homes can run side by side.
        port: where the API listens; None takes any free port.
        attach: use the stack that already runs from this home, if one does, and leave it running.
    """

    def __init__(self, home: Path = HOME, *, port: int | None = None, attach: bool = False) -> None:
        self.home = home.resolve()
        self.attached = False
        self.environment: dict[str, str] = {}
        self._port = port
        self._may_attach = attach
        self._lock: IO[bytes] | None = None
        self._registry = Registry(self._registry_path)
        self._postgres: Postgres | None = None
        self._emulator: Emulator | None = None
        self._api: Child | None = None
        self._bridge: Child | None = None

    def __enter__(self) -> Self:
        self.home.mkdir(parents=True, exist_ok=True)
        if not wait_until(self._enter, seconds=_ATTACH_SECONDS if self._may_attach else 1, interval=0.25):
            raise StackError(f"The stack already runs from {self.home}; `make stop` ends it")
        return self

    def _enter(self) -> bool:
        """Start the stack or attach to it; False while another process has it and it cannot be attached to."""
        if not self._acquire_lock():
            self.attached = self._may_attach and self._read_environment()
            return self.attached
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.attached:
            self._stop()

    @classmethod
    def running(cls, home: Path = HOME) -> "Stack":
        """The stack that runs from this home.

        Raises:
            StackError: none does.
        """
        stack = cls(home)
        supervisor = Registry.load(stack._registry_path).births.get(_SUPERVISOR)
        if supervisor is None or supervisor.process() is None or not stack._read_environment():
            raise StackError("The stack is not running; start it with `make run`")
        stack.attached = True
        return stack

    # What is in it

    @property
    def api_url(self) -> str:
        """Where the API answers."""
        return self.environment["API_URL"]

    @property
    def resources(self) -> Resources:
        """The bucket, the user pool and its users."""
        return Resources(self.environment["AWS_EMULATOR_URL"])

    def token(self, email: str = DEMO_USER) -> str:
        """A fresh ID token for an address, whose account is made when missing."""
        return self.resources.token(email)

    def logs(self) -> list[Path]:
        """The logs of the application's own programs."""
        return [self._log("api"), self._log("bridge")]

    # Starting

    def _start(self) -> None:
        self._environment_path.unlink(missing_ok=True)
        Registry.load(self._registry_path).end_all()
        self._registry.add(_SUPERVISOR, os.getpid())
        ports = self._choose_ports()
        self._emulator = Emulator(self.home / "emulator", ports["emulator"])
        self._postgres = Postgres(self.home / "postgres", ports["postgres"], log=self._log("postgres"))
        say("Starting the AWS emulator and PostgreSQL")
        self._registry.add("emulator", self._emulator.start())
        self._postgres.start()
        say("Applying migrations")
        _migrate(self._postgres.url)
        self._emulator.wait_ready()
        self._make_environment(ports["api"])
        say("Starting the API")
        self.start_application(everything=True)

    def _choose_ports(self) -> dict[str, int]:
        """The ports of the last run where they are still free, so that clients' settings stay true."""
        try:
            last = json.loads(self._ports_path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            last = {}
        ports = {name: _port(last.get(name)) for name in ("postgres", "emulator")}
        ports["api"] = _port(last.get("api")) if self._port is None else self._port
        if not port_is_free(ports["api"]):
            raise StackError(f"Port {ports['api']} is taken by another program; choose one: make run PORT=8001")
        write_private(self._ports_path, json.dumps(ports))
        return ports

    def _make_environment(self, api_port: int) -> None:
        """Write down what the application must know to find everything, where its settings look for it."""
        assert self._postgres  # noqa: S101 - started before
        assert self._emulator  # noqa: S101
        resources = Resources(self._emulator.url)
        resources.make_bucket()
        resources.ensure_user(DEMO_USER)
        self.environment = {
            "API_URL": f"http://{LOOPBACK}:{api_port}",
            "DATABASE_URL": self._postgres.url,
            **resources.environment,
        }
        write_private(self._environment_path, json.dumps(self.environment, indent=2) + "\n")

    def start_application(self, *, everything: bool) -> None:
        """Start the API, and once it answers the bridge.

        Args:
            everything: whether the bridge first hands over all that lies in the bucket.

        Raises:
            StackError: the API does not answer; the message has the end of its log.
        """
        self._api = self._api or self._program("api", self.api_url.rpartition(":")[2])
        self._bridge = self._bridge or self._program("bridge", self.environment["AWS_EMULATOR_URL"])
        self._registry.add("api", self._api.start())
        self._api.wait_ready(lambda: _answers(f"{self.api_url}/health"), seconds=30)
        self._registry.add("bridge", self._bridge.start(*(["--all"] if everything else [])))

    def stop_application(self) -> None:
        """End the bridge and the API."""
        for child in (self._bridge, self._api):
            if child is not None:
                child.stop()
                self._registry.remove(child.name)

    def check(self) -> None:
        """See that what the application stands on is still there.

        Raises:
            StackError: it is not.
        """
        if self._postgres is not None and not self._postgres.is_running:
            raise StackError(f"PostgreSQL has ended; its log is {self._postgres.log}")
        if self._emulator is not None and not self._emulator.child.is_running:
            raise StackError(f"The AWS emulator has ended; its log is {self._emulator.child.log}")

    # Ending

    def _stop(self) -> None:
        self._environment_path.unlink(missing_ok=True)
        self.stop_application()
        if self._emulator is not None:
            self._emulator.stop()
        if self._postgres is not None:
            self._postgres.stop()
        self._registry_path.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # Helpers

    def _program(self, name: str, *arguments: str) -> Child:
        command = [sys.executable, "-m", f"local.{name}", *arguments]
        # Whatever of this the developer's shell sets is meant for something else.
        inherited = {key: value for key, value in os.environ.items() if key not in self.environment}
        environment = inherited | {"ENVIRONMENT_FILE": str(self._environment_path), "PYTHONUNBUFFERED": "1"}
        return Child(name, command, self._log(name), PROJECT, environment)

    def _acquire_lock(self) -> bool:
        """Become the one supervisor of this home; the system gives the lock back however this process ends."""
        lock = (self.home / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _read_environment(self) -> bool:
        """Take over the settings of a running stack; False when it does not answer."""
        try:
            found = json.loads(self._environment_path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return False
        self.environment = found
        return is_healthy(found["AWS_EMULATOR_URL"]) and _answers(f"{found['API_URL']}/health")

    def _log(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"

    @property
    def _environment_path(self) -> Path:
        return self.home / "stack.json"

    @property
    def _registry_path(self) -> Path:
        return self.home / "processes.json"

    @property
    def _ports_path(self) -> Path:
        return self.home / "ports.json"


def _port(wanted: int | None) -> int:
    return wanted if wanted and port_is_free(wanted) else free_port()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except OSError:
        return False


def _migrate(url: str) -> None:
    # Only a start needs the database driver.
    from chalicelib.repositories.database import connect_to_url  # noqa: PLC0415
    from migrations.runner import ChangedMigration, migrate  # noqa: PLC0415

    connection = connect_to_url(url)
    try:
        migrate(connection, dsql=False)
    except ChangedMigration as exc:
        raise StackError(
            f"A migration was edited after it was applied here ({exc}); `make clean` starts with an empty database"
        ) from exc
    finally:
        connection.close()


def stop(home: Path = HOME) -> None:
    """End whatever still runs of this home: a supervisor in order, and what a killed one left behind."""
    registry = Registry.load(home / "processes.json")
    supervisor = registry.births.pop(_SUPERVISOR, None)
    process = supervisor.process() if supervisor else None
    if process is not None:
        say("Ending the running stack")
        end(process, seconds=30)
    Registry.load(home / "processes.json").end_all()
    (home / "stack.json").unlink(missing_ok=True)
    if (home / "postgres").exists():
        Postgres(home / "postgres", port=0).stop()


def discard(home: Path = HOME) -> None:
    """End whatever runs of this home and delete the data, also where it had to lie outside."""
    stop(home)
    if (home / "postgres").exists():
        Postgres(home / "postgres", port=0).discard()
