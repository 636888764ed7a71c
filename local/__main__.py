"""What `make` calls: `python -m local run | demo | token | stop | clean`.

Options come as environment variables, which is how make hands on `NAME=value`: PORT, EMAIL, FILE, ME.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

from local.chalice_stage import PROJECT
from local.processes import StackError, port_is_free, say
from local.resources import DEMO_USER, PASSWORD
from local.stack import Stack, discard, stop
from local.watch import Changes, LogTail

_DEFAULT_PORT = 8000
_POLL_SECONDS = 0.5
_INTERRUPTED = 130
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(options: Mapping[str, str]) -> int:
    """Keep the stack up for a client's developer until ctrl-C, with the code's changes taken over as they come."""
    started = time.monotonic()
    with Stack(port=_wanted_port(options) or _DEFAULT_PORT) as stack:
        print(_welcome(stack, seconds=time.monotonic() - started), flush=True)
        logs = [LogTail(path) for path in stack.logs()]
        changes = Changes(PROJECT)
        try:
            while True:
                time.sleep(_POLL_SECONDS)
                for log in logs:
                    log.show()
                stack.check()
                if changed := changes.settled():
                    _reload(stack, changed)
        except SystemExit:
            # To be interrupted is how it ends.
            say("Ending the stack")
            return 0


def demo(options: Mapping[str, str]) -> int:
    """Show what Love Q does, on a stack that is there only for it unless one already runs."""
    from local.demo import main  # noqa: PLC0415 - the other commands do not need it

    port = _wanted_port(options) or (_DEFAULT_PORT if port_is_free(_DEFAULT_PORT) else None)
    with Stack(port=port, attach=True) as stack:
        return main(stack, argparse.Namespace(file=options.get("FILE") or None, me=options.get("ME") or None)) or 0


def token(options: Mapping[str, str]) -> int:
    """Print a fresh ID token and nothing else."""
    print(Stack.running().token(options.get("EMAIL") or DEMO_USER))
    return 0


def end_all(_options: Mapping[str, str]) -> int:
    """End whatever of this clone still runs."""
    stop()
    return 0


def clean(_options: Mapping[str, str]) -> int:
    """End whatever runs, and delete the data that `rm -r .local` would not reach."""
    discard()
    return 0


_COMMANDS: dict[str, Callable[[Mapping[str, str]], int]] = {
    "run": run,
    "demo": demo,
    "token": token,
    "stop": end_all,
    "clean": clean,
}


def _wanted_port(options: Mapping[str, str]) -> int | None:
    value = options.get("PORT")
    if not value:
        return None
    if not value.isdecimal() or not 0 < int(value) < 65536:  # noqa: PLR2004 - the largest port there is
        raise StackError(f"PORT={value} is no port number")
    return int(value)


def _welcome(stack: Stack, seconds: float) -> str:
    settings, url = stack.environment, stack.api_url
    return f"""
Love Q is up after {seconds:.1f} s.

  API             {url}
  User pool       {settings["COGNITO_USER_POOL_ID"]}
  Web client      {settings["COGNITO_CLIENT_ID"]}
  Cognito and S3  {settings["AWS_EMULATOR_URL"]} (region {settings["AWS_REGION"]}, any credentials)
  Demo user       {DEMO_USER}, password {PASSWORD}
  Logs            {stack.logs()[0].parent}

A request, with a token that is good for an hour (`make -s token` prints another):

curl -s {url}/chat-rooms -H 'Authorization: Bearer {stack.token()}'

Changed code is taken over by itself. Ctrl-C ends all of it.
"""


def _reload(stack: Stack, changed: list[Path]) -> None:
    names = ", ".join(str(path.relative_to(PROJECT)) for path in changed[:3])
    say(f"{names}{' and more' if len(changed) > 3 else ''} changed; starting the API again")  # noqa: PLR2004
    stack.stop_application()
    try:
        stack.start_application(everything=False)
    except StackError:
        # Its log, with the reason, is being shown.
        say("The API is down until the next change")


def _end_in_order(number: int, _frame: FrameType | None) -> None:
    # A second ctrl-C must not disturb the ending that the first one began.
    for ending in _ENDING_SIGNALS:
        signal.signal(ending, signal.SIG_IGN)
    raise SystemExit(_INTERRUPTED if number == signal.SIGINT else 128 + number)


def main() -> int:
    """Carry out one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=_COMMANDS)
    command = parser.parse_args().command
    for ending in _ENDING_SIGNALS:
        signal.signal(ending, _end_in_order)
    try:
        return _COMMANDS[command](os.environ)
    except StackError as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
