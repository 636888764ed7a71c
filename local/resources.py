"""The bucket, the queue of its events, the user pool and the users that Love Q needs at the AWS emulator."""

from __future__ import annotations

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
_POOL = "love-q-local"
_CLIENT = "love-q-web-local"
DEMO_USER = "demo@love-q.example"

# The password of every account here. The emulator listens only on loopback and holds no real data.
PASSWORD = "Love-Q-local-1"  # noqa: S105 (of a local emulator)

# How long the queue hides a message that is being handled: ten seconds longer than the handler may run.
VISIBILITY_SECONDS = 70


@functools.cache
def client(service: str, url: str) -> Any:
    """Return a boto3 client for the emulator that does not use the developer's own AWS account."""
    import boto3  # noqa: PLC0415 (a sixth of a second that starting processes does not need)
    from botocore.config import Config  # noqa: PLC0415 (loaded with boto3)

    # A key that is not an account number belongs to the emulator's default account, as the application's does.
    create: Any = boto3.session.Session("local", "local", region_name=REGION).client
    return create(service, endpoint_url=url, config=Config(retries={"total_max_attempts": 3}))


@dataclass
class Resources:
    """The resources at one emulator. Everything that is missing is created when it is first asked for."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """The settings by which the application finds them."""
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
        """Create the bucket for uploads and the queue for its events, unless they exist."""
        queues, buckets = client("sqs", self.url), client("s3", self.url)
        attributes = {"VisibilityTimeout": str(VISIBILITY_SECONDS)}
        queue = queues.create_queue(QueueName=QUEUE, Attributes=attributes)["QueueUrl"]
        arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        with contextlib.suppress(buckets.exceptions.BucketAlreadyOwnedByYou):
            buckets.create_bucket(Bucket=BUCKET)
        buckets.put_bucket_cors(Bucket=BUCKET, CORSConfiguration=_cors())
        buckets.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=_notification(arn))

    @cached_property
    def pool_id(self) -> str:
        """The id of the user pool."""
        cognito = client("cognito-idp", self.url)
        for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]:
            if pool["Name"] == _POOL:
                return str(pool["Id"])
        created = cognito.create_user_pool(
            PoolName=_POOL, UsernameAttributes=["email"], AutoVerifiedAttributes=["email"]
        )
        return str(created["UserPool"]["Id"])

    @cached_property
    def client_id(self) -> str:
        """The id of the web client's registration in the pool."""
        cognito = client("cognito-idp", self.url)
        for registration in cognito.list_user_pool_clients(UserPoolId=self.pool_id, MaxResults=60)["UserPoolClients"]:
            if registration["ClientName"] == _CLIENT:
                return str(registration["ClientId"])
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        created = cognito.create_user_pool_client(UserPoolId=self.pool_id, ClientName=_CLIENT, ExplicitAuthFlows=flows)
        return str(created["UserPoolClient"]["ClientId"])

    def ensure_user(self, email: str) -> None:
        """Create an account that can sign in with `PASSWORD`, unless the address has one."""
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
        """Return the accounts with this `sub`: one or none."""
        reply = client("cognito-idp", self.url).list_users(UserPoolId=self.pool_id, Filter=f'sub = "{user_id}"')
        return list(reply["Users"])

    def token(self, email: str) -> str:
        """Return a new ID token for an address, after creating its account if it has none."""
        cognito = client("cognito-idp", self.url)
        self.ensure_user(email)
        try:
            return self._sign_in(email)
        except (cognito.exceptions.NotAuthorizedException, cognito.exceptions.UserNotConfirmedException):
            # A user who signed up through a web client chose another password or did not confirm the address.
            say(f"Setting the password of {email} to {PASSWORD}")
            self._set_password(email)
            return self._sign_in(email)

    def _set_password(self, email: str) -> None:
        client("cognito-idp", self.url).admin_set_user_password(
            UserPoolId=self.pool_id, Username=email, Password=PASSWORD, Permanent=True
        )

    def _sign_in(self, email: str) -> str:
        reply = client("cognito-idp", self.url).initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
        )
        return str(reply["AuthenticationResult"]["IdToken"])


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
