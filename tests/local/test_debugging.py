"""`make run DEBUG=1` in a clone: breakpoint() stops in the terminal, and in an attached debugger."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager

import pytest
import requests

from local.processes import free_port

pytestmark = pytest.mark.slow


class Terminal:
    """The other end of a pseudo-terminal, with everything that was printed there."""

    def __init__(self, descriptor):
        self._descriptor = descriptor
        self.output = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                self.output += os.read(self._descriptor, 65_536).decode(errors="replace")
            except OSError:
                return

    def wait_for(self, pattern, seconds=60):
        deadline = time.monotonic() + seconds
        while not (match := re.search(pattern, self.output)):
            assert time.monotonic() < deadline, self.output
            time.sleep(0.02)
        return match

    def type(self, text):
        self.output = ""
        os.write(self._descriptor, text.encode())


class Debugger:
    """The part of the Debug Adapter Protocol that attaching and stopping need."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._file = self._socket.makefile("rb")
        self._number = 0

    def send(self, command, **arguments):
        self._number += 1
        request = {"seq": self._number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(request).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        return self._number

    def receive(self, **fields):
        """Return the next message with these fields, skipping every other one."""
        while True:
            length = int(self._file.readline().partition(b":")[2])
            self._file.readline()
            message = json.loads(self._file.read(length))
            if fields.items() <= message.items():
                return message

    def ask(self, command, **arguments):
        return self.receive(type="response", request_seq=self.send(command, **arguments)).get("body")

    def close(self):
        self._file.close()
        self._socket.close()


@pytest.fixture
def debugged(clone):
    """`make run DEBUG=...` with a breakpoint in a route; yields its terminal, URL, debugging port and process."""
    routes = clone / "app.py"
    source = re.sub(r'(@api.get\("/openapi.json".*\ndef .*\n)', r"\1    breakpoint()\n", routes.read_text())
    assert "    breakpoint()" in source
    routes.write_text(source)
    port, debug_port = free_port(), free_port()
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "run"],
        cwd=clone,
        env={**os.environ, "PORT": str(port), "DEBUG": str(debug_port)},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    yield Terminal(ours), f"http://127.0.0.1:{port}", debug_port, process
    if process.poll() is None:
        process.terminate()
        process.wait(30)
    os.close(theirs)
    os.close(ours)


@contextmanager
def request(url):
    """Request the document of the API, which stops at the breakpoint; yields the list for the reply's status."""
    statuses = []
    thread = threading.Thread(
        target=lambda: statuses.append(requests.get(f"{url}/openapi.json", timeout=60).status_code)
    )
    thread.start()
    yield statuses
    thread.join(30)
    assert statuses == [200]


def test_breakpoint_stops_in_the_terminal_or_in_an_attached_debugger(debugged):
    terminal, url, debug_port, process = debugged
    terminal.wait_for("Press Ctrl-C to stop everything")
    with request(url) as statuses:
        terminal.wait_for(r"\(Pdb\) ")
        assert "WARNING" not in terminal.output
        terminal.type("print(_caller, 6 * 7)\n")
        terminal.wait_for("None 42")
        assert statuses == []
        terminal.type("continue\n")
    with closing(Debugger(debug_port)) as debugger:
        debugger.ask("initialize", adapterID="test", clientID="test", pathFormat="path")
        debugger.send("attach", connect={"host": "127.0.0.1", "port": debug_port}, justMyCode=True)
        debugger.receive(type="event", event="initialized")
        debugger.ask("configurationDone")
        with request(url) as statuses:
            stop = debugger.receive(type="event", event="stopped")["body"]
            frames = debugger.ask("stackTrace", threadId=stop["threadId"])["stackFrames"]
            assert frames[0]["source"]["path"].endswith("app.py")
            assert statuses == []
            debugger.ask("continue", threadId=stop["threadId"])
    # As the terminal does for Ctrl-C: to the supervisor and to the API.
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(30) == 0
    terminal.wait_for("Stopping the stack")
    assert "Traceback" not in terminal.output
