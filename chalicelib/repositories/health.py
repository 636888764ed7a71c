"""Asking the parts behind whether they answer."""

from __future__ import annotations

import re
from contextlib import suppress

from chalicelib.repositories import aws
from chalicelib.repositories.comprehend import LANGUAGE, MOST_DOCUMENTS
from chalicelib.repositories.database import database
from chalicelib.settings import settings

# What an inference profile's id puts before its model's. Counting tokens takes the model's alone.
_PROFILE = re.compile(r"^(?:global|us|us-gov|eu|jp|apac|au|ca)\.")
_NOT_COUNTED = "support counting tokens"


def ask_database() -> None:
    """Ask for one row.

    Raises:
        Unavailable: the database cannot be reached.
    """
    database().job(lambda tx: tx.row("SELECT 1 AS one"))


def ask_bucket() -> None:
    """Ask for the upload bucket.

    Raises:
        botocore.exceptions.ClientError: it is not there, or not ours.
    """
    aws.client("s3").head_bucket(Bucket=settings().upload_bucket)


def ask_bedrock() -> None:
    """Have the stage's model count the tokens of a word, which costs nothing: it is there and may be asked.

    Of a model that counts none, or one behind a profile of the account's own, Bedrock says just that, which is an
    answer too.

    Raises:
        Unavailable: it refused or did not answer.
    """
    messages = [{"role": "user", "content": [{"text": "안녕"}]}]
    with aws.answering():
        client = aws.bedrock()
        try:
            client.count_tokens(
                modelId=_PROFILE.sub("", settings().bedrock_model_id, count=1),
                input={"converse": {"messages": messages}},
            )
        except client.exceptions.ValidationException as error:
            # No code tells it from a model that is gone or was never there.
            if _NOT_COUNTED not in error.response["Error"]["Message"]:
                raise


def ask_comprehend() -> None:
    """Send more texts than a batch may have, which is refused and costs nothing: it is there and may be asked.

    Raises:
        Unavailable: it refused for another reason, or did not answer.
    """
    with aws.answering():
        client = aws.comprehend()
        with suppress(client.exceptions.BatchSizeLimitExceededException):
            client.batch_detect_sentiment(TextList=["안녕"] * (MOST_DOCUMENTS + 1), LanguageCode=LANGUAGE)
