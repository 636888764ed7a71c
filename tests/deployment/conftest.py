"""An AWS account at the emulator, a PostgreSQL, and the deployment to both."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass

import boto3
import pytest

from chalicelib.repositories.database import connect_to_url
from local.chalice_stage import PROJECT
from local.emulator import ALL_SERVICES, REGION, Emulator
from local.postgres import Postgres
from local.processes import free_port
from tests.deployment.srp import sign_in

PASSWORD = "Love-Q-deployed-1"
# Credentials of the account itself, which may do everything. Functions have the permissions of their roles.
KEYS = ("test", "test")
TRACKED = ("app.py", "chalicelib", ".chalice", "infrastructure", "migrations", "local", "requirements.txt", "Makefile")

if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
    # The package runs only on Linux.
    collect_ignore_glob = ["test_*.py"]


@dataclass
class Cloud:
    """The URLs of the emulator and the database, and the operations of the tests on them."""

    url: str
    database_url: str

    def client(self, service):
        """Return a client with the permissions of the account itself."""
        session = boto3.session.Session(*KEYS, region_name=REGION)
        return session.client(service, endpoint_url=self.url)

    @property
    def environment(self):
        return {
            "PATH": os.environ["PATH"],
            "HOME": os.environ["HOME"],
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": KEYS[0],
            "AWS_SECRET_ACCESS_KEY": KEYS[1],
        }

    def deploy(self, stage, *options, cwd=PROJECT, answer="", **environment):
        """Run the deployment as `deploy-backend.sh` does, with a package for this machine."""
        command = [sys.executable, "-m", "infrastructure.deploy", stage, "--for-this-machine", *options]
        return subprocess.run(
            command,
            cwd=cwd,
            env=self.environment | environment,
            input=answer,
            check=False,
            capture_output=True,
            text=True,
        )

    @property
    def emulator_options(self):
        """Options that avoid services which the emulator lacks: Aurora DSQL, budgets and Bedrock."""
        return ("--set", f"DatabaseUrl={self.database_url}", "--set", "MonthlyBudget=0", "--set", "Bedrock=local")

    def query(self, sql, **values):
        """Run a statement on the deployed stage's database and return its rows."""
        connection = connect_to_url(self.database_url)
        try:
            return connection.run(sql, **values)
        finally:
            connection.close()

    def outputs(self, stage):
        stack = self.client("cloudformation").describe_stacks(StackName=f"love-q-serverless-{stage}")["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def api_url(self, stage):
        return f"{self.url}/restapis/{self.outputs(stage)['RestAPIId']}/v1/_user_request_"

    def tokens(self, pool_id, client_id, email):
        """Sign up a user and sign in as a browser does; return the tokens."""
        cognito = self.client("cognito-idp")
        cognito.sign_up(
            ClientId=client_id,
            Username=email,
            Password=PASSWORD,
            UserAttributes=[{"Name": "email", "Value": email}],
        )
        cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username=email)
        return sign_in(cognito, client_id, pool_id, email, PASSWORD)


@contextmanager
def running_cloud(home, *, strict):
    """Start a cloud and stop it afterwards. With ``strict``, the emulator enforces IAM."""
    postgres, emulator = Postgres(home / "postgres", free_port()), None
    try:
        postgres.start()
        emulator = Emulator(home / "emulator", free_port(), services=ALL_SERVICES, strict=strict)
        emulator.start()
        emulator.wait_ready()
        yield Cloud(emulator.url, postgres.url)
    finally:
        if emulator is not None:
            emulator.stop()
        postgres.discard()


@pytest.fixture(scope="session")
def cloud(tmp_path_factory):
    with running_cloud(tmp_path_factory.mktemp("cloud"), strict=False) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """Return a function that makes a committed copy of the sources, with this clone's installed tools."""

    def make():
        copy = tmp_path_factory.mktemp("clone")
        for name in TRACKED:
            source = PROJECT / name
            if source.is_dir():
                shutil.copytree(
                    source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "samples", "deploy*ed")
                )
            else:
                shutil.copy(source, copy)
        (copy / ".local").mkdir()
        for name in ("tools", "packages"):
            (copy / ".local" / name).symlink_to(PROJECT / ".local" / name)
        (copy / ".gitignore").write_text(".local\n__pycache__\n")
        commit(copy)
        return copy

    return make


def commit(folder):
    """Commit all files of a folder."""
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com", "-C", str(folder)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "A version"], check=True)
