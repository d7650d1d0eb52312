"""The two interpolations `${vars.x}` and `${env:X}`.

A value that consists of a reference takes the type of its target; in a longer string, the text of the target
is inserted. `$${` is a literal `${`. `${env:X:-value}` uses `value` if the variable is not set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from nlpx.config.nodes import (
    Entry,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    child,
    dotted,
    excess,
)
from nlpx.config.problems import MOST_LISTED, Problem
from nlpx.config.scalars import resolve
from nlpx.config.source import Mark
from nlpx.core.suggest import did_you_mean, listed

REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
FORMS = "${vars.NAME} or ${env:NAME}"
LONGEST_TEXT = 1 << 20
"""Maximum number of characters that references insert into all strings of a config."""
LONGEST_CHAIN = 8
"""Maximum length of a chain of variables that refer to one another."""


class Interpolated(NamedTuple):
    """A tree without references.

    Attributes:
        tree: without `vars`; invalid references are kept.
        problems: of the references.
        wrong: positions of values that are wrong or that refer to one that is.
    """

    tree: MappingNode
    problems: list[Problem]
    wrong: set[Mark]


def interpolate(
    tree: MappingNode, environment: Mapping[str, str], wrong: Iterable[Mark] = ()
) -> Interpolated:
    """Replace the references of a tree.

    Args:
        tree: a config.
        environment: the environment variables.
        wrong: positions of values with problems, which are not reported again where they are used.
    """
    problems: list[Problem] = []
    variables = tree.value("vars")
    if variables is not None and not isinstance(variables, MappingNode):
        expected = "a mapping of names to values"
        problems.append(Problem("C103", variables.mark, "vars", "wrong type", expected=expected))
        variables = None
    resolver = _Resolver(variables, environment, problems, set(wrong))
    resolved = resolver.node(tree.without("vars"), ())
    if what := excess(resolved):
        problems.append(Problem("C008", tree.mark, "vars", f"with its references replaced, {what}"))
        resolved = MappingNode(tree.mark, {})
    return Interpolated(resolved if isinstance(resolved, MappingNode) else tree, problems, resolver.wrong)


def escape(text: str) -> str:
    """Escape a text, so that it has no references when it is read again."""
    return text.replace("${", "$${")


class _Wrong(Exception):
    """An invalid reference; the message is empty if it has already been reported."""

    def __init__(self, what: str, expected: str = "", advice: str = "") -> None:
        super().__init__(what)
        self.expected, self.advice = expected, advice


class _Resolver:
    def __init__(
        self,
        variables: MappingNode | None,
        environment: Mapping[str, str],
        problems: list[Problem],
        wrong: set[Mark],
    ) -> None:
        self._variables, self._environment = variables, environment
        self.problems, self.wrong = problems, wrong
        self._known: dict[str, Node] = {}
        self._open: list[str] = []
        self._inserted = 0

    def node(self, node: Node, path: tuple[str | int, ...]) -> Node:
        if isinstance(node, MappingNode):
            entries = {
                key: Entry(entry.mark, self.node(entry.value, (*path, key)))
                for key, entry in node.entries.items()
            }
            return MappingNode(node.mark, entries)
        if isinstance(node, SequenceNode):
            return SequenceNode(
                node.mark, tuple(self.node(item, (*path, i)) for i, item in enumerate(node.items))
            )
        if not isinstance(node.value, str) or "${" not in node.value:
            return node
        try:
            return self._scalar(node, node.value)
        except _Wrong as error:
            what = str(error)
            if what:
                problem = Problem("C010", node.mark, dotted(path), what, "", error.expected, error.advice)
                self.problems.append(problem)
            self.wrong.add(node.mark)
            return node

    def _scalar(self, node: ScalarNode, text: str) -> Node:
        whole = REFERENCE.fullmatch(text)
        if whole is not None and whole[1] is not None:
            return replace(self._lookup(whole[1], node.mark), mark=node.mark)
        value = REFERENCE.sub(lambda match: self._embedded(match, node.mark), text)
        return ScalarNode(node.mark, value, value)

    def _embedded(self, match: re.Match[str], mark: Mark) -> str:
        if match[0] == "$${":
            return "${"
        if match[1] is None:
            raise _Wrong("${ is not closed", expected=FORMS, advice="write $${ for a literal ${")
        value = self._lookup(match[1], mark)
        if not isinstance(value, ScalarNode):
            raise _Wrong(f"{match[0]} is a list or a mapping and cannot be inserted into a string")
        if self._inserted > LONGEST_TEXT:
            raise _Wrong("")
        self._inserted += len(value.text)
        if self._inserted > LONGEST_TEXT:
            raise _Wrong(f"references insert more than {LONGEST_TEXT:,} characters into strings")
        return value.text

    def _lookup(self, reference: str, mark: Mark) -> Node:
        """The node that a reference, the text between `${` and `}`, refers to; cached."""
        if reference not in self._known:
            self._known[reference] = self._named(reference, mark)
        return self._known[reference]

    def _named(self, reference: str, mark: Mark) -> Node:
        if reference.startswith("env:"):
            name, separator, fallback = reference.removeprefix("env:").partition(":-")
            if name in self._environment or separator:
                text = self._environment.get(name, fallback)
                return ScalarNode(mark, resolve(text), text)
            raise _Wrong(
                f"the environment variable {name} is not set",
                advice=f"set it, or give a default: ${{env:{name}:-value}}",
            )
        if reference.startswith("vars."):
            return self._variable(reference.removeprefix("vars."))
        names = () if self._variables is None else self._variables.entries
        advice = (
            f"did you mean ${{vars.{reference}}}?" if reference in names else "write $${ for a literal ${"
        )
        raise _Wrong(f"${{{reference}}} is not a reference", expected=FORMS, advice=advice)

    def _variable(self, name: str) -> Node:
        if name in self._open:
            raise _Wrong(f"vars are circular: {' -> '.join([*self._open, name])}")
        if len(self._open) >= LONGEST_CHAIN:
            raise _Wrong(f"a chain of more than {LONGEST_CHAIN} vars refer to one another")
        node: Node | None = self._variables
        for key in name.split("."):
            node = None if node is None else child(node, key)
        if node is None and len(self.problems) >= MOST_LISTED:
            raise _Wrong(f"there is no vars.{name}")
        if node is None:
            names = [] if self._variables is None else list(self._variables.entries)
            known = f"vars has {listed(names)}" if names else "there are no vars"
            raise _Wrong(f"there is no vars.{name}", advice=did_you_mean(name, names) or known)
        before = len(self.problems)
        self._open.append(name)
        resolved = self.node(node, ("vars", *name.split(".")))
        self._open.pop()
        if len(self.problems) > before or node.mark in self.wrong:
            raise _Wrong("")
        return resolved
