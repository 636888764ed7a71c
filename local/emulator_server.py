"""The AWS emulator as the local stack runs it, with the Python of the emulator's virtual environment.

The emulator writes its Cognito user pools to disk only on an orderly shutdown. A kill -9 would lose every account, and
with the accounts the ids in tokens and so the users' data. This program writes the state of Cognito before each of
Cognito's replies is sent.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

from hypercorn.config import Config
from ministack import app as emulator
from ministack.core.persistence import save_state
from ministack.services import cognito

from local.parent_watch import end_with_parent

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


def saving_cognito(application: Application) -> Application:
    """Return the application, changed to hold back each Cognito reply until its effect is on disk."""

    async def call(scope: Message, receive: Receive, send: Send) -> None:
        if not is_cognito(scope):
            await application(scope, receive, send)
            return
        reply: list[Message] = []

        async def hold(message: Message) -> None:
            reply.append(message)

        await application(scope, receive, hold)
        save_state("cognito", cognito.get_state())
        for message in reply:
            await send(message)

    return call


def is_cognito(scope: Message) -> bool:
    """Return whether a request calls Cognito user pools, judging by the header that names the operation."""
    headers = dict(scope.get("headers", []))
    return bool(headers.get(b"x-amz-target", b"").startswith(b"AWSCognitoIdentityProviderService."))


if __name__ == "__main__":
    # The emulator writes some files to its working directory. Python found this module by the one it started in.
    os.chdir(os.environ["HOME"])
    end_with_parent()
    # Otherwise a reader that waits for the queue's next message delays the shutdown by three seconds.
    Config.graceful_timeout = 0.1
    emulator.app = saving_cognito(emulator.app)
    emulator.main()
