"""Asking the parts behind whether they answer."""

from __future__ import annotations

from contextlib import suppress

from chalicelib.repositories import aws
from chalicelib.repositories.comprehend import LANGUAGE, MOST_DOCUMENTS
from chalicelib.repositories.database import database
from chalicelib.settings import settings


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

    Raises:
        Unavailable: it refused or did not answer.
    """
    messages = [{"role": "user", "content": [{"text": "안녕"}]}]
    with aws.answering():
        aws.bedrock().count_tokens(modelId=settings().bedrock_model_id, input={"converse": {"messages": messages}})


def ask_comprehend() -> None:
    """Send more texts than a batch may have, which is refused and costs nothing: it is there and may be asked.

    Raises:
        Unavailable: it refused for another reason, or did not answer.
    """
    with aws.answering():
        client = aws.comprehend()
        with suppress(client.exceptions.BatchSizeLimitExceededException):
            client.batch_detect_sentiment(TextList=["안녕"] * (MOST_DOCUMENTS + 1), LanguageCode=LANGUAGE)
