"""What Love Q needs to find at the AWS emulator: a bucket, the queue of its events, a user pool, users."""

import contextlib
import functools
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from local.emulator import REGION
from local.processes import say

BUCKET = "love-q-uploads-local"
UPLOADS = "uploads/"
QUEUE = "love-q-uploads-local"
POOL = "love-q-local"
CLIENT = "love-q-web-local"
DEMO_USER = "demo@love-q.example"

# Every account that is made here has it: the emulator listens on loopback and holds nobody's real data.
PASSWORD = "Love-Q-local-1"  # noqa: S105

# A visible minute longer than the handler may take, as Lambda waits before it tries again.
VISIBILITY_SECONDS = 70


@functools.cache
def client(service: str, url: str) -> Any:
    """A boto3 client for the emulator that knows nothing of the developer's own AWS account."""
    import boto3  # noqa: PLC0415 - a sixth of a second, which the bare starting of processes need not pay
    from botocore.config import Config  # noqa: PLC0415

    # A key that is no account number lands in the emulator's default account, as does the application's.
    create: Any = boto3.session.Session("local", "local", region_name=REGION).client
    return create(service, endpoint_url=url, config=Config(retries={"total_max_attempts": 3}))


@dataclass
class Resources:
    """What Love Q needs to find at the emulator: bucket, queue of its events, user pool, users."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """The settings that lead the application to them."""
        return {
            "AWS_EMULATOR_URL": self.url,
            "AWS_REGION": REGION,
            "UPLOAD_BUCKET": BUCKET,
            "COGNITO_USER_POOL_ID": self.pool_id,
            "COGNITO_CLIENT_ID": self.client_id,
            "COGNITO_ISSUER": f"https://cognito-idp.{REGION}.amazonaws.com/{self.pool_id}",
            "COGNITO_JWKS_URL": f"{self.url}/{self.pool_id}/.well-known/jwks.json",
        }

    def make_bucket(self) -> None:
        """Make the bucket for uploads and the queue its events go to; again is harmless."""
        queues, buckets = client("sqs", self.url), client("s3", self.url)
        queue = queues.create_queue(QueueName=QUEUE, Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS)})[
            "QueueUrl"
        ]
        arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        with contextlib.suppress(buckets.exceptions.BucketAlreadyOwnedByYou):
            buckets.create_bucket(Bucket=BUCKET)
        buckets.put_bucket_cors(Bucket=BUCKET, CORSConfiguration=_cors())
        buckets.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=_notification(arn))

    @cached_property
    def pool_id(self) -> str:
        """The id of the user pool, made when missing."""
        cognito = client("cognito-idp", self.url)
        for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]:
            if pool["Name"] == POOL:
                return str(pool["Id"])
        made = cognito.create_user_pool(PoolName=POOL, UsernameAttributes=["email"], AutoVerifiedAttributes=["email"])
        return str(made["UserPool"]["Id"])

    @cached_property
    def client_id(self) -> str:
        """The id of the web client's registration in the pool, made when missing."""
        cognito = client("cognito-idp", self.url)
        for found in cognito.list_user_pool_clients(UserPoolId=self.pool_id, MaxResults=60)["UserPoolClients"]:
            if found["ClientName"] == CLIENT:
                return str(found["ClientId"])
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        made = cognito.create_user_pool_client(UserPoolId=self.pool_id, ClientName=CLIENT, ExplicitAuthFlows=flows)
        return str(made["UserPoolClient"]["ClientId"])

    def ensure_user(self, email: str) -> None:
        """Make an account for an address that has none, ready to sign in with `PASSWORD`."""
        cognito = client("cognito-idp", self.url)
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        try:
            cognito.admin_create_user(
                UserPoolId=self.pool_id, Username=email, UserAttributes=attributes, MessageAction="SUPPRESS"
            )
        except cognito.exceptions.UsernameExistsException:
            return
        self._set_password(email)

    def users(self, user_id: str) -> list[dict[str, Any]]:
        """The accounts with this ``sub``: one, or none."""
        found = client("cognito-idp", self.url).list_users(UserPoolId=self.pool_id, Filter=f'sub = "{user_id}"')
        return list(found["Users"])

    def token(self, email: str) -> str:
        """A fresh ID token for an address, whose account is made when missing."""
        cognito = client("cognito-idp", self.url)
        self.ensure_user(email)
        try:
            return self._sign_in(email)
        except (cognito.exceptions.NotAuthorizedException, cognito.exceptions.UserNotConfirmedException):
            # Someone who signed up through a web client chose another password or never confirmed.
            say(f"Setting the password of {email} to {PASSWORD}")
            self._set_password(email)
            return self._sign_in(email)

    def _set_password(self, email: str) -> None:
        client("cognito-idp", self.url).admin_set_user_password(
            UserPoolId=self.pool_id, Username=email, Password=PASSWORD, Permanent=True
        )

    def _sign_in(self, email: str) -> str:
        answer = client("cognito-idp", self.url).initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
        )
        return str(answer["AuthenticationResult"]["IdToken"])


def _cors() -> dict[str, Any]:
    rule = {
        "AllowedMethods": ["GET", "PUT", "POST", "HEAD"],
        "AllowedOrigins": ["*"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag"],
    }
    return {"CORSRules": [rule]}


def _notification(queue_arn: str) -> dict[str, Any]:
    prefix = {"Name": "prefix", "Value": UPLOADS}
    queue = {
        "Id": "uploads",
        "QueueArn": queue_arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [prefix]}},
    }
    return {"QueueConfigurations": [queue]}
