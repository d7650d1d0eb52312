"""The tree of a config: values with their positions in the source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from nlpx.config.source import Mark

ScalarValue: TypeAlias = str | int | float | bool | None
Plain: TypeAlias = "ScalarValue | list[Plain] | dict[str, Plain]"
Path: TypeAlias = tuple[str | int, ...]

MAX_DEPTH = 20
MAX_NODES = 100_000
MAX_TEXT = 1 << 22
"""Maximum number of characters of all keys and values of a tree."""


@dataclass(frozen=True)
class ScalarNode:
    """A string, integer, number, boolean or null; `text` is the value as written."""

    mark: Mark
    value: ScalarValue
    text: str

    def plain(self) -> ScalarValue:
        return self.value


@dataclass(frozen=True)
class SequenceNode:
    """A list."""

    mark: Mark
    items: tuple[Node, ...]

    def plain(self) -> list[Plain]:
        return [item.plain() for item in self.items]


@dataclass(frozen=True)
class Entry:
    """A value of a mapping, with the position of its key."""

    mark: Mark
    value: Node


@dataclass(frozen=True)
class MappingNode:
    """A mapping from strings to values."""

    mark: Mark
    entries: Mapping[str, Entry]

    def plain(self) -> dict[str, Plain]:
        return {key: entry.value.plain() for key, entry in self.entries.items()}

    def value(self, key: str) -> Node | None:
        """The value of a key, or None."""
        entry = self.entries.get(key)
        return None if entry is None else entry.value

    def without(self, *keys: str) -> MappingNode:
        """A copy without the given keys."""
        return replace(self, entries={key: entry for key, entry in self.entries.items() if key not in keys})


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode


def child(node: Node, key: str | int) -> Node | None:
    """The value at a key of a mapping or at an index of a list, or None."""
    if isinstance(node, MappingNode) and isinstance(key, str):
        return node.value(key)
    if isinstance(node, SequenceNode) and isinstance(key, int) and 0 <= key < len(node.items):
        return node.items[key]
    return None


def descend(node: Node, path: Path) -> tuple[Node, Path]:
    """The deepest existing value along a path, and its path."""
    for depth, key in enumerate(path):
        below = child(node, key)
        if below is None:
            return node, path[:depth]
        node = below
    return node, path


def without(node: Node, paths: Iterable[Path]) -> Node:
    """The tree without the values at the given paths, if they exist; indexes refer to the whole tree."""
    below: defaultdict[str | int, list[Path]] = defaultdict(list)
    for path in paths:
        below[path[0]].append(path[1:])

    def kept(key: str | int, value: Node) -> Node | None:
        rests = below.get(key)
        if rests is None:
            return value
        return None if () in rests else without(value, rests)

    if isinstance(node, SequenceNode):
        items = (kept(index, item) for index, item in enumerate(node.items))
        return replace(node, items=tuple(item for item in items if item is not None))
    if isinstance(node, MappingNode):
        values = {key: kept(key, entry.value) for key, entry in node.entries.items()}
        entries = {
            key: replace(node.entries[key], value=value) for key, value in values.items() if value is not None
        }
        return replace(node, entries=entries)
    return node


def key_mark(node: Node, path: Path) -> Mark:
    """The position of the last key of a path, or of the deepest existing value along the path."""
    parent, reached = descend(node, path[:-1])
    if path and len(reached) == len(path) - 1 and isinstance(parent, MappingNode):
        entry = parent.entries.get(str(path[-1]))
        if entry is not None:
            return entry.mark
    return descend(node, path)[0].mark


def dotted(path: Iterable[str | int]) -> str:
    """`model.encoder.0.filters`."""
    return ".".join(map(str, path))


def excess(root: Node) -> str:
    """The limit that a tree exceeds, or an empty string. Shared parts count at every occurrence."""
    count = characters = 0
    open_nodes: list[tuple[Node, int]] = [(root, 1)]
    while open_nodes:
        node, depth = open_nodes.pop()
        count += 1
        if isinstance(node, ScalarNode):
            characters += len(node.text)
        elif isinstance(node, MappingNode):
            characters += sum(map(len, node.entries))
        if depth > MAX_DEPTH:
            return TOO_DEEP
        if count > MAX_NODES:
            return TOO_MANY
        if characters > MAX_TEXT:
            return TOO_LONG
        open_nodes.extend((below, depth + 1) for below in _children(node))
    return ""


TOO_DEEP = f"it is nested deeper than {MAX_DEPTH} levels"
TOO_MANY = f"it contains more than {MAX_NODES:,} values"
TOO_LONG = f"its keys and values have more than {MAX_TEXT:,} characters in total"


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, SequenceNode):
        yield from node.items
    elif isinstance(node, MappingNode):
        for entry in node.entries.values():
            yield entry.value
