"""Packages a stage: `python -m infrastructure.package --stage dev --out FOLDER`.

The folder gets `template.json`, which CloudFormation takes, `code.zip`, which Lambda runs, and `package.json`, which
tells of both.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

STAGES = ("dev", "staging", "prod")
_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def build(
    stage: str, folder: Path, *, region: str = "us-east-1", for_this_machine: bool = False, with_code: bool = True
) -> dict[str, Any]:
    """Package a stage into a folder; in a process of its own, since it imports the application as that stage.

    Returns:
        what `package.json` says.

    Raises:
        ValueError: Chalice would not deploy the application.
        CannotPackage: its dependencies are not to be had, or too large.
    """
    # Chalice names services by it, and needs no credentials.
    os.environ["AWS_DEFAULT_REGION"] = region
    from infrastructure import application, code_zip, template  # noqa: PLC0415 (heavy, and in want of the region)

    machine = _ARCHITECTURES[platform.machine().lower()] if for_this_machine else None
    loaded = application.load(stage, architecture=machine)
    folder.mkdir(parents=True, exist_ok=True)
    whole = template.build(stage, loaded.authorizer, loaded.allow_origin, loaded.template)
    _write(folder / "template.json", whole)
    facts: dict[str, Any] = {"stage": stage, "runtime": loaded.runtime, "architecture": loaded.architecture}
    if with_code:
        made = code_zip.build(folder / "code.zip", loaded.runtime, loaded.architecture)
        facts |= {"sha256": made.sha256, "zipped": made.zipped, "unzipped": made.unzipped}
    _write(folder / "package.json", facts)
    return facts


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Package as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m infrastructure.package", description=__doc__)
    parser.add_argument("--stage", choices=STAGES, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--for-this-machine", action="store_true", help="a package that runs here, not in AWS")
    parser.add_argument("--without-code", action="store_true", help="the template alone, in two seconds")
    given = parser.parse_args(arguments)
    from infrastructure.code_zip import CannotPackage  # noqa: PLC0415 (Chalice is heavy)

    try:
        facts = build(
            given.stage,
            given.out,
            region=given.region,
            for_this_machine=given.for_this_machine,
            with_code=not given.without_code,
        )
    except (ValueError, CannotPackage) as error:
        print(f"{given.stage} cannot be packaged: {error}", file=sys.stderr)
        return 1
    print(json.dumps(facts))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
