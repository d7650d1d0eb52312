"""`${vars.x}` and `${env:X}`: the only two interpolations.

Alone, a reference takes the type of what it names; inside a text it is put in as it was written. `$${` is a
literal `${`. `${env:X:-value}` falls back to `value` where the variable is not set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

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
from nlpx.config.problems import Problem, Report
from nlpx.config.scalars import resolve
from nlpx.config.source import Mark
from nlpx.core.suggest import did_you_mean, listed

REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
FORMS = "${vars.NAME} or ${env:NAME}"
LONGEST_TEXT = 1 << 20
"""Characters that references may put into texts, in all texts of a config together."""
LONGEST_CHAIN = 8
"""How many variables may refer to one another in a row."""


def interpolate(tree: MappingNode, environment: Mapping[str, str], report: Report) -> MappingNode:
    """The tree without `vars`, its references replaced; a wrong reference is reported and left alone."""
    variables = tree.value("vars")
    if variables is not None and not isinstance(variables, MappingNode):
        report.add(
            Problem("C103", variables.mark, "vars", "wrong type", expected="a mapping of names to values")
        )
        variables = None
    resolver = _Resolver(variables, environment, report)
    resolved = resolver.node(tree.without("vars"), ())
    what = excess(resolved)
    if what:
        report.add(Problem("C008", tree.mark, "vars", f"with its references replaced, {what}"))
        return MappingNode(tree.mark, {})
    return resolved if isinstance(resolved, MappingNode) else tree


def escape(text: str) -> str:
    """The text that stands for itself when it is read again."""
    return text.replace("${", "$${")


class _Wrong(Exception):
    """A reference to nothing; without a message where that is already reported."""

    def __init__(self, what: str, expected: str = "", advice: str = "") -> None:
        super().__init__(what)
        self.expected, self.advice = expected, advice


class _Resolver:
    def __init__(self, variables: MappingNode | None, environment: Mapping[str, str], report: Report) -> None:
        self._variables, self._environment, self._report = variables, environment, report
        self._known: dict[str, Node] = {}
        self._open: list[str] = []
        self._put_in = 0

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
                self._report.add(
                    Problem("C010", node.mark, dotted(path), what, "", error.expected, error.advice)
                )
            self._report.cover(node.mark)
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
            raise _Wrong(f"{match[0]} is a list or a mapping and cannot stand inside a text")
        if self._put_in > LONGEST_TEXT:
            raise _Wrong("")
        self._put_in += len(value.text)
        if self._put_in > LONGEST_TEXT:
            raise _Wrong(f"references put more than {LONGEST_TEXT:,} characters into texts")
        return value.text

    def _lookup(self, reference: str, mark: Mark) -> Node:
        """The node that the text between `${` and `}` names; the same text however often it is named."""
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
                advice=f"set it, or give a fallback: ${{env:{name}:-value}}",
            )
        if reference.startswith("vars."):
            return self._variable(reference.removeprefix("vars."))
        names = () if self._variables is None else self._variables.entries
        advice = (
            f"did you mean ${{vars.{reference}}}?" if reference in names else "write $${ for a literal ${"
        )
        raise _Wrong(f"${{{reference}}} is no reference", expected=FORMS, advice=advice)

    def _variable(self, name: str) -> Node:
        if name in self._open:
            raise _Wrong(f"vars lead in a circle: {' -> '.join([*self._open, name])}")
        if len(self._open) >= LONGEST_CHAIN:
            raise _Wrong(f"more than {LONGEST_CHAIN} vars refer to one another in a row")
        node: Node | None = self._variables
        for key in name.split("."):
            node = None if node is None else child(node, key)
        if node is None and self._report.full:
            raise _Wrong(f"there is no vars.{name}")
        if node is None:
            names = [] if self._variables is None else list(self._variables.entries)
            known = f"vars has {listed(names)}" if names else "there are no vars"
            raise _Wrong(f"there is no vars.{name}", advice=did_you_mean(name, names) or known)
        before = len(self._report)
        self._open.append(name)
        resolved = self.node(node, ("vars", *name.split(".")))
        self._open.pop()
        if len(self._report) > before or self._report.covers(node.mark):
            raise _Wrong("")
        return resolved
