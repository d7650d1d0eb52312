"""The values of a sweep as overrides of its config, with their positions in the sweep file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nlpx.config.nodes import MappingNode, Node, ScalarNode, SequenceNode, child, descend, key_mark
from nlpx.config.overrides import Override, keys_at
from nlpx.config.source import Mark
from nlpx.sweeps.space import Choice, Point
from nlpx.sweeps.spec import Sweep


def overrides_of(spec: Sweep, tree: MappingNode, point: Point) -> list[Override]:
    """The values of a point at their positions in the sweep file."""
    made = []
    for name, value in point.items():
        dimension = spec.space[name]
        node = _node(tree, name, value, dimension)
        path = ("space", name, "key") if dimension.key else ("space", name)
        mark = descend(tree, path)[0].mark if dimension.key else key_mark(tree, path)
        made.append(Override(keys_at(dimension.key or name, mark), node))
    return sorted(made, key=lambda override: len(override.keys))


def fixed_overrides(tree: MappingNode) -> list[Override]:
    """The values that all trials have, at their positions."""
    values = tree.value("set")
    if not isinstance(values, MappingNode):
        return []
    made = [Override(keys_at(key, entry.mark), entry.value) for key, entry in values.entries.items()]
    return sorted(made, key=lambda override: len(override.keys))


def absolute_values(key: str, value: Any, paths: Mapping[str, str]) -> Any:
    """A value in which local paths, which are relative to the sweep file, are absolute."""
    if isinstance(value, dict):
        return {name: absolute_values(f"{key}.{name}", inner, paths) for name, inner in value.items()}
    if isinstance(value, list):
        return [absolute_values(f"{key}.{index}", inner, paths) for index, inner in enumerate(value)]
    return paths.get(key, value) if isinstance(value, str) else value


def _node(tree: MappingNode, name: str, value: Any, dimension: object) -> Node:
    """The value of a dimension, with its position."""
    node = descend(tree, ("space", name))[0]
    if isinstance(dimension, Choice):
        written = child(node, "choice") or node
        if isinstance(written, SequenceNode):
            return written.items[dimension.choice.index(value)]
    return ScalarNode(_mark(node), value, str(value))


def _mark(node: Node) -> Mark:
    written = child(node, "range")
    return node.mark if written is None else written.mark
