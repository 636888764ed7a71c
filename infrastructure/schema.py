"""The database of a stage: its tables, and the roles that may use them."""

from __future__ import annotations

from collections.abc import Iterable

from pg8000.native import Connection, literal

from chalicelib.repositories.database import connect_to_dsql, connect_to_url
from chalicelib.settings import Settings
from infrastructure.aws import Account
from migrations.runner import migrate

# Constants of our own, which need no quoting in SQL. The schema and the database role have the same name, so that the
# role's default search path finds the tables.
_SCHEMA = "love_q"
_APPLICATION_ROLE = Settings.model_fields["dsql_user"].default


def update(account: Account, variables: dict[str, str], role_arns: Iterable[str]) -> int:
    """Apply the missing migrations and return the number of statements applied.

    Args:
        account: the account that owns the cluster.
        variables: the environment of the deployed functions, which names their database.
        role_arns: the IAM roles of the functions that use the database.

    Raises:
        ChangedMigration: a migration was edited after it was applied.
    """
    if url := variables.get("DATABASE_URL"):
        connection = connect_to_url(url)
    else:
        # The application's role cannot change tables, so migrations run as the administrator.
        connection = connect_to_dsql(variables["DSQL_ENDPOINT"], "admin", account.region)
    try:
        applied = migrate(connection, dsql="DSQL_ENDPOINT" in variables and not url)
        if not url:
            grant(connection, role_arns)
    finally:
        connection.close()
    return applied


def grant(connection: Connection, role_arns: Iterable[str]) -> None:
    """Let these IAM roles connect as the application's role, which can only read and write rows. Idempotent."""
    if not connection.run("SELECT 1 FROM pg_roles WHERE rolname = :name", name=_APPLICATION_ROLE):
        connection.run(f"CREATE ROLE {_APPLICATION_ROLE} WITH LOGIN")
    mapped = {str(value) for row in connection.run("SELECT * FROM sys.iam_pg_role_mappings") for value in row}
    for arn in role_arns:
        if arn not in mapped:
            connection.run(f"AWS IAM GRANT {_APPLICATION_ROLE} TO {literal(arn)}")
    connection.run(f"GRANT USAGE ON SCHEMA {_SCHEMA} TO {_APPLICATION_ROLE}")
    connection.run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {_SCHEMA} TO {_APPLICATION_ROLE}")
