"""Load the components available to configs: built-in, from installed packages, and from plugin files."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

from nlpx.core.component import Registry, builtin_registry, entries_of
from nlpx.core.plugins import describe, import_file, register_package
from nlpx.errors import EnvironmentProblem

ENTRY_POINT_GROUP = "nlpx.components"


def load_registry(includes: Sequence[Path] = ()) -> Registry:
    """The built-in components, those of installed packages, and those of plugin files, in this order.

    Raises:
        ConfigError: a plugin file cannot be imported, or a name is registered twice.
        EnvironmentProblem: the entry point of an installed package cannot be imported.
    """
    modules = [*_entry_point_modules(), *(import_file(path) for path in dict.fromkeys(includes))]
    if not modules:
        return builtin_registry()
    added = (entry for module in dict.fromkeys(modules) for entry in entries_of(module))
    return Registry([*builtin_registry(), *added])


def _entry_point_modules() -> Iterator[ModuleType]:
    for point in _entry_points(tuple(sys.path)):
        try:
            module = importlib.import_module(point.module)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            raise EnvironmentProblem(
                f"the installed components {point.name!r} ({point.module}) cannot be imported: "
                f"{describe(error)}. Reinstall or remove that package."
            ) from error
        register_package(module)
        yield module


@lru_cache(maxsize=4)
def _entry_points(folders: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Those of the packages in these folders; to look through all packages again would take a fourth of the
    time of loading a config."""
    return tuple(importlib.metadata.entry_points(group=ENTRY_POINT_GROUP))
