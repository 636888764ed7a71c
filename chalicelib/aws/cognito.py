"""The Cognito user pool."""

from __future__ import annotations

from chalicelib.aws import clients
from chalicelib.aws.errors import aws_errors_as_unavailable
from chalicelib.settings import settings


def erase(user_id: str) -> int:
    """Delete the user with this ``sub``. Return the number of users deleted, 0 if the stage has no pool.

    Raises:
        Unavailable: Cognito refused or did not respond.
    """
    pool_id = settings().cognito_user_pool_id
    if pool_id is None:
        return 0
    client = clients.cognito()
    with aws_errors_as_unavailable():
        users = client.list_users(UserPoolId=pool_id, Filter=f'sub = "{user_id}"', Limit=1)["Users"]
        for user in users:
            client.admin_delete_user(UserPoolId=pool_id, Username=user["Username"])
    return len(users)
