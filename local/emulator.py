"""The AWS emulator (S3, SQS, Cognito) as a process."""

import os
import urllib.request
from pathlib import Path

from local.processes import LOOPBACK, Child, StackError

PROJECT = Path(__file__).resolve().parent.parent
PYTHON = PROJECT / ".local" / "emulator" / "venv" / "bin" / "python"

REGION = "us-east-1"
# What the local stack needs of it; a deployment needs nearly all.
LOCAL_STACK = "s3,sqs,cognito-idp"
EVERYTHING = ""


class Emulator:
    """The emulator as a process, with all it keeps under `home`.

    Args:
        home: the folder for what it keeps; made when missing.
        port: the loopback port to listen on.
        services: which it emulates, by their names and commas; all of those it knows when empty.
        strict: whether it grants only what IAM policies allow, to whoever is not the account itself.
    """

    def __init__(self, home: Path, port: int, *, services: str = LOCAL_STACK, strict: bool = False) -> None:
        self.home = home.resolve()
        self.url = f"http://{LOOPBACK}:{port}"
        self.child = Child(
            name="emulator",
            command=[str(PYTHON), str(Path(__file__).with_name("emulator_server.py"))],
            log=self.home.parent / "logs" / "emulator.log",
            cwd=self.home,
            environment=_environment(self.home, port, services) | {"AUTH": str(strict).lower()},
        )

    def start(self) -> int:
        """Start it, without waiting until it answers, and say under which process id it runs.

        Raises:
            StackError: its virtual environment is missing.
        """
        if not PYTHON.exists():
            raise StackError("The AWS emulator is not installed here; `make run` and `make test` do that")
        for folder in ("state", "s3", "tmp"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        return self.child.start()

    def wait_ready(self) -> None:
        """Wait until it answers.

        Raises:
            StackError: it does not; the message has the end of its log.
        """
        self.child.wait_ready(lambda: is_healthy(self.url), seconds=30)

    def stop(self) -> None:
        """End it in order, so that it writes its state."""
        self.child.stop()


def is_healthy(url: str) -> bool:
    """Whether an emulator answers there."""
    try:
        with urllib.request.urlopen(f"{url}/_ministack/health", timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except OSError:
        return False


def _environment(home: Path, port: int, services: str) -> dict[str, str]:
    # Nothing of the developer's environment: the emulator listens to some hundred variables, AWS's among them.
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        # It writes a file with its process id there.
        "TMPDIR": str(home / "tmp"),
        "BIND_HOST": LOOPBACK,
        "MINISTACK_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "SERVICES": services,
        # These would listen on every interface.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # It clears away containers it takes for its own where it finds Docker.
        "DOCKER_HOST": f"unix://{home}/no-docker",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(home / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(home / "s3"),
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
    }
