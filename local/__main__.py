"""The commands behind the Makefile: `python -m local run | demo | token | stop | clean`.

Options are environment variables, because make passes `NAME=value` on as such: PORT, SEED, DEBUG, EMAIL, FILE, ME.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType

from local import debugging, swagger_ui
from local.chalice_stage import PROJECT
from local.processes import StackError, port_is_free, say
from local.resources import DEMO_USER, PASSWORD
from local.stack import Stack, discard, stop

_DEFAULT_PORT = 8000
_MAX_PORT = 65535
# Debuggers listen on the port that DEBUG names. Smaller numbers, as in DEBUG=1, stand for the default port.
_MIN_DEBUG_PORT = 1024
_POLL_SECONDS = 0.5
_INTERRUPTED = 130
_MAX_CHANGED_NAMES = 3
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Options = Mapping[str, str]


def run(options: Options) -> int:
    """Run the stack until Ctrl-C, and reload the application when its code changes."""
    started = time.monotonic()
    debug_port = _debug_port(options)
    with Stack(port=_port(options) or _DEFAULT_PORT, debug_port=debug_port) as stack:
        try:
            if options.get("SEED"):
                _seed(stack)
            wait = _wait_for_api(stack) if debug_port else _reload_on_changes(stack)
            next(wait)
            print(_welcome(stack, debug_port, seconds=time.monotonic() - started), flush=True)
            for _ in wait:
                stack.check()
        except (SystemExit, KeyboardInterrupt):
            # A stop signal is the normal end. watchfiles turns the SystemExit of its handler into KeyboardInterrupt.
            pass
        say("Stopping the stack")
        return 0


def demo(options: Options) -> int:
    """Show what Love Q does, on the running stack or on one that runs only for the demo."""
    from local.demo import main  # noqa: PLC0415 (the other commands do not need rich)

    port = _port(options) or (_DEFAULT_PORT if port_is_free(_DEFAULT_PORT) else None)
    with Stack(port=port, attach=True) as stack:
        main(stack, options.get("FILE") or None, options.get("ME") or None)
    return 0


def token(options: Options) -> int:
    """Print a new ID token and nothing else."""
    print(Stack.attach_to_running().token(options.get("EMAIL") or DEMO_USER))
    return 0


def stop_all(_options: Options) -> int:
    """Stop every process of this clone."""
    stop()
    return 0


def clean(_options: Options) -> int:
    """Stop every process, and delete the data that `rm -r .local` would not reach."""
    discard()
    return 0


_COMMANDS: dict[str, Callable[[Options], int]] = {
    "run": run,
    "demo": demo,
    "token": token,
    "stop": stop_all,
    "clean": clean,
}


def _port(options: Options) -> int | None:
    value = options.get("PORT")
    if not value:
        return None
    if not value.isdecimal() or not 0 < int(value) <= _MAX_PORT:
        raise StackError(f"PORT={value} is not a port number")
    return int(value)


def _debug_port(options: Options) -> int | None:
    value = options.get("DEBUG")
    if not value or value == "0":
        return None
    port = int(value) if value.isdecimal() and int(value) >= _MIN_DEBUG_PORT else debugging.DEFAULT_PORT
    # The bridge has the next port.
    if port >= _MAX_PORT:
        raise StackError(f"DEBUG={value} is not a port number")
    return port


def _seed(stack: Stack) -> None:
    from local.api_client import Api  # noqa: PLC0415 (as `rich` above: only this option needs requests)
    from local.seed import seed  # noqa: PLC0415 (likewise)

    say("Importing the sample chat for the demo user")
    seed(Api(stack.api_url, stack.token()))


def _welcome(stack: Stack, debug_port: int | None, seconds: float) -> str:
    settings, url = stack.environment, stack.api_url
    if debug_port is None:
        last = "Code changes are reloaded automatically. Press Ctrl-C to stop everything."
    else:
        last = (
            f"breakpoint() stops in this terminal, or in a debugger attached to 127.0.0.1:{debug_port} (bridge: "
            f"{debug_port + 1}).\nCode changes are not reloaded. Press Ctrl-C to stop everything."
        )
    return f"""
Love Q is running; it started in {seconds:.1f} s.

  API             {url}
  API in browser  {url}{swagger_ui.PATH}
  User pool       {settings["COGNITO_USER_POOL_ID"]}
  Web client      {settings["COGNITO_CLIENT_ID"]}
  Cognito and S3  {settings["AWS_EMULATOR_URL"]} (region {settings["AWS_REGION"]}, any credentials)
  Demo user       {DEMO_USER}, password {PASSWORD}
  Logs            {stack.logs()[0].parent}

A typed client for TypeScript:

npx openapi-typescript {url}/openapi.json -o api.d.ts

A request, with a token that is valid for an hour (`make -s token` prints a new one):

curl -s {url}/chat-rooms -H 'Authorization: Bearer {stack.token()}'

{last}
"""


def _reload_on_changes(stack: Stack) -> Iterator[None]:
    """Print the logs and reload changed code; yield at least once a second, first when changes are watched."""
    from local.watch import LogTail, changes  # noqa: PLC0415 (only this command needs watchfiles)

    logs = [LogTail(path) for path in stack.logs()]
    for changed in changes(PROJECT):
        for log in logs:
            log.show()
        if changed:
            _reload(stack, changed)
        yield


def _reload(stack: Stack, changed: list[Path]) -> None:
    names = ", ".join(str(path.relative_to(PROJECT)) for path in changed[:_MAX_CHANGED_NAMES])
    say(f"{names}{' and more' if len(changed) > _MAX_CHANGED_NAMES else ''} changed; restarting the API")
    stack.stop_application()
    try:
        stack.start_application(everything=False)
    except StackError:
        # Its log, which has the reason, is printed next.
        say("The API is down until the next change")


def _wait_for_api(stack: Stack) -> Iterator[None]:
    """Yield twice a second until the API ends, which has the terminal meanwhile."""
    while stack.api_is_running:
        yield
        time.sleep(_POLL_SECONDS)


def _stop_once(number: int, _frame: FrameType | None) -> None:
    # A second Ctrl-C must not interrupt the orderly stop that the first one began.
    for stop_signal in _STOP_SIGNALS:
        signal.signal(stop_signal, signal.SIG_IGN)
    raise SystemExit(_INTERRUPTED if number == signal.SIGINT else 128 + number)


def main() -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=_COMMANDS)
    command = parser.parse_args().command
    for stop_signal in _STOP_SIGNALS:
        signal.signal(stop_signal, _stop_once)
    try:
        return _COMMANDS[command](os.environ)
    except StackError as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
