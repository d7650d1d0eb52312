"""Parse YAML text as a tree with positions.

PyYAML scans the text. The interpretation of its events is implemented here: scalars follow YAML 1.2,
duplicate keys and unused features of YAML are rejected.

Plain text is scanned by libyaml, where PyYAML is built with it: a config is read three times as fast.
What it does not read as PyYAML's own scanner does is read by that, and so is text with a problem, because
the messages explain the errors of that scanner.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from nlpx.config.nodes import (
    MAX_DEPTH,
    MAX_NODES,
    TOO_DEEP,
    TOO_MANY,
    Entry,
    MappingNode,
    Node,
    Path,
    ScalarNode,
    SequenceNode,
    dotted,
    excess,
)
from nlpx.config.problems import Problem, Refused
from nlpx.config.scalars import resolve
from nlpx.config.source import Mark, Source
from nlpx.config.syntax import explain
from nlpx.core.suggest import listed

FAST: type | None = getattr(yaml, "CSafeLoader", None)
"""The scanner for plain text."""
NOT_PLAIN = frozenset("\t\ufeff?|>%")
"""Characters where the scanners differ: in what is allowed around them, or in how they are counted."""


def parse(source: Source, start: int = 0) -> tuple[Node, list[Problem]]:
    """The tree of a source from index `start`, and its problems; empty text gives a null scalar.

    Problems of text that is YAML but breaks a rule, such as a duplicate key or a tag, do not keep the rest
    from being read.

    Raises:
        Refused: the text is not YAML, or too large.
    """
    if FAST is not None and NOT_PLAIN.isdisjoint(source.text):
        builder = _Builder(source, start, FAST)
        try:
            tree = builder.tree()
            if not builder.problems:
                return tree, []
        except (Refused, yaml.YAMLError, ValueError, OverflowError):
            pass
    builder = _Builder(source, start, yaml.SafeLoader)
    try:
        return builder.tree(), builder.problems
    except Refused as refused:
        raise Refused(*builder.problems, *refused.args) from None
    except yaml.YAMLError as error:
        raise Refused(*builder.problems, explain(error, source, start)) from None
    except (ValueError, OverflowError):
        # PyYAML does not check the range of \U escapes and version numbers.
        what = "an escape or a directive has a number out of range"
        raise Refused(*builder.problems, Problem("C004", builder.here, "", what)) from None


class _Builder:
    """Builds the document of a source from PyYAML's events."""

    def __init__(self, source: Source, start: int, scanner: type) -> None:
        self._source, self._start, self._scanner = source, start, scanner
        self.problems: list[Problem] = []
        self._events: Iterator[Event] = yaml.parse(source.text[start:], Loader=scanner)
        self._anchors: dict[str, Node] = {}
        self._count = 0
        self.here = Mark(source, start)

    def tree(self) -> Node:
        tree = self._document()
        what = excess(tree)
        if what:
            # A short text may describe a large tree, because aliases count with all their content.
            raise Refused(Problem("C008", Mark(self._source, self._start), "", what))
        return tree

    def _document(self) -> Node:
        tree: Node = ScalarNode(self.here, None, "")
        self._next()
        event = self._next()
        if isinstance(event, DocumentStartEvent):
            tree = self._node(self._next(), ())
            self._next()
            event = self._next()
        if not isinstance(event, StreamEndEvent):
            self._refuse("a second document starts here", "a file has one document; remove the line ---")
        return tree

    def _next(self) -> Event:
        event = next(self._events)
        if event.start_mark is not None:
            self.here = Mark(self._source, self._start + event.start_mark.index)
        return event

    def _node(self, event: Event, path: Path) -> Node:
        mark = self.here
        self._count += 1
        if len(path) > MAX_DEPTH:
            raise Refused(Problem("C008", mark, dotted(path[:2]), TOO_DEEP))
        if self._count > MAX_NODES:
            raise Refused(Problem("C008", mark, dotted(path[:1]), TOO_MANY))
        if isinstance(event, AliasEvent):
            return self._alias(event, mark, path)
        if not isinstance(event, NodeEvent):
            raise Refused(Problem("C004", mark, dotted(path), "a value is missing here"))
        tag = getattr(event, "tag", None)
        if tag is not None:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(f"the tag {shown} is not used in configs", "write the value without it", path)
        node: Node
        if isinstance(event, ScalarEvent):
            node = self._scalar(event, mark)
        elif isinstance(event, SequenceStartEvent):
            node = SequenceNode(mark, tuple(self._items(path)))
        else:
            node = self._mapping(mark, path)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _scalar(self, event: ScalarEvent, mark: Mark) -> ScalarNode:
        if any("\ud800" <= char <= "\udfff" for char in event.value):
            raise Refused(
                Problem("C004", mark, "", "an escape is a lone surrogate; write the character itself")
            )
        plain = not event.style
        if plain and not event.value and self._scanner is FAST:
            raise Refused  # the scanners differ in where nothing is
        return ScalarNode(mark, resolve(event.value) if plain else event.value, event.value)

    def _items(self, path: Path) -> Iterator[Node]:
        index = 0
        while not isinstance(event := self._next(), CollectionEndEvent):
            yield self._node(event, (*path, index))
            index += 1

    def _mapping(self, mark: Mark, path: Path) -> MappingNode:
        entries: dict[str, Entry] = {}
        while not isinstance(event := self._next(), CollectionEndEvent):
            key_mark, key = self.here, self._key(event, path)
            inner = path if key is None else (*path, key)
            value = self._node(self._next(), inner)
            if key is None:
                continue
            if key in entries:
                first = entries[key].mark
                self.problems.append(
                    Problem(
                        "C006",
                        key_mark,
                        dotted(inner),
                        f"duplicate key, first used at {first.line}:{first.column}",
                        advice="remove one of the two",
                    )
                )
                continue
            entries[key] = Entry(key_mark, value)
        return MappingNode(mark, entries)

    def _key(self, event: Event, path: Path) -> str | None:
        """The string of a key; None, with the problem reported, if it is not a string."""
        if not isinstance(event, ScalarEvent):
            self._refuse("a key is not a string", "write keys as plain words", path)
            if not isinstance(event, AliasEvent):
                self._node(event, (*path, "?"))
            return None
        plain = not event.style
        if plain and event.value == "<<":
            self._refuse(
                "merge keys (<<) are not used in configs",
                "use `extends: other.yaml`, or write the keys",
                path,
            )
            return None
        if event.tag is not None:
            self._refuse(f"the tag {event.tag} is not used in configs", "write the key without it", path)
        value = self._scalar(event, self.here).value
        if not isinstance(value, str):
            advice = f'write "{event.value}" in quotes' if event.value else "write a word before the colon"
            self._refuse("a key is not a string", advice, path)
            return None
        return value

    def _alias(self, event: AliasEvent, mark: Mark, path: Path) -> Node:
        if event.anchor not in self._anchors:
            known = listed([f"&{name}" for name in self._anchors]) or "there is none"
            raise Refused(
                Problem(
                    "C004", mark, dotted(path), f"no complete &{event.anchor} occurs above", expected=known
                )
            )
        return replace(self._anchors[event.anchor], mark=mark)

    def _refuse(self, what: str, advice: str, path: Path = ()) -> None:
        self.problems.append(Problem("C007", self.here, dotted(path), what, advice=advice))
