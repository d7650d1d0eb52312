"""Load an Experiment from a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlpx.config.data_rules import DATA_RULES
from nlpx.config.files import read_tree
from nlpx.config.interpolate import interpolate
from nlpx.config.machine import MACHINE_RULES, rules_of_overrides
from nlpx.config.merge import items_of
from nlpx.config.need_rules import NEED_RULES
from nlpx.config.nodes import MappingNode, ScalarNode
from nlpx.config.overrides import Override, apply_overrides
from nlpx.config.part_rules import MONITOR_RULES, PART_RULES
from nlpx.config.paths import resolve_paths
from nlpx.config.problems import Problem, Refused, Report
from nlpx.config.renames import Note, old_types, renew
from nlpx.config.rules import apply_rules
from nlpx.config.run_file import read_run_tree
from nlpx.config.run_names import RUNS
from nlpx.config.source import Source, absolute
from nlpx.config.train_rules import TRAIN_RULES
from nlpx.config.trick_rules import TRICK_RULES
from nlpx.config.validate import FILE_KEYS, validate
from nlpx.core.component import Registry
from nlpx.core.registry import load_registry
from nlpx.errors import ConfigError
from nlpx.specs.experiment import Experiment


@dataclass(frozen=True)
class Loaded:
    """A valid config.

    Attributes:
        experiment: all options with defaults filled in and absolute local paths.
        registry: the components used for the check.
        path: path of the file.
        text: content of the file.
        includes: plugin files of the config and of the caller.
        renames: notes about old names that still work.
        tree: the values that are written, with their positions.
    """

    experiment: Experiment
    registry: Registry
    path: Path
    text: str
    includes: tuple[Path, ...]
    renames: tuple[Note, ...]
    tree: MappingNode

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes as text."""
        return tuple(map(str, self.renames))


def load_experiment(
    path: Path | str,
    overrides: Sequence[str | Override] = (),
    includes: Sequence[Path] = (),
    *,
    moved: bool = False,
    text: str | None = None,
    runs: Path = RUNS,
) -> Loaded:
    """Read, merge, interpolate and check a config.

    Args:
        path: the YAML file.
        overrides: `a.b=value`, as in `--set`, or values that are written in another file.
        includes: plugin files in addition to `include` in the config.
        moved: the config was resolved elsewhere, so files and extras may be missing on this machine.
        text: the content of the file, if it has not been written yet.
        runs: the folder of the runs that `init.from` names by id.

    Raises:
        ConfigProblems: a ConfigError whose message contains all problems.
        EnvironmentProblem: an installed plugin package cannot be imported.
    """
    try:
        source, tree, problems = read_tree(Path(path), text)
    except Refused as refused:
        raise Report(refused.args).error() from None
    return _checked(source, tree, Report(problems), overrides, includes, moved, runs)


def load_resolved(
    path: Path, overrides: Sequence[str] = (), includes: Sequence[Path] = (), *, moved: bool = False
) -> Loaded:
    """Load resolved.yaml of a run, which may be untrusted: no other files are read or executed, and it has no
    access to the environment. Arguments and errors are those of `load_experiment`.
    """
    try:
        source, tree = read_run_tree(path, includes)
    except Refused as refused:
        raise Report(refused.args).error() from None
    return _checked(source, tree, Report(), overrides, includes, moved)


def _checked(
    source: Source,
    tree: MappingNode,
    report: Report,
    overrides: Sequence[str | Override],
    includes: Sequence[Path],
    moved: bool,
    runs: Path = RUNS,
) -> Loaded:
    tree, problems = apply_overrides(tree, overrides)
    report.extend(problems)
    tree, problems, wrong = interpolate(tree, os.environ, report.marks)
    report.extend(problems)
    report.marks |= wrong
    plugins = _includes(tree, includes, report)
    registry = _registry(tree, plugins, report)
    tree, notes = renew(tree.without(*FILE_KEYS), registry)
    validated = validate(tree, registry, report)
    if validated is None:
        raise report.error()
    experiment = resolve_paths(validated.experiment, tree, os.environ, runs)
    machine = rules_of_overrides(tree) if moved else (*MONITOR_RULES, *MACHINE_RULES)
    rules = (*NEED_RULES, *PART_RULES, *DATA_RULES, *TRAIN_RULES, *TRICK_RULES, *machine)
    apply_rules(rules, experiment, validated.left_out, tree, registry, report)
    if report:
        raise report.error()
    notes += old_types(experiment, tree)
    return Loaded(experiment, registry, Path(source.name), source.text, plugins, tuple(notes), tree)


def _includes(tree: MappingNode, more: Sequence[Path], report: Report) -> tuple[Path, ...]:
    """The plugin files as absolute paths without duplicates."""
    paths = []
    node = tree.value("include")
    for item in () if node is None else items_of(node):
        if isinstance(item, ScalarNode) and isinstance(item.value, str) and item.value:
            paths.append(absolute(item.mark.source.folder, item.value))
        elif item.mark not in report.marks:
            expected = "a list of Python files"
            report.add(Problem("C012", item.mark, "include", "is not a path", expected=expected))
    return tuple(dict.fromkeys((*paths, *(absolute(Path(), str(path)) for path in more))))


def _registry(tree: MappingNode, plugins: Sequence[Path], report: Report) -> Registry:
    try:
        return load_registry(plugins)
    except ConfigError as error:
        node = tree.value("include")
        report.add(Problem("C012", tree.mark if node is None else node.mark, "include", str(error)))
        raise report.error() from None
