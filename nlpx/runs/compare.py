"""Compare runs: the settings in which they differ, and their metrics."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nlpx.components.metrics.base import Metric
from nlpx.core.component import builtin_registry
from nlpx.core.filled import Filled
from nlpx.runs.directory import RunDirectory
from nlpx.runs.flatten import MISSING, differences
from nlpx.runs.history import read_history
from nlpx.runs.lookup import labels_of
from nlpx.runs.record import EvaluationRecord, Snapshot, evaluations
from nlpx.runs.result_settings import result_settings
from nlpx.specs.experiment import Experiment

SHORT_HASH = 12
MOST_NOTES = 20
VERSION = "version of "


@dataclass(frozen=True)
class MetricRow:
    """The values of a metric `SPLIT/NAME`, None if not measured, and which is the best, if comparable."""

    name: str
    values: list[float | None]
    best: list[bool]


@dataclass(frozen=True)
class Comparison:
    """The result of `compare`.

    Attributes:
        settings: settings that differ, with the value of every run: config, versions, commit, data.
        metrics: metrics of evaluated splits, and of `valid` at the best checkpoint.
        notes: why values are not comparable.
    """

    runs: list[str]
    settings: dict[str, list[object]]
    metrics: list[MetricRow]
    notes: list[str]


@dataclass(frozen=True)
class _Side:
    label: str
    path: Path
    snapshot: Snapshot
    evaluations: dict[str, EvaluationRecord]
    metrics: dict[str, float]

    def data(self, split: str) -> str | None:
        record = self.snapshot.data.get(split)
        return record.sha256 if record else None

    def rows(self, split: str) -> int | None:
        record = self.evaluations.get(split)
        return record.rows if record else None

    def output_vocabulary(self, metric: str) -> str | None:
        """The output vocabulary, if the metric is a likelihood that depends on it."""
        depends = (
            self.snapshot.task in _with_shared_vocabulary() and metric.rpartition("/")[2] in _likelihoods()
        )
        return self.snapshot.vocabularies.get("char") if depends else None

    def signature(self, metric: str) -> str | None:
        split, _, name = metric.partition("/")
        measured = self.evaluations.get(split)
        return measured.signatures.get(name.rpartition("/")[2]) if measured else None


def compare(runs: Sequence[RunDirectory]) -> Comparison:
    """Compare runs; raises DamagedRun for a damaged one."""
    labels = labels_of([run.path for run in runs])
    sides = [_side(run, label) for run, label in zip(runs, labels, strict=True)]
    rows, notes = [], dict[str, None]()
    names = sorted(dict.fromkeys(name for side in sides for name in side.metrics), key=_order)
    for name in names:
        measured = [side for side in sides if name in side.metrics]
        reason = _incomparable(name, measured)
        if reason:
            notes[reason] = None
        values = [side.metrics.get(name) for side in sides]
        known = {side.snapshot.directions.get(name.rpartition("/")[2]) for side in measured}
        direction = known.pop() if len(known) == 1 and not reason else None
        rows.append(MetricRow(name, values, _best(values, direction)))
    settings = differences([_settings(side.snapshot) for side in sides])
    settings = {
        # Older versions of nlpx recorded fewer packages.
        key: values
        for key, values in settings.items()
        if not (key.startswith(VERSION) and MISSING in values)
    }
    return Comparison(labels, settings, rows, _shown([*notes, *_not_evaluated(sides)]))


def _side(run: RunDirectory, label: str) -> _Side:
    measured = evaluations(run)
    metrics = read_history(run).valid
    if "valid" in measured:
        metrics = {}
    metrics |= {
        f"{split}/{name}": value
        for split, record in measured.items()
        for name, value in record.metrics.items()
    }
    return _Side(label, run.path, Snapshot.of(run), measured, metrics)


@cache
def _likelihoods() -> frozenset[str]:
    """Names of metrics that are likelihoods."""
    metrics = [entry.component for entry in builtin_registry() if issubclass(entry.component, Metric)]
    return frozenset(name for metric in metrics if metric.likelihood for name in metric.directions)


@cache
def _with_shared_vocabulary() -> frozenset[str]:
    """Tasks whose output vocabulary is that of the input."""
    tasks = [entry for entry in builtin_registry() if issubclass(entry.component, Experiment)]
    return frozenset(task.name for task in tasks if getattr(task.component, "shared_vocabulary", False))


def _settings(snapshot: Snapshot) -> dict[str, object]:
    config = result_settings(snapshot.experiment)
    code = {f"{VERSION}{package}": version for package, version in snapshot.versions.items()}
    if snapshot.project is not None:
        changes = " with changes" if snapshot.project.changed else ""
        code["commit"] = snapshot.project.commit[:SHORT_HASH] + changes
    data = {f"sha256 of {split}": record.sha256[:SHORT_HASH] for split, record in snapshot.data.items()}
    return config | code | data


def _order(name: str) -> tuple[bool, str, bool]:
    """Test first; within a split, metrics of the whole split before those of subsets."""
    split, _, rest = name.partition("/")
    return split != "test", split, "/" in rest


def _incomparable(name: str, sides: Sequence[_Side]) -> str:
    split = name.partition("/")[0]
    rows = {side.rows(split) for side in sides} - {None}
    if len(rows) > 1 or len({side.data(split) for side in sides}) > 1:
        what = "{split}: the runs were evaluated on different data, so no best value is marked"
        return Filled(what, split=split)
    # A value from training, and one that an older version has evaluated, has no signature.
    if len({side.signature(name) for side in sides} - {None}) > 1:
        what = "{name}: computed in different ways (signatures differ), so no best value is marked"
        return Filled(what, name=name)
    if len({side.output_vocabulary(name) for side in sides}) > 1:
        what = "{split}: the output vocabularies of the runs differ, so no best likelihood is marked"
        return Filled(what, split=split)
    return ""


def _not_evaluated(sides: Sequence[_Side]) -> Iterator[str]:
    """Runs without metrics on a split for which another run has some."""
    splits = dict.fromkeys(split for side in sides for split in side.evaluations)
    for split in splits:
        for side in sides:
            if not any(name.startswith(f"{split}/") for name in side.metrics):
                what = "{split}: {run} is not evaluated; run: nlpx eval {path} --split {split}"
                yield Filled(what, split=split, run=side.label, path=side.path)


def _shown(notes: list[str]) -> list[str]:
    more = len(notes) - MOST_NOTES
    return [*notes[:MOST_NOTES], Filled("and {count} more notes", count=more)] if more > 0 else notes


def _best(values: Sequence[float | None], direction: str | None) -> list[bool]:
    numbers = [value for value in values if value is not None and not math.isnan(value)]
    if direction is None or len(numbers) < 2 or min(numbers) == max(numbers):
        return [False] * len(values)
    best = min(numbers) if direction == "min" else max(numbers)
    return [value == best for value in values]
