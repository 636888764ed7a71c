"""Hands the bucket's events to the real handler, as S3 and Lambda do: `python -m local.bridge EMULATOR_URL [--all]`.

The emulator puts the events of uploads into a queue. Each is given unchanged to `app.file_upload`. With `--all` an
event for every object that lies in the bucket is put there first: the queue does not outlive a kill -9 of the
emulator, the objects do, and the handler may see an upload twice.
"""

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

from local.chalice_stage import load_app
from local.emulator import REGION
from local.processes import die_with_parent
from local.resources import BUCKET, QUEUE, UPLOADS, client

_FUNCTION = "file_upload"
# Lambda tries an event of S3 three times in all. It waits a minute before the second; the queue hides an event for
# ten seconds more than the handler may take.
_TRIES = 3
_VISIBILITY_SECONDS = 70
_POLL_SECONDS = 20

_logger = logging.getLogger("local.bridge")

Event = dict[str, Any]
Handler = Callable[[Event, "LambdaContext"], object]


@dataclass(frozen=True)
class LambdaContext:
    """What Lambda tells a function about its own run."""

    function_name: str
    memory_limit_in_mb: int
    timeout_seconds: int
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_version: str = "$LATEST"
    _started: float = field(default_factory=time.monotonic)

    @property
    def invoked_function_arn(self) -> str:
        """The function's name in full."""
        return f"arn:aws:lambda:{REGION}:000000000000:function:love-q-local-{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """How long until Lambda would end the run."""
        return max(0, round(1000 * (self.timeout_seconds - (time.monotonic() - self._started))))


@dataclass(frozen=True)
class Bridge:
    """The way from the emulator's queue to the handler."""

    url: str
    handler: Handler
    new_context: Callable[[], LambdaContext]

    def hand_over_all(self) -> None:
        """Put an event into the queue for every upload that lies in the bucket."""
        pages = client("s3", self.url).get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=UPLOADS)
        for event in (created_event(found) for page in pages for found in page.get("Contents", [])):
            client("sqs", self.url).send_message(QueueUrl=self._queue, MessageBody=json.dumps(event))

    def serve(self) -> None:
        """Hand over event by event, for ever."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - comes with the client

        while True:
            try:
                for message in self._receive():
                    self._settle(message)
            except (BotoCoreError, ClientError) as exc:
                _logger.warning("The queue does not answer (%s); trying again", type(exc).__name__)
                time.sleep(1)

    @property
    def _queue(self) -> str:
        return str(client("sqs", self.url).get_queue_url(QueueName=QUEUE)["QueueUrl"])

    def _receive(self) -> list[dict[str, Any]]:
        answer = client("sqs", self.url).receive_message(
            QueueUrl=self._queue,
            WaitTimeSeconds=_POLL_SECONDS,
            VisibilityTimeout=_VISIBILITY_SECONDS,
            MaxNumberOfMessages=1,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return list(answer.get("Messages", []))

    def _settle(self, message: dict[str, Any]) -> None:
        """Hand a message over; one that succeeded, or failed for the last time, leaves the queue."""
        event = json.loads(message["Body"])
        number = int(message["Attributes"]["ApproximateReceiveCount"])
        with self._returned_when_interrupted(message):
            # S3 says `s3:TestEvent` when the notification is set up; that is no upload.
            done = "Records" not in event or self._succeeds(event, number)
        if done or number >= _TRIES:
            client("sqs", self.url).delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])

    @contextlib.contextmanager
    def _returned_when_interrupted(self, message: dict[str, Any]) -> Iterator[None]:
        """Let the next bridge have a message at once when this one is ended, as it is for each change of the code."""
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
        except Exception as exc:  # noqa: BLE001 - whatever the handler raises, Lambda survives it
            # Neither the message of the exception nor the event: they may hold what someone wrote.
            frames = "".join(traceback.format_tb(exc.__traceback__))
            outcome = "given up" if number >= _TRIES else "to be tried again"
            kind = type(exc).__name__
            _logger.error(  # noqa: TRY400 - the exception's text stays out
                "%s failed with %s, try %d of %d, %s\n%s", _FUNCTION, kind, number, _TRIES, outcome, frames
            )
            return False
        _logger.info("%s done, %d ms left", _FUNCTION, context.get_remaining_time_in_millis())
        return True


def created_event(found: dict[str, Any]) -> Event:
    """The event S3 sends for an object that was put, as `list_objects_v2` tells of it."""
    entity = {"key": quote_plus(found["Key"]), "size": found["Size"], "eTag": found["ETag"].strip('"')}
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
    """Serve until ended."""
    die_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    _, config = load_app(_FUNCTION)
    import app  # noqa: PLC0415 - only now does its environment stand

    def new_context() -> LambdaContext:
        return LambdaContext(_FUNCTION, config.lambda_memory_size or 128, config.lambda_timeout or 60)

    bridge = Bridge(url, app.file_upload, new_context)
    if everything:
        bridge.hand_over_all()
    bridge.serve()


if __name__ == "__main__":
    main(sys.argv[1], everything="--all" in sys.argv)
