"""The operator's AWS account: its clients, and whether it is the real one."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class CannotDeploy(Exception):
    """What was asked for cannot be done; the message tells the operator why, and what to do."""


@dataclass(frozen=True)
class Account:
    """An account in a region, by whatever credentials the operator's shell has."""

    region: str
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, compare=False, repr=False)

    def client(self, service: str, region: str | None = None) -> Any:
        """The client of a service, in another region where one is named."""
        name = service, region or self.region
        if name not in self._clients:
            create: Any = boto3.session.Session().client  # its overloads need the service as a literal
            self._clients[name] = create(service, region_name=name[1])
        return self._clients[name]

    @functools.cached_property
    def id(self) -> str:
        """The account's number.

        Raises:
            CannotDeploy: there are no credentials, or none that are good.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (comes with the client)

        try:
            return str(self.client("sts").get_caller_identity()["Account"])
        except (BotoCoreError, ClientError) as error:
            raise CannotDeploy(f"AWS does not know you ({error}). `aws sts get-caller-identity` must work.") from error

    @property
    def emulator(self) -> str | None:
        """Where an emulator on this machine stands in for AWS; None for AWS itself."""
        url = os.environ.get("AWS_ENDPOINT_URL", "")
        return url if urlsplit(url).hostname in _LOOPBACK else None
