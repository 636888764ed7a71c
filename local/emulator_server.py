"""The AWS emulator as the local stack runs it; started with the Python of the emulator's virtual environment.

The emulator writes its Cognito pools to disk only when it is shut down in order. A kill -9 would take every account
with it, the ids in tokens with those, and so the users' data. Here each Cognito call is on disk before it is answered.
"""

import os
import signal
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from hypercorn.config import Config
from ministack import app as emulator
from ministack.core.persistence import save_state
from ministack.services import cognito

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


def saving_cognito(application: Application) -> Application:
    """The same application, with every Cognito answer held back until its effect is on disk."""

    async def saving(scope: Message, receive: Receive, send: Send) -> None:
        if not is_cognito(scope):
            await application(scope, receive, send)
            return
        answer: list[Message] = []

        async def hold(message: Message) -> None:
            answer.append(message)

        await application(scope, receive, hold)
        save_state("cognito", cognito.get_state())
        for message in answer:
            await send(message)

    return saving


def is_cognito(scope: Message) -> bool:
    """Whether a request calls Cognito's user pools, by the header that names the operation."""
    headers = dict(scope.get("headers", []))
    return bool(headers.get(b"x-amz-target", b"").startswith(b"AWSCognitoIdentityProviderService."))


def shut_down_with_parent() -> None:
    """Wait for the end of standard input, which the parent holds open, and shut down in order then."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=shut_down_with_parent, daemon=True).start()
    # A reader that waits for the queue's next message would otherwise hold up the shutdown for three seconds.
    Config.graceful_timeout = 0.1
    emulator.app = saving_cognito(emulator.app)
    emulator.main()
