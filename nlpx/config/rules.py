"""Rules: what the parts of a config demand of one another.

A rule is a function that looks at an experiment and tells what does not fit. It is listed with the parts it
reads, so that it keeps silent where one of them is already reported as wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nlpx.config.nodes import MappingNode, Path, descend, dotted, key_mark
from nlpx.config.plugin_faults import reporting_faults
from nlpx.config.problems import Problem, Report
from nlpx.core.component import Registry
from nlpx.specs.experiment import Experiment


@dataclass(frozen=True)
class Finding:
    """What a rule found.

    Attributes:
        code, what, got, expected, advice: as in a Problem.
        paths: the values at fault; the first that is written in the file is pointed at.
    """

    code: str
    paths: tuple[Path, ...]
    what: str
    got: str = ""
    expected: str = ""
    advice: str = ""


Rule = Callable[[Experiment, Registry], Iterator[Finding]]
Rules = Sequence[tuple[Rule, tuple[str, ...]]]
"""Rules, each with the parts it reads."""


def apply_rules(
    rules: Rules,
    experiment: Experiment,
    left_out: frozenset[Path],
    tree: MappingNode,
    registry: Registry,
    report: Report,
) -> None:
    """Report what the rules find, except those that read something that was left out of the experiment."""
    read = {part.partition(".")[0] for _, reads in rules for part in reads}
    # There may be very many unknown keys, which no rule reads.
    left = [path for path in left_out if path[0] in read]
    for rule, reads in rules:
        if any(_touches(tuple(part.split(".")), path) for part in reads for path in left):
            continue
        findings: list[Finding] = []
        with reporting_faults(tree, report):
            findings.extend(rule(experiment, registry))
        for finding in findings:
            path = _written(tree, finding.paths)
            mark = key_mark(tree, path)
            report.add(
                Problem(
                    finding.code,
                    mark,
                    dotted(path),
                    finding.what,
                    finding.got,
                    finding.expected,
                    finding.advice,
                )
            )


def _touches(part: tuple[str, ...], path: Path) -> bool:
    return all(str(key) == name for key, name in zip(path, part, strict=False))


def _written(tree: MappingNode, paths: Sequence[Path]) -> Path:
    """The first path that the file holds; the first of all where it holds none."""
    return next((path for path in paths if descend(tree, path)[1] == path), paths[0])
