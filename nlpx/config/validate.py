"""Validate a tree as an Experiment, and report all invalid values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from pydantic import ValidationError

from nlpx.config.explain import WANTED, Error, describe, explain_errors
from nlpx.config.nodes import (
    MappingNode,
    Node,
    Path,
    ScalarNode,
    child,
    descend,
    dotted,
    key_mark,
    without,
)
from nlpx.config.plugin_faults import reporting_faults
from nlpx.config.problems import Problem, Report
from nlpx.config.shape import places_of_keys, section_at
from nlpx.core.component import Registry, Section, UnknownComponent
from nlpx.core.suggest import did_you_mean, one_of
from nlpx.specs.annotations import keys_of
from nlpx.specs.experiment import Experiment

FILE_KEYS = ("format", "extends", "include", "vars")
"""Keys of a file that do not belong to the experiment."""

SectionT = TypeVar("SectionT", bound=Section)

MOST_KEYS = 30
"""Maximum number of keys that a message lists."""

ROUNDS = 5
"""Maximum number of rounds of removing invalid values; a missing required key removes its component."""


@dataclass(frozen=True)
class Validated:
    """An experiment, and the paths of invalid values that were removed to create it."""

    experiment: Experiment
    left_out: frozenset[Path]


def validate(tree: MappingNode, registry: Registry, report: Report) -> Validated | None:
    """The experiment described by a tree; None if that fails."""
    spec = _task(tree, registry, report)
    if spec is None:
        return None
    if "type" in tree.entries:
        report.add(
            Problem("C101", tree.entries["type"].mark, "type", "unknown key", advice="`task` names the task")
        )
        tree = tree.without("type")
    found = validate_as(spec, tree, registry, report, FILE_KEYS)
    return None if found is None else Validated(*found)


def validate_as(
    spec: type[SectionT],
    tree: MappingNode,
    registry: Registry,
    report: Report,
    more: Sequence[str] = (),
) -> tuple[SectionT, frozenset[Path]] | None:
    """The section described by a tree, and the paths of invalid values that were removed.

    Invalid values are reported and removed, so that the rest can be checked as well; None if that fails.

    Args:
        more: further keys that the file may have.
    """
    explainer = _Explainer(spec, tree, registry, more)
    remaining: Node = tree
    left_out: set[Path] = set()
    for _ in range(ROUNDS):
        faults: list[_Fault] = []
        with reporting_faults(tree, report):
            try:
                return spec.model_validate(remaining.plain(), context=registry), frozenset(left_out)
            except ValidationError as error:
                faults = list(_faults(_errors(error), remaining))
        if not faults:
            return None
        if not left_out:
            # Errors in later rounds are caused by the removal of values, not by the file.
            for index, fault in enumerate(faults):
                if report.full:
                    # The text of a problem with the closest name takes far longer than finding it.
                    report.more += len(faults) - index
                    break
                problem = explainer.problem(fault)
                if problem.mark not in report.marks:
                    report.add(problem)
        paths = {fault.path for fault in faults}
        if () in paths:
            return None
        left_out |= paths
        remaining = without(remaining, paths)
    return None


@dataclass
class _Fault:
    """The pydantic errors of one value; there may be several if the value has several allowed types."""

    path: Path
    """The part of pydantic's location that exists in the tree."""
    rest: tuple[str | int, ...]
    """The remaining part: a missing or unknown key."""
    errors: list[Error] = field(default_factory=list)


def _errors(error: ValidationError) -> list[Error]:
    return [
        {"type": item["type"], "loc": item["loc"], "msg": item["msg"], "ctx": item.get("ctx", {})}
        for item in error.errors(include_url=False, include_input=False)
    ]


def _faults(errors: Iterable[Error], tree: Node) -> Iterator[_Fault]:
    """One fault per invalid value; for a union, only those of the alternatives that match best."""
    by_union: defaultdict[Path, dict[tuple[Path, Path], _Fault]] = defaultdict(dict)
    for error in errors:
        path, rest, union = _locate(error, tree)
        alternatives = by_union[path if union is None else union]
        alternatives.setdefault((path, rest), _Fault(path, rest)).errors.append(error)
    for union, faults in by_union.items():
        deeper = [fault for fault in faults.values() if (*fault.path, *fault.rest) != union]
        yield from deeper or faults.values()


def _locate(error: Error, tree: Node) -> tuple[Path, tuple[str | int, ...], Path | None]:
    """The existing path of an error, the key that does not exist, and the path of the union."""
    path: list[str | int] = []
    union: Path | None = None
    node = tree
    location = error["loc"]
    for at, key in enumerate(location):
        below = child(node, key)
        if below is not None:
            path.append(key)
            node = below
        elif at == len(location) - 1 and error["type"] in ("missing", "extra_forbidden"):
            return tuple(path), (key,), union
        elif isinstance(node, ScalarNode) and key == "type":
            break
        elif union is None:
            # pydantic names the alternative of a union here.
            union = tuple(path)
    return tuple(path), (), union


