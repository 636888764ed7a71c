"""Checks that AWS services respond. Their requests are free of charge."""

from __future__ import annotations

import re
from contextlib import suppress

from chalicelib.aws import clients
from chalicelib.aws.comprehend import LANGUAGE, MAX_DOCUMENTS_PER_BATCH
from chalicelib.aws.errors import aws_errors_as_unavailable
from chalicelib.settings import settings

# The prefix of an inference profile's id. CountTokens takes the id of the model without it.
_PROFILE_PREFIX = re.compile(r"^(?:global|us|us-gov|eu|jp|apac|au|ca)\.")
_CANNOT_COUNT_MESSAGE = "support counting tokens"


def check_bucket() -> None:
    """Send HeadBucket for the upload bucket.

    Raises:
        botocore.exceptions.ClientError: The bucket does not exist, or belongs to another account.
    """
    clients.s3().head_bucket(Bucket=settings().upload_bucket)


def check_bedrock() -> None:
    """Send CountTokens for one word to the stage's model.

    A model that cannot count tokens, or an application inference profile, returns a ValidationException that says so.
    That also shows that Bedrock responds.

    Raises:
        Unavailable: Bedrock refused or did not respond.
    """
    with aws_errors_as_unavailable():
        client = clients.bedrock()
        try:
            client.count_tokens(
                modelId=_PROFILE_PREFIX.sub("", settings().bedrock_model_id, count=1),
                input={"converse": {"messages": [{"role": "user", "content": [{"text": "안녕"}]}]}},
            )
        except client.exceptions.ValidationException as error:
            # A missing model has the same error code. Only the message differs.
            if _CANNOT_COUNT_MESSAGE not in error.response["Error"]["Message"]:
                raise


def check_comprehend() -> None:
    """Send more texts than a batch may contain. Comprehend refuses the request free of charge.

    Raises:
        Unavailable: Comprehend refused for another reason or did not respond.
    """
    with aws_errors_as_unavailable():
        client = clients.comprehend()
        with suppress(client.exceptions.BatchSizeLimitExceededException):
            client.batch_detect_sentiment(TextList=["안녕"] * (MAX_DOCUMENTS_PER_BATCH + 1), LanguageCode=LANGUAGE)
