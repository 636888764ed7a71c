"""Lazy module loading, to keep Lambda cold starts short.

Only ``import package.module`` and ``from package import module`` stay lazy. ``from package.module import name`` loads
the module at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType


def install(*packages: str) -> None:
    """Load the modules of these packages at the first access to one of their attributes.

    Do nothing outside Lambda, where a process may have several threads: one could see a partly loaded module.
    """
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        sys.meta_path.insert(0, _Finder(packages))


class _Finder:
    """Finds modules like Python's own finder, and loads those of the given packages lazily."""

    def __init__(self, packages: Sequence[str]) -> None:
        self._prefixes = tuple(f"{package}." for package in packages)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a lazy module. Return None for any other module."""
        spec = PathFinder.find_spec(name, path, target) if name.startswith(self._prefixes) else None
        # Packages are loaded at once: their ``__init__`` modules contain little.
        if spec is None or spec.loader is None or spec.submodule_search_locations is not None:
            return None
        spec.loader = LazyLoader(spec.loader)
        return spec
