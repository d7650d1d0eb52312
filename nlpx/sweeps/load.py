"""Load a sweep file, and check every value of its space with the config before anything starts."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlpx.components.metrics.base import Direction
from nlpx.config.files import read_source, unreadable
from nlpx.config.load import Loaded, load_experiment
from nlpx.config.nodes import MappingNode, descend, dotted
from nlpx.config.overrides import Override
from nlpx.config.parse import parse
from nlpx.config.paths import local_paths
from nlpx.config.problems import ConfigProblems, Problem, Refused, Report
from nlpx.config.source import Source, absolute
from nlpx.config.validate import validate_as
from nlpx.core.component import builtin_registry
from nlpx.core.files import Unreadable
from nlpx.core.paths import is_file
from nlpx.core.suggest import did_you_mean, one_of
from nlpx.runs.directory import NAME
from nlpx.runs.identity import DIGITS, config_id
from nlpx.specs.experiment import Experiment
from nlpx.sweeps.check import check_points
from nlpx.sweeps.rules import problems_of
from nlpx.sweeps.space import Point
from nlpx.sweeps.spec import LONGEST_NAME, Sweep
from nlpx.sweeps.values import absolute_values, fixed_overrides, overrides_of


@dataclass(frozen=True)
class LoadedSweep:
    """A valid sweep.

    Attributes:
        path: the sweep file.
        name: its name.
        spec: its content.
        tree: the same with positions.
        base: the config with the values that all trials have.
        config: the file of the config.
        fixed: these values.
        includes: plugin files given by the caller.
        metric: `valid/NAME`.
        direction: whether lower or higher is better.
        seeds: seeds of every trial.
    """

    path: Path
    name: str
    spec: Sweep
    tree: MappingNode
    base: Loaded
    config: Path
    fixed: tuple[str | Override, ...]
    includes: tuple[Path, ...]
    metric: str
    direction: Direction
    seeds: tuple[int, ...]

    @property
    def id(self) -> str:
        """A hash of what proposals depend on, apart from results."""
        spec = self.spec.model_dump(mode="json", include={"sampler", "startup", "seed", "space"})
        settings = [config_id(self.base.experiment.model_dump(mode="json")), spec]
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:DIGITS]

    def experiment(self, point: Point) -> Experiment:
        """The config of a point; raises ConfigProblems."""
        return load_experiment(
            self.config, [*self.fixed, *overrides_of(self.spec, self.tree, point)], self.includes
        ).experiment

    def arguments(self, point: Point) -> list[str]:
        """The values of a point, and those of all trials, as `KEY=VALUE`; local paths are absolute."""
        fixed = [each for each in self.fixed if isinstance(each, str)]
        values = self.spec.set | {self.spec.space[name].key or name: value for name, value in point.items()}
        paths = {dotted(path): text for path, text, _ in local_paths(self.experiment(point))}
        texts = (
            f"{key}={json.dumps(absolute_values(key, value, paths), ensure_ascii=False)}"
            for key, value in sorted(values.items(), key=lambda item: item[0].count("."))
        )
        return [*fixed, *texts]


def is_sweep(path: Path) -> bool:
    """Whether a file has the keys of a sweep; False if it cannot be read."""
    try:
        tree, _ = parse(read_source(path))
    except (FileNotFoundError, Unreadable, Refused):
        return False
    return isinstance(tree, MappingNode) and "space" in tree.entries and "task" not in tree.entries


def load_sweep(path: Path, overrides: Sequence[str] = (), includes: Sequence[Path] = ()) -> LoadedSweep:
    """Read and check a sweep, its config, and every value of its space.

    Args:
        path: the sweep file.
        overrides: further values of the config, as in `--set`.
        includes: plugin files.

    Raises:
        ConfigProblems: a ConfigError whose message contains all problems.
        EnvironmentProblem: an installed plugin package cannot be imported.
    """
    source, tree, report = _read(path)
    found = validate_as(Sweep, tree, builtin_registry(), report)
    if found is None or report:
        raise report.error()
    spec = found[0]
    report.extend(problems_of(spec, tree))
    name = spec.name or path.stem
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        what = f"the name of the file, {name!r}, is not a valid name of runs"
        report.add(Problem("C108", tree.mark, "name", what, advice="set `name`"))
    if report:
        raise report.error()
    fixed: tuple[str | Override, ...] = (*overrides, *fixed_overrides(tree))
    base = _base(source, spec, tree, fixed, includes, report)
    if base is None:
        raise report.error()
    metric, direction = _metric(spec, tree, base, report)
    sweep = LoadedSweep(
        path=path,
        name=name,
        spec=spec,
        tree=tree,
        base=base,
        config=_config(source, spec),
        fixed=fixed,
        includes=tuple(includes),
        metric=metric,
        direction=direction,
        seeds=tuple(spec.seeds or [base.experiment.seed]),
    )
    check_points(spec, tree, sweep.experiment, report)
    if report:
        raise report.error()
    return sweep


def _read(path: Path) -> tuple[Source, MappingNode, Report]:
    try:
        source = read_source(path)
        tree, problems = parse(source)
    except (FileNotFoundError, Unreadable) as error:
        raise Report([unreadable(path, error)]).error() from None
    except Refused as refused:
        raise Report(refused.args).error() from None
    if not isinstance(tree, MappingNode):
        expected = "a mapping with `config` and `space`"
        raise Report([Problem("C003", tree.mark, "", "this is not a sweep", "", expected)]).error()
    report = Report(problems)
    if "task" in tree.entries:
        advice = "this is a config: train it with `nlpx train`, or name it in a sweep with `config: FILE`"
        report.add(Problem("C101", tree.entries["task"].mark, "task", "unknown key", advice=advice))
        raise report.error()
    return source, tree, report


def _config(source: Source, spec: Sweep) -> Path:
    """The config, relative to the current folder if the sweep file is."""
    return Path(os.path.normpath(Path(source.name).parent / spec.config))


def _base(
    source: Source,
    spec: Sweep,
    tree: MappingNode,
    fixed: Sequence[str | Override],
    includes: Sequence[Path],
    report: Report,
) -> Loaded | None:
    path = _config(source, spec)
    if not is_file(absolute(Path(), str(path))):
        mark = descend(tree, ("config",))[0].mark
        report.add(Problem("C001", mark, "config", f"there is no file {path}"))
        return None
    try:
        return load_experiment(path, fixed, includes)
    except ConfigProblems as error:
        report.extend(error.problems)
        return None


def _metric(spec: Sweep, tree: MappingNode, base: Loaded, report: Report) -> tuple[str, Direction]:
    experiment = base.experiment
    metric = spec.metric or experiment.checkpoint.monitor
    numbers = experiment.numbers()
    name = metric.removeprefix("valid/").rpartition("/")[2]
    if name not in numbers:
        names = [f"valid/{number}" for number in numbers]
        mark = descend(tree, ("metric",))[0].mark
        what = f"{metric} is not computed"
        report.add(Problem("C207", mark, "metric", what, "", one_of(names), did_you_mean(metric, names)))
    mode = experiment.checkpoint.mode if metric == experiment.checkpoint.monitor else None
    return metric, spec.direction or mode or numbers.get(name, "min")
