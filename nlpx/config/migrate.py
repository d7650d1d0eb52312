"""Rewrite a config with the present names; comments and layout are kept.

An edit is made in the text where the old name is written. What cannot be edited is listed for the user. The
new text is loaded before it is used: it must describe the same experiment.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from nlpx.config.load import Loaded, load_experiment
from nlpx.config.renames import Note
from nlpx.core.component import Component
from nlpx.errors import ConfigError


@dataclass(frozen=True)
class Migration:
    """The result for a file.

    Attributes:
        text: the new content.
        done: the old names that were replaced.
        elsewhere: old names in files that it extends.
        by_hand: old names that must be edited by hand.
    """

    path: Path
    before: str
    text: str
    done: list[Note]
    elsewhere: list[Note]
    by_hand: list[Note]


class _ByHand(Exception):
    """A note whose edit is not known."""


def migrate(path: Path, includes: Sequence[Path] = ()) -> Migration:
    """Replace the old names of a config; the file is not written.

    Raises:
        ConfigError: it is not valid.
    """
    loaded = load_experiment(path, (), includes, moved=True)
    text, done, by_hand = loaded.text, list[Note](), list[Note]()
    own = [note for note in loaded.renames if note.mark.source.name == str(path)]
    # From the last to the first, so that the positions of the others stay valid; then keys, which move.
    for note in sorted(own, key=lambda note: (note.is_key, -note.mark.index)):
        try:
            edited = _moved(text, note, loaded) if note.is_key else _renamed(text, note)
            if "\n" in text and text.count("\r\n") == text.count("\n"):
                edited = re.sub(r"(?<!\r)\n", "\r\n", edited)
            if not _equal(edited, loaded, includes):
                raise _ByHand
        except _ByHand:
            by_hand.append(note)
        else:
            text = edited
            done.append(note)
    elsewhere = [note for note in loaded.renames if note not in own]
    return Migration(path, loaded.text, text, done, elsewhere, by_hand)


def _renamed(text: str, note: Note) -> str:
    """The text with another name at the position of a note, which may be quoted."""
    start = note.mark.index + (text[note.mark.index] in "'\"")
    if not text.startswith(note.old, start):
        raise _ByHand
    return text[:start] + note.new + text[start + len(note.old) :]


def _moved(text: str, note: Note, loaded: Loaded) -> str:
    """The text with a value at another key."""
    *old_parents, old_key = note.old.split(".")
    *parents, key = note.new.split(".")
    root = _mapping(yaml.compose(text, yaml.SafeLoader))
    source = _entry(_at(root, old_parents), old_key)
    if source is None:
        raise _ByHand
    name, value = source
    if old_parents == parents:
        return text[: name.start_mark.index] + key + text[name.end_mark.index :]
    written = f"{key}: {text[value.start_mark.index : value.end_mark.index].strip()}"
    if "\n" in written or len(parents) != 1:
        raise _ByHand
    cut = _cut(text, root, old_parents, old_key)
    return _inserted(text, cut, root, parents[0], written, loaded)


def _inserted(
    text: str, cut: slice, root: yaml.MappingNode, parent: str, written: str, loaded: Loaded
) -> str:
    """The text without a part, and with an entry in a section."""
    target = _entry(root, parent)
    if target is None:
        default = loaded.experiment.__class__.model_fields[parent].default
        head = f"type: {default.type}, " if isinstance(default, Component) else ""
        return f"{(text[: cut.start] + text[cut.stop :]).rstrip()}\n{parent}: {{{head}{written}}}\n"
    node = target[1]
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.ScalarNode):
        edits = [(start, end, f"{{type: {text[start:end]}, {written}}}")]
    elif isinstance(node, yaml.MappingNode) and node.flow_style:
        edits = [(start + 1, start + 1, f"{written}, " if node.value else written)]
    elif isinstance(node, yaml.MappingNode):
        edits = [(start, start, f"{written}\n{' ' * node.start_mark.column}")]
    else:
        raise _ByHand
    for first, last, new in sorted([*edits, (cut.start, cut.stop, "")], reverse=True):
        text = text[:first] + new + text[last:]
    return text


def _cut(text: str, root: yaml.MappingNode, parents: Sequence[str], key: str) -> slice:
    """The part of a text with an entry, or with its section if that has no other; without its comment."""
    parent = _at(root, parents)
    found = _entry(parent, key)
    if found is None:
        raise _ByHand
    if len(parent.value) == 1 and parents:
        return _cut(text, root, parents[:-1], parents[-1])
    start, end = found[0].start_mark.index, found[1].end_mark.index
    if parent.flow_style:
        after = re.compile(r"\s*,[ \t]*").match(text, end)
        if after:
            return slice(start, after.end())
        before = re.search(r",\s*$", text[:start])
        return slice(before.start() if before else start, end)
    end -= text[end - 1] == "\n"
    last = text.find("\n", end)
    comment = text.find("#", end, None if last < 0 else last)
    if comment >= 0:
        return slice(start, comment)
    return slice(text.rfind("\n", 0, start) + 1, len(text) if last < 0 else last + 1)


def _mapping(node: yaml.Node | None) -> yaml.MappingNode:
    if not isinstance(node, yaml.MappingNode):
        raise _ByHand
    return node


def _at(root: yaml.MappingNode, keys: Sequence[str]) -> yaml.MappingNode:
    for key in keys:
        found = _entry(root, key)
        root = _mapping(None if found is None else found[1])
    return root


def _entry(mapping: yaml.MappingNode, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    return next(((name, value) for name, value in mapping.value if name.value == key), None)


def _equal(text: str, loaded: Loaded, includes: Sequence[Path]) -> bool:
    """Whether a text in the place of a config describes the same experiment."""
    try:
        changed = load_experiment(loaded.path, (), includes, moved=True, text=text)
        return changed.experiment == loaded.experiment
    except ConfigError:
        return False
