"""The database of a stage: its tables, and who may use them."""

from __future__ import annotations

from collections.abc import Iterable

from pg8000.native import Connection, literal

from chalicelib.repositories.database import connect_to_dsql, connect_to_url
from chalicelib.settings import Settings
from infrastructure.aws import Account
from migrations.runner import migrate

# Names of our own, that need no quotes. The role finds its tables since the schema is called as it is.
_SCHEMA = "love_q"
_APPLICATION = Settings.model_fields["dsql_user"].default


def update(account: Account, variables: dict[str, str], roles: Iterable[str]) -> int:
    """Apply the migrations that are missing and return of how many statements that was.

    Args:
        account: whose cluster it is.
        variables: the environment of the deployed functions, which names their database.
        roles: the ARNs of the functions that use it.

    Raises:
        ChangedMigration: a migration was edited after it was applied.
    """
    if url := variables.get("DATABASE_URL"):
        connection = connect_to_url(url)
        roles = ()
    else:
        # The application's own role may not change tables.
        connection = connect_to_dsql(variables["DSQL_ENDPOINT"], "admin", account.region)
    try:
        applied = migrate(connection, dsql="DSQL_ENDPOINT" in variables and not url)
        if not url:
            grant(connection, roles)
    finally:
        connection.close()
    return applied


def grant(connection: Connection, roles: Iterable[str]) -> None:
    """Let these IAM roles in as the application's role, which reads and writes rows and no more; again is harmless."""
    if not connection.run("SELECT 1 FROM pg_roles WHERE rolname = :name", name=_APPLICATION):
        connection.run(f"CREATE ROLE {_APPLICATION} WITH LOGIN")
    mapped = {str(value) for row in connection.run("SELECT * FROM sys.iam_pg_role_mappings") for value in row}
    for role in roles:
        if role not in mapped:
            connection.run(f"AWS IAM GRANT {_APPLICATION} TO {literal(role)}")
    connection.run(f"GRANT USAGE ON SCHEMA {_SCHEMA} TO {_APPLICATION}")
    connection.run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {_SCHEMA} TO {_APPLICATION}")
