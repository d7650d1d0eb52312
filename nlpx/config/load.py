"""Load a config: read, merge, override, interpolate, validate, and check what only holds across keys."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlpx.config.compose import interpolate, override, read_tree
from nlpx.config.nodes import Node
from nlpx.config.problems import Mark, Problem, raise_problems
from nlpx.config.rules import check_rules
from nlpx.config.validate import resolved_path, validate
from nlpx.errors import ConfigError
from nlpx.registry import Registry, load_registry
from nlpx.specs.experiment import Experiment

LOCAL_PATHS = (("data", "cache"), ("decode", "dictionary"))
"""Paths, beside data.root, that are made absolute from where they are written."""


@dataclass(frozen=True)
class Loaded:
    """A config that can be run.

    Attributes:
        experiment: everything it says, with defaults filled in; `data.root` and other local paths are absolute.
        registry: the components that were known.
        path: the file.
        text: the file as written.
        includes: the plugin files.
    """

    experiment: Experiment
    registry: Registry
    path: Path
    text: str
    includes: tuple[Path, ...]


def load_experiment(
    path: Path | str, overrides: Sequence[str] = (), includes: Sequence[Path] = (), *, moved: bool = False
) -> Loaded:
    """The experiment of a config file.

    Args:
        path: the file.
        overrides: `a.b=value`, as of --set, later ones win.
        includes: plugin files, beside those the file includes.
        moved: the config of a run that may come from another machine: its files need not exist.

    Raises:
        ConfigError: with the report of every problem of the file.
    """
    path = Path(path)
    problems: list[Problem] = []
    tree = read_tree(path, problems)
    if tree is None:
        raise_problems(problems)
    assert tree is not None
    for setting in overrides:
        tree = override(tree, setting, problems)
    tree = interpolate(tree, problems)
    plugins = [*_included(tree, problems), *includes]
    raise_problems([problem for problem in problems if problem.code == "C23"])
    registry = load_registry(plugins)
    _absolute_paths(tree, path)
    experiment = validate(tree, registry, problems)
    if experiment is not None:
        check_rules(experiment, tree, problems, moved=moved)
    raise_problems(problems)
    if experiment is None:
        raise ConfigError(f"{path}: this config cannot be run.")
    text = path.read_text(encoding="utf-8-sig")
    return Loaded(experiment, registry, path, text, tuple(map(Path, plugins)))


def _included(tree: Node, problems: list[Problem]) -> list[Path]:
    assert isinstance(tree.value, dict)
    node = tree.value.pop("include", None)
    tree.keys.pop("include", None)
    if node is None:
        return []
    items = node.value if isinstance(node.value, list) else [node]
    files = []
    for item in items:
        if not isinstance(item.value, str):
            problems.append(
                Problem("C23", item.mark, "include", "not a file", expected="names of Python files")
            )
            continue
        file = Path(resolved_path(item.value, item.mark))
        if not file.is_file():
            problems.append(Problem("C23", item.mark, "include", f"there is no file {file}"))
            continue
        files.append(file)
    return files


def _absolute_paths(tree: Node, path: Path) -> None:
    """Make local paths absolute; `data.root` falls back to $NLPX_DATA, then to the folder of the config."""
    assert isinstance(tree.value, dict)
    for keys in LOCAL_PATHS:
        node = tree.at(keys)
        if (
            isinstance(tree.at(keys[:-1]).value, dict)
            and isinstance(node.value, str)
            and _reached(tree, keys)
        ):
            node.value = resolved_path(node.value, node.mark)
    data = tree.value.get("data")
    if data is None:
        data = tree.value["data"] = Node({}, tree.mark)
    if not isinstance(data.value, dict):
        return
    root = data.value.get("root")
    if root is not None and isinstance(root.value, str):
        root.value = resolved_path(root.value, root.mark)
    elif root is None or root.value is None:
        folder = os.environ.get("NLPX_DATA") or path.parent
        mark = Mark(str(path), 1, 1, "", str(Path.cwd()))
        data.value["root"] = Node(str(Path(folder).expanduser().resolve()), mark)


def _reached(tree: Node, keys: tuple[str, ...]) -> bool:
    node = tree
    for key in keys:
        if not isinstance(node.value, dict) or key not in node.value:
            return False
        node = node.value[key]
    return True
