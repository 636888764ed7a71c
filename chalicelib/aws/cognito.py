"""The Cognito user pool."""

from __future__ import annotations

from chalicelib.aws import clients
from chalicelib.settings import settings


def erase(user_id: str) -> int:
    """Delete the user whose ``sub`` this is and return how many went; none where the stage has no pool.

    Raises:
        Unavailable: Cognito does not answer.
    """
    pool_id = settings().cognito_user_pool_id
    if pool_id is None:
        return 0
    client = clients.client("cognito-idp")
    with clients.answering():
        found = client.list_users(UserPoolId=pool_id, Filter=f'sub = "{user_id}"', Limit=1)["Users"]
        for user in found:
            client.admin_delete_user(UserPoolId=pool_id, Username=user["Username"])
    return len(found)
