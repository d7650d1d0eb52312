"""Rules that check whether the parts of a config fit together.

A rule is a function that checks an experiment and yields findings. It is listed with the parts it reads, so
that it is skipped if one of them already has a problem.
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
    """The finding of a rule.

    Attributes:
        code, what, got, expected, advice: as in a Problem.
        paths: the values that cause it; the problem is located at the first one that exists in the file.
    """

    code: str
    paths: tuple[Path, ...]
    what: str
    got: str = ""
    expected: str = ""
    advice: str = ""


Rule = Callable[[Experiment, Registry], Iterator[Finding]]
Rules = Sequence[tuple[Rule, tuple[str, ...]]]
"""Rules with the parts they read."""


def apply_rules(
    rules: Rules,
    experiment: Experiment,
    left_out: frozenset[Path],
    tree: MappingNode,
    registry: Registry,
    report: Report,
) -> None:
    """Report the findings of the rules, except those that read a value that was removed as invalid."""
    read = {part.partition(".")[0] for _, reads in rules for part in reads}
    # There may be many unknown keys, which no rule reads.
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
    """The first path that exists in the file, or the first one."""
    return next((path for path in paths if descend(tree, path)[1] == path), paths[0])
