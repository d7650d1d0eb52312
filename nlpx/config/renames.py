"""Old names in configs: they keep working, and `nlpx check` reports the new names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nlpx.config.machine import components
from nlpx.config.nodes import Entry, MappingNode, Node, Path, ScalarNode, child, descend, dotted, without
from nlpx.config.source import Mark, Source
from nlpx.core.component import Component, Registry, UnknownComponent
from nlpx.specs.experiment import Experiment

DEFAULT = "default"
"""The place of a value that is not written."""


@dataclass(frozen=True)
class Note:
    """A note about an old name that still works.

    Attributes:
        mark: its position; that of the value of a key.
        text: the note with the new name.
        old, new: the names, or the dotted keys.
        is_key: whether a key was renamed.
    """

    mark: Mark
    text: str
    old: str
    new: str
    is_key: bool = False

    def __str__(self) -> str:
        return f"{self.mark}: note: {self.text}"


def renew(tree: MappingNode, registry: Registry) -> tuple[MappingNode, list[Note]]:
    """The config with old names of the task and of keys replaced, and notes about them.

    If a key is present under both names, both are kept, so that the old one is reported as unknown.
    """
    notes: list[Note] = []
    task = tree.value("task")
    if not isinstance(task, ScalarNode) or not isinstance(task.value, str):
        return tree, notes
    try:
        entry = registry.find("task", task.value)
    except UnknownComponent:
        return tree, notes
    if entry.name != task.value:
        notes.append(_note(task.mark, "task", task.value, entry.name))
        tree = _with(tree, ("task",), replace(task, value=entry.name))
    renamed = entry.component.renamed if issubclass(entry.component, Experiment) else {}
    for old, new in renamed.items():
        source, target = tuple(old.split(".")), tuple(new.split("."))
        node, reached = descend(tree, source)
        if reached != source or descend(tree, target)[1] == target:
            continue
        moved = _moved(_opened(tree, target, entry.component), source, target, node)
        if moved is not None:
            text = f"`{old}` was renamed to `{new}`; the old name still works"
            notes.append(Note(node.mark, text, old, new, is_key=True))
            tree = moved
    return tree, notes


def old_types(experiment: Experiment, tree: MappingNode) -> Iterator[Note]:
    """Notes about components that a config calls by an old name."""
    for path, component in components(experiment):
        node, reached = descend(tree, path)
        written = node if isinstance(node, ScalarNode) else child(node, "type")
        if reached == path and isinstance(written, ScalarNode) and written.value in component.aliases:
            yield _note(written.mark, dotted(path), str(written.value), component.type)


def _note(mark: Mark, path: str, old: str, new: str) -> Note:
    return Note(mark, f"{path}: `{old}` was renamed to `{new}`; the old name still works", old, new)


def _opened(tree: MappingNode, target: Path, task: type[Component]) -> MappingNode:
    """The tree in which the component at the target is a mapping with a `type`."""
    key = str(target[0])
    written = tree.value(key)
    if isinstance(written, ScalarNode) and isinstance(written.value, str):
        return _with(tree, (key, "type"), written)
    default = task.model_fields[key].default
    if written is None and isinstance(default, Component):
        nowhere = Mark(Source(DEFAULT, "", tree.mark.source.folder, is_file=False), 0)
        return _with(tree, (key, "type"), ScalarNode(nowhere, default.type, default.type))
    return tree


def _moved(tree: MappingNode, source: Path, target: Path, node: Node) -> MappingNode | None:
    """The tree with a value moved to another path; None if this is not possible."""
    kept = without(tree, [source])
    if not isinstance(kept, MappingNode):
        return None
    parent, _ = descend(kept, target[:-1])
    return _with(kept, target, node) if isinstance(parent, MappingNode) else None


def _with(tree: MappingNode, path: Path, node: Node) -> MappingNode:
    """The tree with a value at a path of keys."""
    key, rest = str(path[0]), path[1:]
    entry = tree.entries.get(key)
    if rest:
        below = entry.value if entry is not None and isinstance(entry.value, MappingNode) else None
        node = _with(below or MappingNode(node.mark, {}), rest, node)
    mark = node.mark if entry is None else entry.mark
    return replace(tree, entries={**tree.entries, key: Entry(mark, node)})
