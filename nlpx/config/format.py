"""The version of the names in a config: `format: 1`, which a file may leave out."""

from __future__ import annotations

from collections.abc import Iterator

from nlpx.config.explain import describe
from nlpx.config.nodes import MappingNode, ScalarNode
from nlpx.config.problems import Problem

FORMAT = 1
"""The present version. It is raised when an old name gets another meaning; until then, old names work."""


def wrong_format(tree: MappingNode) -> Iterator[Problem]:
    """The problem of the `format` of a file, if there is one."""
    node = tree.value("format")
    if node is None:
        return
    value = node.value if isinstance(node, ScalarNode) else None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        expected = f"a version from 1 to {FORMAT}"
        yield Problem("C103", node.mark, "format", "wrong type", describe(node), expected)
    elif value > FORMAT:
        what = f"the file has format {value}, and this version of nlpx reads up to {FORMAT}"
        yield Problem("C014", node.mark, "format", what, advice="install a newer version of nlpx")
