"""Read the resolved config of a run, which may be untrusted.

nlpx writes it without `extends`, `include` and `${env:...}`, so these are rejected.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from pathlib import Path

from nlpx.config.files import read_source, unreadable
from nlpx.config.interpolate import REFERENCE
from nlpx.config.merge import items_of
from nlpx.config.nodes import MappingNode, Node, ScalarNode, SequenceNode
from nlpx.config.parse import parse
from nlpx.config.problems import Problem, Refused
from nlpx.config.source import Source, absolute
from nlpx.core.files import Unreadable

TRUST = "if you trust the file, use --include {}"


def read_run_tree(path: Path, includes: Sequence[Path]) -> tuple[Source, MappingNode]:
    """The source and the tree of a file.

    Args:
        path: the file.
        includes: plugin files given by the caller; the config may name the same ones.

    Raises:
        Refused: it is not the config of a run, or something in it would read or execute other files.
    """
    try:
        source = read_source(path)
    except (FileNotFoundError, Unreadable) as error:
        raise Refused(unreadable(path, error)) from None
    tree, problems = parse(source)
    if not isinstance(tree, MappingNode):
        raise Refused(*problems, Problem("C003", tree.mark, "", "this is not a config", expected="a mapping"))
    problems += _references(tree, {absolute(Path(), str(include)) for include in includes})
    if problems:
        raise Refused(*problems)
    return source, tree


def _references(tree: MappingNode, included: Container[Path]) -> Iterator[Problem]:
    """Keys and values that refer to something outside of the file."""
    if tree.value("extends") is not None:
        what = "the config of a run is complete and extends no other file"
        yield Problem("C009", tree.entries["extends"].mark, "extends", what, advice="remove this key")
    value = tree.value("include")
    for item in () if value is None else items_of(value):
        path = absolute(item.mark.source.folder, item.text) if isinstance(item, ScalarNode) else None
        if path not in included:
            what = "is not executed, because it is only named in a run"
            advice = "remove this key" if path is None else TRUST.format(path)
            yield Problem("C012", item.mark, "include", what, str(path or ""), advice=advice)
    for node in _scalars(tree):
        if any((found[1] or "").startswith("env:") for found in REFERENCE.finditer(node.text)):
            what = "the config of a run does not depend on the environment"
            yield Problem("C010", node.mark, "", what, advice="write the value itself")


def _scalars(root: Node) -> Iterator[ScalarNode]:
    nodes: list[Node] = [root]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ScalarNode):
            yield node
        elif isinstance(node, SequenceNode):
            nodes.extend(node.items)
        else:
            nodes.extend(entry.value for entry in node.entries.values())
