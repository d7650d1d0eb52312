"""Errors of plugins while a config is checked, and missing implementations."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

from nlpx.config.nodes import MappingNode
from nlpx.config.problems import Problem, Report
from nlpx.core.build import beside
from nlpx.core.component import Split, layer_file
from nlpx.core.files import Unreadable, read_regular
from nlpx.core.plugins import LARGEST_PLUGIN, plugin_fault

ANY_NAME = {"__getattr__", "globals", "setattr", "exec"}
"""A module that uses these may define names that do not occur in its text."""


@contextmanager
def reporting_faults(tree: MappingNode, report: Report) -> Iterator[None]:
    """Report an exception raised by a plugin in the block."""
    try:
        yield
    except BaseException as error:
        fault = plugin_fault(error)
        if fault is None:
            raise
        report.add(Problem("C013", tree.mark, "", str(fault)))


def missing_implementation(spec: type[Split]) -> str:
    """Describe what is missing of the implementation of a component; empty if nothing is known to be missing.

    Does not import the implementation, because that would import TensorFlow.
    """
    module, _, attribute = spec.implementation.partition(":")
    path: Path | None
    if not spec.implementation:
        path = layer_file(spec)
    elif not module:
        found = hasattr(sys.modules[spec.__module__], attribute)
        return "" if found else f"there is no {attribute} in the plugin itself"
    else:
        path = beside(spec, module) if module.endswith(".py") else _module_file(module)
    if path is None:
        return "" if _package_exists(module) else f"there is no module {module}"
    try:
        names = names_in(path)
    except FileNotFoundError:
        return f"there is no file {path}"
    except (Unreadable, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"{path} cannot be read as Python: {error}"
    if not attribute or attribute in names or names & {*ANY_NAME, "*"}:
        return ""
    return f"there is no {attribute} in {path}"


@cache
def names_in(path: Path) -> frozenset[str]:
    """The names that a Python file binds or uses outside of functions and classes; `*` for a star import.

    Raises:
        FileNotFoundError, Unreadable, SyntaxError, ValueError: it is not a valid module.
    """
    names: set[str] = set()
    nodes: list[ast.AST] = [ast.parse(read_regular(path, LARGEST_PLUGIN))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name):
            names.add(node.id)
        nodes.extend(ast.iter_child_nodes(node))
    return frozenset(names)


def _module_file(module: str) -> Path | None:
    """The source file of a module; None if it cannot be found without importing its package."""
    folders: list[str] | None = None
    origin: str | None = None
    for part in module.split("."):
        found = PathFinder.find_spec(part, folders)
        if found is None:
            return None
        folders, origin = list(found.submodule_search_locations or ()), found.origin
    return Path(origin) if origin is not None and origin.endswith(".py") else None


def _package_exists(module: str) -> bool:
    """Whether the top-level package of a module exists; it may create modules when it is imported."""
    top = module.partition(".")[0]
    return top in sys.modules or PathFinder.find_spec(top) is not None or top in sys.builtin_module_names
