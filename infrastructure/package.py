"""Package a stage: `python -m infrastructure.package --stage dev --out FOLDER`.

Writes three files into the folder: `template.json` for CloudFormation, `code.zip` for Lambda, and `package.json`, which
describes both.
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
    """Package a stage into a folder. Needs a process of its own, because it imports the application as that stage.

    Returns:
        The content of `package.json`.

    Raises:
        ValueError: Chalice would refuse to deploy the application.
        CannotPackage: the dependencies cannot be installed, or the package is too large.
    """
    # Chalice builds service names from the region and needs no credentials.
    os.environ["AWS_DEFAULT_REGION"] = region
    from infrastructure import application, code_zip, template  # noqa: PLC0415 (slow, and they need the region)

    architecture = _ARCHITECTURES[platform.machine().lower()] if for_this_machine else None
    loaded = application.load(stage, architecture=architecture)
    folder.mkdir(parents=True, exist_ok=True)
    stage_template = template.build(stage, loaded.authorizer, loaded.allow_origin, loaded.template)
    _write(folder / "template.json", stage_template)
    description: dict[str, Any] = {"stage": stage, "runtime": loaded.runtime, "architecture": loaded.architecture}
    if with_code:
        code = code_zip.build(folder / "code.zip", loaded.runtime, loaded.architecture)
        description |= {"sha256": code.sha256, "zipped": code.zipped, "unzipped": code.unzipped}
    _write(folder / "package.json", description)
    return description


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Run the command line and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infrastructure.package", description=__doc__)
    parser.add_argument("--stage", choices=STAGES, required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="the folder to write to")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--for-this-machine", action="store_true", help="package for this machine's processor")
    parser.add_argument("--without-code", action="store_true", help="write only the template, which takes two seconds")
    options = parser.parse_args(arguments)
    from infrastructure.code_zip import CannotPackage  # noqa: PLC0415 (imports Chalice, which is slow)

    try:
        description = build(
            options.stage,
            options.out,
            region=options.region,
            for_this_machine=options.for_this_machine,
            with_code=not options.without_code,
        )
    except (ValueError, CannotPackage) as error:
        print(f"{options.stage} cannot be packaged: {error}", file=sys.stderr)
        return 1
    print(json.dumps(description))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
