"""Check that AWS services answer, with requests that cost nothing."""

from __future__ import annotations

import re
from contextlib import suppress

from chalicelib.aws import clients
from chalicelib.aws.comprehend import LANGUAGE, MAX_DOCUMENTS
from chalicelib.settings import settings

# The prefix of an inference profile's id. CountTokens takes the id of the model without it.
_PROFILE = re.compile(r"^(?:global|us|us-gov|eu|jp|apac|au|ca)\.")
_NOT_COUNTED = "support counting tokens"


def check_bucket() -> None:
    """Send HeadBucket for the upload bucket.

    Raises:
        botocore.exceptions.ClientError: the bucket does not exist or belongs to another account.
    """
    clients.client("s3").head_bucket(Bucket=settings().upload_bucket)


def check_bedrock() -> None:
    """Send CountTokens for one word to the stage's model; it is free of charge.

    A model that cannot count tokens, or one behind an application inference profile, answers with a
    ValidationException that says so. That is an answer too.

    Raises:
        Unavailable: Bedrock refused or did not answer.
    """
    messages = [{"role": "user", "content": [{"text": "안녕"}]}]
    with clients.answering():
        client = clients.bedrock()
        try:
            client.count_tokens(
                modelId=_PROFILE.sub("", settings().bedrock_model_id, count=1),
                input={"converse": {"messages": messages}},
            )
        except client.exceptions.ValidationException as error:
            # A missing model has the same error code; only the message differs.
            if _NOT_COUNTED not in error.response["Error"]["Message"]:
                raise


def check_comprehend() -> None:
    """Send more texts than a batch may hold. Comprehend refuses that, which costs nothing and shows that it answers.

    Raises:
        Unavailable: Comprehend refused for another reason or did not answer.
    """
    with clients.answering():
        client = clients.comprehend()
        with suppress(client.exceptions.BatchSizeLimitExceededException):
            client.batch_detect_sentiment(TextList=["안녕"] * (MAX_DOCUMENTS + 1), LanguageCode=LANGUAGE)
