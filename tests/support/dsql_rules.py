"""A proxy in front of a PostgreSQL that refuses every statement that Aurora DSQL refuses.

The rules are the emulator's (`ministack.core.pgproxy`). This file is both the class that starts the proxy and the
program that it starts, with the Python of the emulator's virtual environment.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from local.parent_watch import end_with_parent

_LOOPBACK = "127.0.0.1"
_PROJECT = Path(__file__).resolve().parents[2]
_PYTHON = _PROJECT / ".local" / "emulator" / "venv" / "bin" / "python"


class DsqlRules:
    """The proxy as a process of its own. Use it as a context manager.

    Args:
        backend_port: The loopback port of a PostgreSQL that trusts the user `postgres`.
        python: The Python interpreter that has the emulator installed.
    """

    def __init__(self, backend_port: int, *, python: Path = _PYTHON) -> None:
        self._backend_port = backend_port
        self._python = python
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def url(self, database: str = "love_q") -> str:
        """Return the URL of a database behind the proxy. Every client is the user `postgres`."""
        return f"postgresql://postgres@{_LOOPBACK}:{self.port}/{database}"

    def start(self) -> None:
        """Start the proxy. It accepts connections when this method returns.

        Raises:
            RuntimeError: the proxy did not start.
        """
        self._process = subprocess.Popen(
            [self._python, "-m", "tests.support.dsql_rules", str(self._backend_port)],
            cwd=_PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout
        port = self._process.stdout.readline()
        if not port:
            self.stop()
            raise RuntimeError("The proxy with the rules of DSQL did not start")
        self.port = int(port)

    def stop(self) -> None:
        """Stop the proxy, which closes every connection through it."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            # Waits for the end and closes the pipes.
            process.communicate()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


async def _serve(backend_port: int) -> None:
    from ministack.core import pgproxy

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # `pgproxy.start_proxy` does the same, but listens on every interface.
        await pgproxy._handle_client("local", _LOOPBACK, backend_port, reader, writer)

    server = await asyncio.start_server(accept, _LOOPBACK, 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 (the parent reads the port)
    await server.serve_forever()


if __name__ == "__main__":
    end_with_parent()
    asyncio.run(_serve(int(sys.argv[1])))
