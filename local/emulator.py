"""The AWS emulator (S3, SQS, Cognito) as a process."""

from __future__ import annotations

import os
import urllib.request
from http import HTTPStatus
from pathlib import Path

from local.processes import LOOPBACK, Child, StackError

PROJECT = Path(__file__).resolve().parent.parent
EMULATOR_PYTHON = PROJECT / ".local" / "emulator" / "venv" / "bin" / "python"

REGION = "us-east-1"
STACK_SERVICES = "s3,sqs,cognito-idp"
# A deployment needs nearly all services. The emulator reads an empty list as all.
ALL_SERVICES = ""


class Emulator:
    """The emulator as a process that keeps everything under `home`.

    Args:
        home: the folder for its data; created when missing.
        port: the loopback port to listen on.
        services: the names of the AWS services to emulate, separated by commas.
        strict: whether to enforce IAM policies for every caller except the account itself.
    """

    def __init__(self, home: Path, port: int, *, services: str = STACK_SERVICES, strict: bool = False) -> None:
        self.home = home.resolve()
        self.url = f"http://{LOOPBACK}:{port}"
        self.child = Child(
            name="emulator",
            command=[str(EMULATOR_PYTHON), "-m", "local.emulator_server"],
            log=self.home.parent / "logs" / "emulator.log",
            cwd=PROJECT,
            environment=_environment(self.home, port, services) | {"AUTH": str(strict).lower()},
        )

    def start(self) -> int:
        """Start the emulator without waiting until it answers, and return its process id.

        Raises:
            StackError: its virtual environment is missing.
        """
        if not EMULATOR_PYTHON.exists():
            raise StackError("The AWS emulator is not installed here; `make run` and `make test` install it")
        for folder in ("state", "s3", "tmp"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        return self.child.start()

    def wait_ready(self) -> None:
        """Wait until the emulator answers.

        Raises:
            StackError: it does not. The message has the end of its log.
        """
        self.child.wait_ready(lambda: is_healthy(self.url), seconds=30)

    def stop(self) -> None:
        """Stop the emulator in an orderly way, so that it writes its state."""
        self.child.stop()


def is_healthy(url: str) -> bool:
    """Return whether an emulator answers at this URL."""
    return answers(f"{url}/_ministack/health", seconds=2)


def answers(url: str, seconds: float = 5) -> bool:
    """Return whether a URL answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=seconds) as reply:
            return bool(reply.status == HTTPStatus.OK)
    except OSError:
        return False


def _environment(home: Path, port: int, services: str) -> dict[str, str]:
    # Without the developer's environment: about a hundred variables configure the emulator, AWS's own among them.
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        # The emulator writes a file with its process id there.
        "TMPDIR": str(home / "tmp"),
        "BIND_HOST": LOOPBACK,
        "MINISTACK_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "SERVICES": services,
        # These two services would listen on every interface.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # Where the emulator finds Docker, it removes containers that it takes for its own.
        "DOCKER_HOST": f"unix://{home}/no-docker",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(home / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(home / "s3"),
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
    }
