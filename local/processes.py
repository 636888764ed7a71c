"""Starting, watching and ending the programs of the local stack."""

import fcntl
import functools
import json
import os
import random
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psutil

LOOPBACK = "127.0.0.1"

# A process is known by its id and its birth, since ids are used again. The birth is reckoned from the boot time,
# which the kernel may shift by a second when it sets the clock.
_BIRTH_TOLERANCE = 2.0

# Linux gives outgoing connections ports from 32768, macOS from 49152.
_PORTS = range(20_000, 32_000)
_reserved_ports: set[int] = set()


class StackError(Exception):
    """The local stack cannot do what was asked; the message is for the person at the terminal."""


def say(message: str) -> None:
    """Tell the person at the terminal how far the work is; standard output stays for results."""
    print(message, file=sys.stderr, flush=True)


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        # As the servers do it: a port whose last connections are only fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Reserve a free loopback port for as long as this process runs.

    The reservation is a lock on one byte of a file, so that two processes of this project, such as parallel test
    workers, never choose the same port. The range lies below the ports that the system gives to outgoing connections,
    which could take a port between this check and its use.
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
    except BlockingIOError:
        return False
    return True


@functools.cache
def _port_locks() -> int:
    """Open the file of port locks. Closing it would release them all, so it stays open."""
    path = Path(tempfile.gettempdir()) / f"love-q-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner alone."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def last_lines(path: Path, count: int = 20) -> str:
    """The end of a log, for showing why something did not start."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(f"    {line}" for line in lines[-count:])


def wait_until(ready: Callable[[], bool], seconds: float, interval: float = 0.02) -> bool:
    """Ask until the answer is yes or the time is over."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True


def end(process: psutil.Process, seconds: float = 10.0, signal_number: int = signal.SIGTERM) -> None:
    """End a process politely, and by force when it has not gone within the time."""
    try:
        process.send_signal(signal_number)
        process.wait(seconds)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(seconds)
    except psutil.NoSuchProcess:
        return


def die_with_parent() -> None:
    """End this process when the one that started it is gone, however that one ended.

    The parent holds the other end of standard input, which the system closes with it; a SIGTERM to ourselves then
    goes the same way as an orderly stop. Started by hand, without such a pipe, this does nothing.
    """
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=_await_end_of_input, daemon=True, name="die-with-parent").start()


def _await_end_of_input() -> None:
    # os.read, since a daemon thread inside sys.stdin would hold its lock when the interpreter closes.
    while os.read(0, 1024):
        pass
    # To the main thread, so that what it waits for is interrupted.
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


@dataclass(frozen=True)
class Birth:
    """What tells one process from every other, earlier or later."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "Birth":
        """The birth of a process that runs now."""
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The process, if it still is the same one."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < _BIRTH_TOLERANCE
        except psutil.NoSuchProcess:
            return None
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None


@dataclass
class Registry:
    """The processes of one home, on disk, so that a start after a crash can end what was left."""

    path: Path
    births: dict[str, Birth] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "Registry":
        """What the last run wrote down; nothing if there is no readable file."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            births = {name: Birth(int(pid), float(created)) for name, (pid, created) in found.items()}
        except (FileNotFoundError, ValueError, AttributeError, TypeError):
            births = {}
        return cls(path, births)

    def add(self, name: str, pid: int) -> None:
        """Write a process down."""
        self.births[name] = Birth.of(pid)
        self._save()

    def remove(self, name: str) -> None:
        """Strike a process out that has ended."""
        self.births.pop(name, None)
        self._save()

    def end_all(self) -> None:
        """End every process written down that still is the one that was meant."""
        for name, birth in reversed(list(self.births.items())):
            process = birth.process()
            if process is not None and birth.pid != os.getpid():
                say(f"Ending {name} (process {birth.pid}), left from an earlier run")
                end(process)
        self.births.clear()
        self.path.unlink(missing_ok=True)

    def _save(self) -> None:
        write_private(self.path, json.dumps({name: [b.pid, b.created] for name, b in self.births.items()}))


@dataclass
class Child:
    """A program of the stack: its output goes to a log, and it ends when its parent does.

    Programs that call `die_with_parent` notice by the pipe that is their standard input. Each has a session of its
    own, so that ctrl-C reaches the supervisor alone and the order of ending is its decision.
    """

    name: str
    command: Sequence[str]
    log: Path
    cwd: Path
    environment: Mapping[str, str]
    _process: subprocess.Popen[bytes] | None = None
    _log_mode: Literal["wb", "ab"] = "wb"

    def start(self, *options: str) -> int:
        """Start it, with further options for this once, and say under which process id it runs."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open(self._log_mode) as log:
            self._process = subprocess.Popen(
                [*self.command, *options],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.cwd,
                env=dict(self.environment),
                start_new_session=True,
            )
        # Started again, it goes on where its log ends, for who reads along.
        self._log_mode = "ab"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def wait_ready(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until it serves.

        Raises:
            StackError: it ended or the time is over; the message has the end of its log.
        """
        if not wait_until(lambda: not self.is_running or ready(), seconds) or not self.is_running:
            raise StackError(f"{self.name} did not start. The end of {self.log}:\n{last_lines(self.log)}")

    def stop(self, seconds: float = 10.0) -> None:
        """End it and wait for that."""
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
