"""The shape of the code base: who may import whom, what stays light, how long a file may be."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "nlpx"

FLOORS = (
    {"errors"},
    {"core"},
    {"text"},
    {"data", "layers"},
    {"components"},
    {"specs"},
    {"config"},
    {"exported"},
    {"models"},
    {"tasks"},
    {"engine", "inference", "runs"},
    {"workflow"},
    {"report", "serving", "sweeps"},
    {"api", "cli"},
    {"__main__"},
)
"""From the ground up. A room imports from the floors below it."""

BARRED = {"engine": {"tasks", "text", "models"}}
"""What a room does without although it lies below: the loop knows nothing of Chinese."""

QUIET = (
    "core",
    "components",
    "cli",
    "config",
    "specs",
    "text",
    "data",
    "exported",
    "tasks",
    "inference",
    "runs",
    "workflow",
    "report",
    "serving",
    "sweeps",
)
"""Rooms that can be imported without the framework and without jieba."""

SILENT = ("components", "config", "specs", "text")
"""Rooms in which these are not even named, but for jieba where the text is."""

HEAVY = {"tensorflow", "keras", "jieba"}
LONGEST = 400


@dataclass(frozen=True)
class Import:
    """An import statement: of which module, where, and whether it runs when its own module is imported."""

    module: str
    where: str
    at_top: bool

    @property
    def room(self) -> str | None:
        parts = self.module.split(".")
        return parts[1] if parts[0] == "nlpx" and len(parts) > 1 else None


@cache
def modules() -> dict[str, tuple[Import, ...]]:
    """Every module of the package with its imports, but for those that only type checkers read."""
    return {_name(path): tuple(_imports(path)) for path in sorted(PACKAGE.rglob("*.py"))}


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(path: Path) -> Iterator[Import]:
    name = path.relative_to(ROOT)

    def visit(node: ast.AST, at_top: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, f"{name}:{node.lineno}", at_top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            where = f"{name}:{node.lineno}"
            assert node.level == 0 and node.module, f"{where}: a relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield Import(inner if _is_module(inner) else node.module, where, at_top)
        elif isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            for statement in node.orelse:
                yield from visit(statement, at_top)
        elif not isinstance(node, ast.expr):  # in which there are no statements
            below = at_top and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for child in ast.iter_child_nodes(node):
                yield from visit(child, below)

    return visit(ast.parse(path.read_text(encoding="utf-8"), str(path)), True)


@cache
def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _room(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


def _floor(room: str) -> int:
    return next(i for i, rooms in enumerate(FLOORS) if room in rooms)


def _between_rooms() -> Iterator[tuple[str, str, Import]]:
    for module, imports in modules().items():
        room = _room(module)
        for found in imports:
            if room and found.room and found.room != room:
                yield room, found.room, found


def between_packages() -> set[tuple[str, str]]:
    """Which package imports which; docs/architecture.py draws it."""
    return {(room, other) for room, other, _ in _between_rooms()}


def test_every_room_has_a_floor() -> None:
    rooms = {path.name.removesuffix(".py") for path in PACKAGE.iterdir()} - {
        "__init__",
        "__pycache__",
        "py.typed",
    }
    assert rooms == set().union(*FLOORS)


def test_rooms_import_only_from_below() -> None:
    upward = [
        f"{found.where}: {room} imports {other}"
        for room, other, found in _between_rooms()
        if _floor(other) >= _floor(room)
    ]
    assert upward == []


def test_barred_rooms() -> None:
    entered = [
        f"{found.where}: {room} imports {other}"
        for room, other, found in _between_rooms()
        if other in BARRED.get(room, ())
    ]
    assert entered == []


def test_the_loop_knows_nothing_of_chinese() -> None:
    files = (PACKAGE / "engine").rglob("*.py")
    assert [
        path.name for path in files if re.search("[\u3000-\u9fff]", path.read_text(encoding="utf-8"))
    ] == []


def test_modules_do_not_import_each_other_in_circles() -> None:
    graph = {
        name: {found.module for found in imports if found.at_top and found.module in modules()}
        for name, imports in modules().items()
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_quiet_rooms_import_nothing_heavy() -> None:
    """One process imports all of them, from the ground up: what all together do not import, none does alone."""
    rooms = sorted(QUIET, key=_floor)
    names = [
        name
        for room in rooms
        for name in modules()
        if _room(name) == room and not name.endswith((".learner", "_layer"))
    ]
    code = (
        f"import importlib, sys\nfor name in {names}:\n    importlib.import_module(name)\n"
        f"    assert {HEAVY}.isdisjoint(sys.modules), name"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_silent_rooms_name_nothing_heavy() -> None:
    named = [
        found.where
        for module, imports in modules().items()
        for found in imports
        if _room(module) in SILENT
        and not module.endswith("_layer")
        and found.module.partition(".")[0] in HEAVY - ({"jieba"} if _room(module) == "text" else set())
    ]
    assert named == []


@pytest.mark.parametrize("folder", ["nlpx", "tests", "benchmarks", "docs"])
def test_no_file_is_long(folder: str) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / folder).rglob("*.py")
    }
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_git_ignores_no_source() -> None:
    files = [
        str(path.relative_to(ROOT)) for folder in ("nlpx", "tests") for path in (ROOT / folder).rglob("*.py")
    ]
    try:
        done = subprocess.run(
            ["git", "check-ignore", "--stdin", "--no-index"],
            cwd=ROOT,
            input="\n".join(files),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("no git on this machine")
    if done.returncode == 128:
        pytest.skip("not a git repository")
    assert done.stdout == ""
