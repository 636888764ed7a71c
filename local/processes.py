"""Start, watch and stop the programs of the local stack."""

from __future__ import annotations

import fcntl
import functools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psutil

LOOPBACK = "127.0.0.1"

# Process ids are reused, so a process is identified by its id and its creation time. The system derives that time
# from the boot time, which can shift by a second when the clock is set.
_CREATION_TOLERANCE_S = 2.0

# Linux gives outgoing connections ports from 32768, macOS from 49152.
_PORTS = range(20_000, 32_000)
_reserved_ports: set[int] = set()


class StackError(Exception):
    """The local stack cannot do what the command asks for. The message is for the user at the terminal."""


def say(message: str) -> None:
    """Print progress to standard error; standard output is for results."""
    print(message, file=sys.stderr, flush=True)


def port_is_free(port: int) -> bool:
    """Return whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        # As the servers do: a port that has only connections in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Reserve a free loopback port for as long as this process runs.

    The reservation is a lock on one byte of a file, so that two processes of this project, such as parallel test
    workers, never choose the same port. The range lies below the ports that the system gives to outgoing connections;
    one of those could take a port between this check and its use.
    """
    for port in random.sample(_PORTS, len(_PORTS)):
        if port not in _reserved_ports and _reserve(port):
            _reserved_ports.add(port)
            if port_is_free(port):
                return port
    raise StackError(f"No port between {_PORTS.start} and {_PORTS.stop} is free")


def _reserve(port: int) -> bool:
    try:
        fcntl.lockf(_port_locks(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@functools.cache
def _port_locks() -> int:
    """Open the file of port locks. It stays open: closing it would release the locks."""
    path = Path(tempfile.gettempdir()) / f"love-q-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def write_private(path: Path, text: str) -> None:
    """Replace a file atomically with one that only its owner can read."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)


def last_lines(path: Path, count: int = 20) -> str:
    """Return the last lines of a log, indented for an error message."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(f"    {line}" for line in lines[-count:])


def wait_until(condition: Callable[[], bool], seconds: float, interval: float = 0.02) -> bool:
    """Poll a condition; return False if it still does not hold after this many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True


def terminate(process: psutil.Process, seconds: float = 10.0, signal_number: int = signal.SIGTERM) -> None:
    """Stop a process by a signal, and kill it when it still runs after this many seconds."""
    try:
        process.send_signal(signal_number)
        process.wait(seconds)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(seconds)
    except psutil.NoSuchProcess:
        return


@dataclass(frozen=True)
class ProcessId:
    """Identifies one process among all, including earlier and later ones with the same process id."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> ProcessId:
        """Return the identity of a running process."""
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """Return the process if it still runs."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < _CREATION_TOLERANCE_S
        except psutil.NoSuchProcess:
            return None
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None


@dataclass
class Registry:
    """The running processes of one home, kept in a file so that a start after a crash can stop what is left."""

    path: Path
    processes: dict[str, ProcessId] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Registry:
        """Read what the last run recorded; without a readable file, return an empty registry."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            processes = {name: ProcessId(int(pid), float(created)) for name, (pid, created) in document.items()}
        except (FileNotFoundError, ValueError, AttributeError, TypeError):
            processes = {}
        return cls(path, processes)

    def add(self, name: str, pid: int) -> None:
        """Record a running process."""
        self.processes[name] = ProcessId.of(pid)
        self._save()

    def remove(self, name: str) -> None:
        """Remove a process that has ended."""
        self.processes.pop(name, None)
        self._save()

    def terminate_all(self) -> None:
        """Stop every recorded process that still runs, the last one first."""
        for name, process_id in reversed(list(self.processes.items())):
            process = process_id.process()
            if process is not None and process_id.pid != os.getpid():
                say(f"Stopping {name} (process {process_id.pid}), left over from an earlier run")
                terminate(process)
        self.processes.clear()
        self.path.unlink(missing_ok=True)

    def _save(self) -> None:
        document = {name: [process.pid, process.created] for name, process in self.processes.items()}
        write_private(self.path, json.dumps(document))


@dataclass
class Child:
    """A program of the stack that writes its output to a log and ends when its parent does.

    Programs call `end_with_parent`, which watches the pipe that is their standard input. Each has its own session, so
    that Ctrl-C reaches only the supervisor, which decides in which order to stop them.

    With `terminal`, the program has the terminal instead: it reads and writes there, and Ctrl-C reaches it too.
    """

    name: str
    command: Sequence[str]
    log: Path
    cwd: Path
    environment: Mapping[str, str]
    terminal: bool = False
    _process: subprocess.Popen[bytes] | None = None
    _log_mode: Literal["wb", "ab"] = "wb"

    def start(self, *options: str) -> int:
        """Start the program, with further options for this start only, and return its process id."""
        command = [*self.command, *options]
        if self.terminal:
            self._process = subprocess.Popen(command, cwd=self.cwd, env=dict(self.environment))
            return self._process.pid
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open(self._log_mode) as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.cwd,
                env=dict(self.environment),
                start_new_session=True,
            )
        # A restart appends, for those who follow the log.
        self._log_mode = "ab"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """True while the program runs."""
        return self._process is not None and self._process.poll() is None

    def wait_ready(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Wait until the program serves.

        Raises:
            StackError: it ended, or it does not serve in time. The message has the end of its log.
        """
        if not wait_until(lambda: not self.is_running or is_ready(), seconds) or not self.is_running:
            raise StackError(f"{self.name} did not start. The end of {self.log}:\n{last_lines(self.log)}")

    def stop(self, seconds: float = 10.0) -> None:
        """Stop the program and wait until it has ended; kill it after this many seconds."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        finally:
            if process.stdin:
                process.stdin.close()
