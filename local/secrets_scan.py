"""Scan files for secrets: `python -m local.secrets_scan FILE...`. The pre-commit hook and a test run it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

# Secrets with a recognisable form. The passwords of throwaway emulators have none.
_DETECTORS = (
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "JwtTokenDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
)
# Generated files: half of the time of a whole scan, and made of files that are scanned.
_GENERATED = {"openapi.json", "deployer.lock", "lambda.lock"}


class Secret(NamedTuple):
    """A line of a file that looks like a secret."""

    path: str
    line: int
    kind: str


def scan(paths: Iterable[Path]) -> list[Secret]:
    """Return the secrets in these files, skipping generated ones."""
    secrets = SecretsCollection()
    with transient_settings({"plugins_used": [{"name": name} for name in _DETECTORS]}):
        for path in paths:
            if path.name not in _GENERATED:
                secrets.scan_file(str(path))
    return [Secret(secret.filename, secret.line_number, secret.type) for _, secret in secrets]


def main(names: list[str]) -> int:
    """Print the secrets in these files; return 1 when there are any."""
    secrets = scan(map(Path, names))
    for secret in secrets:
        print(f"{secret.path}:{secret.line}: {secret.kind}")
    return 1 if secrets else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