class _Explainer:
    def __init__(
        self, spec: type[Section], tree: MappingNode, registry: Registry, more: Sequence[str]
    ) -> None:
        self._spec, self._tree, self._registry, self._more = spec, tree, registry, more

    @cached_property
    def _places(self) -> dict[str, list[str]]:
        return places_of_keys(self._spec, self._tree, self._registry)

    def problem(self, fault: _Fault) -> Problem:
        kind = fault.errors[0]["type"]
        if kind == "extra_forbidden":
            return self._unknown_key(fault.path)
        if kind == "missing":
            return self._missing_key(fault.path, str(fault.rest[0]))
        node = descend(self._tree, fault.path)[0]
        if kind == "component_type":
            return self._missing_type(fault, node)
        return Problem(
            mark=node.mark, path=dotted(fault.path), **explain_errors(_nearly_right(fault.errors), node)
        )

    def _unknown_key(self, path: Path) -> Problem:
        section = section_at(self._spec, self._tree, path[:-1], self._registry)
        known = [] if section is None else list(keys_of(section))
        if len(path) == 1:
            known += self._more
        key = str(path[-1])
        if key.partition(":")[0] in known:
            advice = "put a blank after the colon"
        elif not (advice := did_you_mean(key, known)):
            places = self._places.get(key)
            advice = f"`{key}` is a key of {one_of(places, 4)}" if places else ""
        mark = key_mark(self._tree, path)
        return Problem(
            "C101", mark, dotted(path), "unknown key", "", one_of(known, MOST_KEYS) if known else "", advice
        )

    def _missing_key(self, path: Path, key: str) -> Problem:
        node = descend(self._tree, path)[0]
        mark = node.mark if isinstance(node, ScalarNode) else key_mark(self._tree, path)
        what = "the key is missing"
        if isinstance(node, ScalarNode):
            what = f"{node.value} has no default for this"
            return Problem(
                "C102", mark, dotted((*path, key)), what, "", f"{{type: {node.value}, {key}: ...}}"
            )
        return Problem("C102", mark, dotted((*path, key)), what)

    def _missing_type(self, fault: _Fault, node: Node) -> Problem:
        kind = str(fault.errors[0]["ctx"]["kind"])
        names = self._registry.names(kind)
        value = child(node, "type")
        if value is not None:
            path = (*fault.path, "type")
            return Problem("C103", value.mark, dotted(path), "wrong type", describe(value), one_of(names))
        keys = list(node.entries) if isinstance(node, MappingNode) else []
        misspelt = next((key for key in keys if did_you_mean(key, ["type"])), None)
        advice = f"`{misspelt}`: did you mean type?" if misspelt else ""
        return Problem(
            "C102", node.mark, dotted(fault.path), f"this {kind} has no `type`", "", one_of(names), advice
        )


def _task(tree: MappingNode, registry: Registry, report: Report) -> type[Experiment] | None:
    """The class of the task named by `task:`."""
    node = tree.value("task")
    name = node.value if isinstance(node, ScalarNode) else None
    if node is None or not isinstance(name, str):
        _no_task(tree, node, registry.names("task"), report)
        return None
    try:
        spec = registry.find("task", name).component
    except UnknownComponent as error:
        if node.mark not in report.marks:
            what, near = f"there is no task called {name}", did_you_mean(name, error.names)
            report.add(Problem("C106", node.mark, "task", what, "", one_of(error.names), near))
        return None
    if not issubclass(spec, Experiment):
        what = f"the task {name} is not a subclass of nlpx.specs.experiment.Experiment"
        report.add(Problem("C109", node.mark, "task", what))
        return None
    return spec


def _no_task(tree: MappingNode, node: Node | None, names: Sequence[str], report: Report) -> None:
    if node is None:
        key = next((key for key in tree.entries if did_you_mean(key, ["task"]) or key == "type"), None)
        mark = tree.mark if key is None else tree.entries[key].mark
        advice = "" if key is None else f"`{key}`: did you mean task?"
        if "space" in tree.entries:
            advice = f"this is a sweep; run it with: nlpx sweep {tree.mark.source.name}"
        report.add(Problem("C102", mark, "task", "the key is missing", "", one_of(names), advice))
    elif node.mark not in report.marks:
        report.add(Problem("C103", node.mark, "task", "wrong type", describe(node), one_of(names)))


def _nearly_right(errors: Sequence[Error]) -> Sequence[Error]:
    """The errors of the alternatives of a union that have the type of the value, if any."""
    return [
        error for error in errors if error["type"] not in WANTED and error["type"] != "literal_error"
    ] or errors
