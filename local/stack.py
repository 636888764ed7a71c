"""The local stack: the programs it consists of, the order in which they start, and how they stop."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from local import debugging
from local.chalice_stage import PROJECT
from local.emulator import Emulator, answers, is_healthy
from local.postgres import Postgres
from local.processes import (
    LOOPBACK,
    Child,
    Registry,
    StackError,
    free_port,
    port_is_free,
    say,
    terminate,
    wait_until,
    write_private,
)
from local.resources import DEMO_USER, Resources

HOME = PROJECT / ".local"

_SUPERVISOR = "supervisor"
# The other command may still be starting the stack.
_ATTACH_SECONDS = 90


class Stack:
    """PostgreSQL, the AWS emulator, the bridge and the API. They run while the context is open.

    Args:
        home: the folder for all files of the stack; stacks with different homes can run at the same time.
        port: the port of the API; None takes any free port.
        attach: use the stack that already runs from this home, if one does, and leave it running.
        debug_port: give the terminal to the API and let debuggers attach: to the API on this port, and to the bridge
            on the next one.
    """

    def __init__(
        self, home: Path = HOME, *, port: int | None = None, attach: bool = False, debug_port: int | None = None
    ) -> None:
        self.home = home.resolve()
        self.attached = False
        self.environment: dict[str, str] = {}
        self._port = port
        self._debug_port = debug_port
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
            raise StackError(f"The stack already runs from {self.home}; `make stop` stops it")
        return self

    def _enter(self) -> bool:
        """Start the stack or attach to it; return False while another process owns it and it does not answer."""
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
    def attach_to_running(cls, home: Path = HOME) -> Stack:
        """Attach to the stack that runs from this home, and return it.

        Raises:
            StackError: none does.
        """
        stack = cls(home)
        supervisor = Registry.load(stack._registry_path).processes.get(_SUPERVISOR)
        if supervisor is None or supervisor.process() is None or not stack._read_environment():
            raise StackError("The stack is not running; start it with `make run`")
        stack.attached = True
        return stack

    @property
    def api_url(self) -> str:
        """The URL of the API."""
        return self.environment["API_URL"]

    @property
    def api_is_running(self) -> bool:
        """True while the API that this process started runs."""
        return self._api is not None and self._api.is_running

    @property
    def resources(self) -> Resources:
        """The bucket, the user pool and its users."""
        return Resources(self.environment["AWS_EMULATOR_URL"])

    def token(self, email: str = DEMO_USER) -> str:
        """Return a new ID token for an address, after creating its account if it has none."""
        return self.resources.token(email)

    def logs(self) -> list[Path]:
        """Return the logs of the API and the bridge."""
        return [self._log("api"), self._log("bridge")]

    def start_application(self, *, everything: bool) -> None:
        """Start the API and, when the API answers, the bridge.

        Args:
            everything: whether the bridge first delivers an event for every object in the bucket.

        Raises:
            StackError: the API does not answer. The message has the end of its log.
        """
        api_port, emulator_url = self.api_url.rpartition(":")[2], self.environment["AWS_EMULATOR_URL"]
        bridge_debug_port = None if self._debug_port is None else self._debug_port + 1
        self._api = self._api or self._program("api", api_port, debug_port=self._debug_port)
        self._bridge = self._bridge or self._program("bridge", emulator_url, debug_port=bridge_debug_port)
        self._registry.add("api", self._api.start())
        self._api.wait_ready(lambda: answers(f"{self.api_url}/health"), seconds=30)
        self._registry.add("bridge", self._bridge.start(*(["--all"] if everything else [])))

    def stop_application(self) -> None:
        """Stop the bridge and the API."""
        for child in (self._bridge, self._api):
            if child is not None:
                child.stop()
                self._registry.remove(child.name)

    def check(self) -> None:
        """Check that the programs that the application needs still run.

        Raises:
            StackError: one of them has ended.
        """
        if self._postgres is not None and not self._postgres.is_running:
            raise StackError(f"PostgreSQL has ended; see its log {self._postgres.log}")
        if self._emulator is not None and not self._emulator.child.is_running:
            raise StackError(f"The AWS emulator has ended; see its log {self._emulator.child.log}")

    def _start(self) -> None:
        self._environment_path.unlink(missing_ok=True)
        Registry.load(self._registry_path).terminate_all()
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
        self._create_environment(ports["api"])
        say("Starting the API")
        self.start_application(everything=True)

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

    def _choose_ports(self) -> dict[str, int]:
        """Return the ports of the last run if they are still free, so that clients' settings stay valid."""
        try:
            last = json.loads(self._ports_path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            last = {}
        ports = {name: _port(last.get(name)) for name in ("postgres", "emulator")}
        ports["api"] = _port(last.get("api")) if self._port is None else self._port
        if not port_is_free(ports["api"]):
            raise StackError(f"Another program uses port {ports['api']}; choose another one: make run PORT=8001")
        if self._debug_port is not None and not port_is_free(self._debug_port):
            raise StackError(f"Another program uses port {self._debug_port}; choose another one: make run DEBUG=5700")
        write_private(self._ports_path, json.dumps(ports))
        return ports

    def _create_environment(self, api_port: int) -> None:
        """Create the AWS resources, and write the settings by which the application finds everything."""
        assert self._postgres  # noqa: S101 (started before)
        assert self._emulator  # noqa: S101 (started before)
        resources = Resources(self._emulator.url)
        resources.make_bucket()
        resources.ensure_user(DEMO_USER)
        self.environment = {
            "API_URL": f"http://{LOOPBACK}:{api_port}",
            "DATABASE_URL": self._postgres.url,
            **resources.environment,
        }
        write_private(self._environment_path, json.dumps(self.environment, indent=2) + "\n")

    def _program(self, name: str, *arguments: str, debug_port: int | None) -> Child:
        command = [sys.executable, "-m", f"local.{name}", *arguments]
        # A variable of the same name in the developer's shell has another purpose.
        inherited = {key: value for key, value in os.environ.items() if key not in self.environment}
        environment = inherited | {"ENVIRONMENT_FILE": str(self._environment_path), "PYTHONUNBUFFERED": "1"}
        if debug_port is None:
            return Child(name, command, self._log(name), PROJECT, environment)
        environment |= debugging.variables(debug_port)
        return Child(name, command, self._log(name), PROJECT, environment, terminal=name == "api")

    def _acquire_lock(self) -> bool:
        """Become the only supervisor of this home; the system releases the lock however this process ends."""
        lock = (self.home / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _read_environment(self) -> bool:
        """Read the settings of a running stack; return False when it does not answer."""
        try:
            environment = json.loads(self._environment_path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return False
        self.environment = environment
        return is_healthy(environment["AWS_EMULATOR_URL"]) and answers(f"{environment['API_URL']}/health")

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


def _port(preferred: int | None) -> int:
    return preferred if preferred and port_is_free(preferred) else free_port()


def _migrate(url: str) -> None:
    from chalicelib.repositories.database import connect_to_url  # noqa: PLC0415 (the driver, which only a start needs)
    from migrations.runner import ChangedMigration, migrate  # noqa: PLC0415 (likewise)

    connection = connect_to_url(url)
    try:
        migrate(connection, dsql=False)
    except ChangedMigration as error:
        raise StackError(
            f"A migration was edited after it was applied here ({error}); `make clean` deletes the database"
        ) from error
    finally:
        connection.close()


def stop(home: Path = HOME) -> None:
    """Stop every process of this home: a supervisor in an orderly way, then what a killed one left behind."""
    registry = Registry.load(home / "processes.json")
    supervisor = registry.processes.pop(_SUPERVISOR, None)
    process = supervisor.process() if supervisor else None
    if process is not None:
        say("Stopping the running stack")
        terminate(process, seconds=30)
    Registry.load(home / "processes.json").terminate_all()
    (home / "stack.json").unlink(missing_ok=True)
    if (home / "postgres").exists():
        Postgres(home / "postgres", port=0).stop()


def discard(home: Path = HOME) -> None:
    """Stop every process of this home and delete its database, including one in a folder outside."""
    stop(home)
    if (home / "postgres").exists():
        Postgres(home / "postgres", port=0).discard()
