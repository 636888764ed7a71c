"""Deliver the bucket's events to the real handler, as S3 and Lambda do: `python -m local.bridge EMULATOR_URL [--all]`.

The emulator puts the events of uploads into a queue. The bridge passes each event unchanged to `app.file_upload`. With
`--all` it first queues an event for every object in the bucket: a kill -9 of the emulator loses the queue but not the
objects, and the handler accepts the same upload twice.
"""

from __future__ import annotations

import contextlib
import json
import logging
import signal
import sys
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

from local import debugging
from local.chalice_stage import load_app
from local.emulator import REGION
from local.parent_watch import end_with_parent
from local.resources import BUCKET, QUEUE, UPLOADS, VISIBILITY_SECONDS, client

_FUNCTION = "file_upload"
# Lambda tries an event of S3 three times. It waits a minute before the second try; the queue hides a failed message
# for ten seconds longer than the handler may run.
_MAX_TRIES = 3
_POLL_SECONDS = 20

_logger = logging.getLogger("local.bridge")

Event = dict[str, Any]
Handler = Callable[[Event, "LambdaContext"], object]


@dataclass(frozen=True)
class LambdaContext:
    """The facts that Lambda gives a function about its invocation."""

    function_name: str
    memory_limit_in_mb: int
    timeout_seconds: int
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_version: str = "$LATEST"
    _started: float = field(default_factory=time.monotonic)

    @property
    def invoked_function_arn(self) -> str:
        """The function's ARN."""
        return f"arn:aws:lambda:{REGION}:000000000000:function:love-q-local-{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda would end the invocation."""
        return max(0, round(1000 * (self.timeout_seconds - (time.monotonic() - self._started))))


@dataclass(frozen=True)
class Bridge:
    """Delivers messages of the emulator's queue to the handler."""

    url: str
    handler: Handler
    new_context: Callable[[], LambdaContext]

    def queue_stored_uploads(self) -> None:
        """Put an event into the queue for every upload in the bucket."""
        pages = client("s3", self.url).get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=UPLOADS)
        for event in (_created_event(item) for page in pages for item in page.get("Contents", [])):
            client("sqs", self.url).send_message(QueueUrl=self._queue, MessageBody=json.dumps(event))

    def serve(self) -> None:
        """Deliver messages until the process is stopped."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (loaded with the client)

        while True:
            try:
                for message in self._receive():
                    self._deliver(message)
            except (BotoCoreError, ClientError) as error:
                _logger.warning("The queue does not answer (%s); retrying", type(error).__name__)
                time.sleep(1)

    @property
    def _queue(self) -> str:
        return str(client("sqs", self.url).get_queue_url(QueueName=QUEUE)["QueueUrl"])

    def _receive(self) -> list[dict[str, Any]]:
        reply = client("sqs", self.url).receive_message(
            QueueUrl=self._queue,
            WaitTimeSeconds=_POLL_SECONDS,
            VisibilityTimeout=VISIBILITY_SECONDS,
            MaxNumberOfMessages=1,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return list(reply.get("Messages", []))

    def _deliver(self, message: dict[str, Any]) -> None:
        """Call the handler, and delete the message when it succeeded or failed for the last time."""
        event = json.loads(message["Body"])
        number = int(message["Attributes"]["ApproximateReceiveCount"])
        with self._released_when_stopped(message):
            # S3 sends `s3:TestEvent`, which is not an upload, when the notification is set up.
            done = "Records" not in event or self._succeeds(event, number)
        if done or number >= _MAX_TRIES:
            client("sqs", self.url).delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])

    @contextlib.contextmanager
    def _released_when_stopped(self, message: dict[str, Any]) -> Iterator[None]:
        """Make the message visible at once if this process is stopped, as it is for each change of the code."""
        try:
            yield
        except SystemExit:
            with contextlib.suppress(Exception):
                client("sqs", self.url).change_message_visibility(
                    QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )
            raise

    def _succeeds(self, event: Event, number: int) -> bool:
        context = self.new_context()
        try:
            self.handler(event, context)
        except Exception as error:  # noqa: BLE001 (Lambda survives every exception of a handler)
            # Log neither the exception's message nor the event: both can contain text of a chat.
            frames = "".join(traceback.format_tb(error.__traceback__))
            outcome = "giving up" if number >= _MAX_TRIES else "will be retried"
            kind = type(error).__name__
            _logger.error(  # noqa: TRY400 (the exception's message stays out)
                "%s failed with %s, try %d of %d, %s\n%s", _FUNCTION, kind, number, _MAX_TRIES, outcome, frames
            )
            return False
        _logger.info("%s done, %d ms left", _FUNCTION, context.get_remaining_time_in_millis())
        return True


def _created_event(item: dict[str, Any]) -> Event:
    """Return the event that S3 sends for a new object.

    Args:
        item: the object as `list_objects_v2` lists it.
    """
    entity = {"key": quote_plus(item["Key"]), "size": item["Size"], "eTag": item["ETag"].strip('"')}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "local"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": str(uuid.uuid4()), "x-amz-id-2": "local"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "uploads",
            "bucket": {
                "name": BUCKET,
                "ownerIdentity": {"principalId": "local"},
                "arn": f"arn:aws:s3:::{BUCKET}",
            },
            "object": entity | {"sequencer": f"{time.time_ns():016X}"},
        },
    }
    return {"Records": [record]}


def main(url: str, *, everything: bool) -> None:
    """Serve until the process is stopped."""
    end_with_parent()
    debugging.listen()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    _, config = load_app(_FUNCTION)
    import app  # noqa: PLC0415 (its environment is complete only now)

    def new_context() -> LambdaContext:
        return LambdaContext(_FUNCTION, config.lambda_memory_size or 128, config.lambda_timeout or 60)

    bridge = Bridge(url, app.file_upload, new_context)
    if everything:
        bridge.queue_stored_uploads()
    bridge.serve()


if __name__ == "__main__":
    main(sys.argv[1], everything="--all" in sys.argv)
