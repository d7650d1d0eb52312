"""Where the values of a config come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nlpx.config.load import Loaded
from nlpx.config.nodes import Node, ScalarNode, child, dotted
from nlpx.config.renames import DEFAULT
from nlpx.config.source import Mark


@dataclass(frozen=True)
class Origin:
    """A value of a config.

    Attributes:
        key: dotted.
        value: as JSON.
        where: `FILE:LINE`, `--set KEY=VALUE`, or `default`.
    """

    key: str
    value: object
    where: str


def origins(loaded: Loaded) -> list[Origin]:
    """All values of a config in the order of its sections."""
    return list(_leaves(loaded.experiment.model_dump(mode="json", by_alias=True), loaded.tree, ()))


def _leaves(value: object, node: Node | None, path: tuple[str | int, ...]) -> Iterator[Origin]:
    items: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, inner in items:
        below = None if node is None else child(node, key)
        if key == "type" and isinstance(node, ScalarNode):
            below = node  # a component that is written as its name
        yield from _leaves(inner, below, (*path, key))
    if not items:
        yield Origin(dotted(path), value, DEFAULT if node is None else _where(node.mark))


def _where(mark: Mark) -> str:
    return f"{mark.source.name}:{mark.line}" if mark.source.is_file else mark.source.name
