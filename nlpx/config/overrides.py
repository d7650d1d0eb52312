"""`--set a.b.0.c=value`: replace a value of the config by another one, written as YAML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlpx.config.merge import component_type
from nlpx.config.nodes import MAX_DEPTH, TOO_DEEP, Entry, MappingNode, Node, ScalarNode, SequenceNode
from nlpx.config.parse import parse
from nlpx.config.problems import Problem, Report
from nlpx.config.source import Mark, Source
from nlpx.core.files import current_folder

FLAG = "--set "


@dataclass(frozen=True)
class _Override:
    keys: tuple[tuple[str, Mark], ...]
    value: Node

    @property
    def sets_type(self) -> bool:
        return len(self.keys) > 1 and self.keys[-1][0] == "type"


def apply_overrides(tree: MappingNode, arguments: Sequence[str], report: Report) -> MappingNode:
    """The tree with all overrides applied.

    A `type` is set before options of the same component, in whichever order they are given, because a new
    `type` removes the options of the old one.
    """
    parsed = [override for override in (_parse(argument, report) for argument in arguments) if override]
    for override in sorted(parsed, key=lambda override: not override.sets_type):
        try:
            changed = _put(tree, override.keys, override.value)
        except _Unreachable as error:
            report.add(error.problem)
        else:
            tree = changed if isinstance(changed, MappingNode) else tree
    return tree


class _Unreachable(Exception):
    def __init__(self, mark: Mark, path: str, what: str, expected: str) -> None:
        super().__init__(what)
        self.problem = Problem("C011", mark, path, what, expected=expected)


def _parse(argument: str, report: Report) -> _Override | None:
    source = Source(FLAG + argument, FLAG + argument, current_folder(), is_file=False)
    path, equals, _ = argument.partition("=")
    start = len(FLAG)
    if not equals or not all(path.split(".")):
        report.add(
            Problem("C011", Mark(source, start), "", "is not KEY=VALUE", expected="a.b=value or a.0.b=value")
        )
        return None
    if path.count(".") + 1 >= MAX_DEPTH:
        report.add(Problem("C008", Mark(source, start), "", TOO_DEEP))
        return None
    if path.split(".")[0] == "extends":
        report.add(Problem("C011", Mark(source, start), "extends", "is read before --set; edit the file"))
        return None
    keys = []
    at = start
    for key in path.split("."):
        keys.append((key, Mark(source, at)))
        at += len(key) + 1
    value = parse(source, report, at)
    return None if value is None else _Override(tuple(keys), value)


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
            raise _Unreachable(mark, here, f"{path} is a list and has no item {key}", expected)
        items = list(node.items)
        items[int(key)] = _put(items[int(key)], rest, value, here)
        return SequenceNode(node.mark, tuple(items))
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        # A string is a component with default options.
        node = MappingNode(node.mark, {"type": Entry(node.mark, node)})
    if node is None or (isinstance(node, ScalarNode) and node.value is None):
        node = MappingNode(mark, {})
    if isinstance(node, ScalarNode):
        raise _Unreachable(
            mark, here, f"{path} is the value {node.text} and has no keys", "a key of a mapping"
        )
    inner = _put(node.value(key), rest, value, here)
    if key == "type" and path and component_type(node) not in (None, component_type(inner)):
        return MappingNode(mark, {key: Entry(mark, inner)})
    return MappingNode(node.mark, {**node.entries, key: Entry(mark, inner)})
