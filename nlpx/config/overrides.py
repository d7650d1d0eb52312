"""`--set a.b.0.c=value`: replace a value of the config by another one, written as YAML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlpx.config.merge import component_type
from nlpx.config.nodes import MAX_DEPTH, TOO_DEEP, Entry, MappingNode, Node, ScalarNode, SequenceNode
from nlpx.config.parse import parse
from nlpx.config.problems import Problem, Refused
from nlpx.config.source import Mark, Source
from nlpx.core.files import current_folder

FLAG = "--set "


@dataclass(frozen=True)
class Override:
    """A value that replaces another one.

    Attributes:
        keys: the keys that lead to it, each with the position where it is written.
        value: the new value.
    """

    keys: tuple[tuple[str, Mark], ...]
    value: Node

    @property
    def sets_type(self) -> bool:
        return len(self.keys) > 1 and self.keys[-1][0] == "type"


def apply_overrides(
    tree: MappingNode, arguments: Sequence[str | Override]
) -> tuple[MappingNode, list[Problem]]:
    """The tree with all overrides applied, and problems of those that cannot be.

    Args:
        tree: a config.
        arguments: `KEY=VALUE` of the command line, or overrides that are written elsewhere.

    A `type` is set before options of the same component, in whichever order they are given, because a new
    `type` removes the options of the old one.
    """
    problems: list[Problem] = []
    parsed: list[Override] = []
    for argument in arguments:
        if isinstance(argument, Override):
            parsed.append(argument)
            continue
        try:
            override, found = _parse(argument)
        except Refused as refused:
            problems += refused.args
        else:
            parsed.append(override)
            problems += found
    for override in sorted(parsed, key=lambda override: not override.sets_type):
        try:
            changed = _put(tree, override.keys, override.value)
        except Refused as refused:
            problems += refused.args
        else:
            tree = changed if isinstance(changed, MappingNode) else tree
    return tree, problems


def _parse(argument: str) -> tuple[Override, list[Problem]]:
    source = Source(FLAG + argument, FLAG + argument, current_folder(), is_file=False)
    path, equals, _ = argument.partition("=")
    start = Mark(source, len(FLAG))
    if not equals or not all(path.split(".")):
        raise Refused(Problem("C011", start, "", "is not KEY=VALUE", expected="a.b=value or a.0.b=value"))
    keys = keys_at(path, start)
    value, problems = parse(source, len(FLAG) + len(path) + 1)
    return Override(keys, value), problems


def keys_at(path: str, mark: Mark) -> tuple[tuple[str, Mark], ...]:
    """The keys of a dotted path that is written at a position.

    Raises:
        Refused: it is not the path of a value that can be replaced.
    """
    if not all(path.split(".")):
        raise Refused(Problem("C011", mark, "", "is not the path of a value", expected="a.b or a.0.b"))
    if path.count(".") + 1 >= MAX_DEPTH:
        raise Refused(Problem("C008", mark, "", TOO_DEEP))
    if path.split(".")[0] == "extends":
        raise Refused(Problem("C011", mark, "extends", "is read before --set; edit the file"))
    keys, at = [], mark.index
    for key in path.split("."):
        keys.append((key, Mark(mark.source, at)))
        at += len(key) + 1
    return tuple(keys)


def _put(node: Node | None, keys: tuple[tuple[str, Mark], ...], value: Node, path: str = "") -> Node:
    if not keys:
        return value
    (key, mark), rest = keys[0], keys[1:]
    here = f"{path}.{key}" if path else key
    if isinstance(node, SequenceNode):
        if not key.isdecimal() or int(key) >= len(node.items):
            last = len(node.items) - 1
            expected = (
                "a value for the whole list, which is empty" if last < 0 else f"an index from 0 to {last}"
            )
            what = f"{path} is a list and has no item {key}"
            raise Refused(Problem("C011", mark, here, what, expected=expected))
        items = list(node.items)
        items[int(key)] = _put(items[int(key)], rest, value, here)
        return SequenceNode(node.mark, tuple(items))
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        # A string is a component with default options.
        node = MappingNode(node.mark, {"type": Entry(node.mark, node)})
    if node is None or (isinstance(node, ScalarNode) and node.value is None):
        node = MappingNode(mark, {})
    if isinstance(node, ScalarNode):
        what = f"{path} is the value {node.text} and has no keys"
        raise Refused(Problem("C011", mark, here, what, expected="a key of a mapping"))
    inner = _put(node.value(key), rest, value, here)
    if key == "type" and path and component_type(node) not in (None, component_type(inner)):
        return MappingNode(mark, {key: Entry(mark, inner)})
    return MappingNode(node.mark, {**node.entries, key: Entry(mark, inner)})
