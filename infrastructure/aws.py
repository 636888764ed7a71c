"""The operator's AWS account: its clients, its number, and whether it is an emulator."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class CannotDeploy(Exception):
    """The command cannot be carried out; the message gives the operator the reason and the remedy."""


@dataclass(frozen=True)
class Account:
    """An account in one region, accessed with the credentials of the operator's shell."""

    region: str
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, compare=False, repr=False)

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the client of a service, in the account's region by default."""
        key = service, region or self.region
        if key not in self._clients:
            # `Any`, because the type stubs only accept literal service names.
            session: Any = boto3.session.Session()
            self._clients[key] = session.client(service, region_name=key[1])
        return self._clients[key]

    @functools.cached_property
    def id(self) -> str:
        """The account number.

        Raises:
            CannotDeploy: there are no credentials, or AWS rejects them.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (comes with the client)

        try:
            return str(self.client("sts").get_caller_identity()["Account"])
        except (BotoCoreError, ClientError) as error:
            raise CannotDeploy(
                f"AWS rejects your credentials ({error}). `aws sts get-caller-identity` must succeed first."
            ) from error

    @property
    def emulator_url(self) -> str | None:
        """URL of the AWS emulator on this machine; None for the real AWS."""
        url = os.environ.get("AWS_ENDPOINT_URL", "")
        return url if urlsplit(url).hostname in _LOOPBACK else None
