"""Loading modules when they are first used, where a process that starts cold makes somebody wait."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType


def install(*packages: str) -> None:
    """Let modules of these packages wait, from now on, until something is asked of them.

    In a Lambda alone, which has one thread: two threads could meet in the middle of a module's loading.
    """
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        sys.meta_path.insert(0, _Finder(packages))


class _Finder:
    """Finds modules as Python does, and has those of some packages loaded lazily."""

    def __init__(self, packages: Sequence[str]) -> None:
        self._prefixes = tuple(f"{package}." for package in packages)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """How to load a module, None for one that others find."""
        spec = PathFinder.find_spec(name, path, target) if name.startswith(self._prefixes) else None
        # A package is little more than its name.
        if spec is None or spec.loader is None or spec.submodule_search_locations is not None:
            return None
        spec.loader = LazyLoader(spec.loader)
        return spec
