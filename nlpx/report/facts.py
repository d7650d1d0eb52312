"""Everything that a report of a run is made from; what cannot be read is a note, not an error."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from nlpx.errors import DamagedRun, NlpxError
from nlpx.report.language import phrase, translated
from nlpx.runs.config import load_run
from nlpx.runs.directory import RunDirectory
from nlpx.runs.history import pointed_step
from nlpx.runs.json_lines import JsonLines
from nlpx.runs.record import EvaluationRecord, Snapshot, evaluations
from nlpx.specs.document import documentation
from nlpx.workflow.measured import Measured, measured

if TYPE_CHECKING:
    from nlpx.specs.experiment import Experiment

T = TypeVar("T")


@dataclass(frozen=True)
class Facts:
    """A run.

    Attributes:
        run, snapshot: the run.
        status: how it ended; `running` if it has not.
        experiment: its config; None if it needs a plugin that is not included.
        records: the lines of metrics.jsonl.
        samples: the lines of samples.jsonl.
        best: step of the best checkpoint.
        evaluations: by split, test first.
        notes: what is missing.
        read_data: whether rows may be read from the data that the config names.
    """

    run: RunDirectory
    snapshot: Snapshot
    status: str
    experiment: Experiment | None
    records: Sequence[Mapping[str, object]]
    samples: Sequence[Mapping[str, object]]
    best: int | None
    evaluations: Mapping[str, Measured]
    notes: Sequence[str] = field(default=())
    read_data: bool = False

    @cached_property
    def main(self) -> Measured | None:
        """The evaluation that the report is about."""
        return next(iter(self.evaluations.values()), None)

    @cached_property
    def owners(self) -> dict[str, str]:
        """The metric that gives each value."""
        metrics = self.experiment.metrics if self.experiment else ()
        given = self.experiment.given() if self.experiment else None
        return {name: str(metric.type) for metric in metrics for name in metric.numbers(given)}

    @cached_property
    def explained(self) -> dict[str, str]:
        """What each metric is, in a sentence, by its type."""
        metrics = self.experiment.metrics if self.experiment else ()
        return {str(metric.type): documentation(type(metric)).summary for metric in metrics}

    @property
    def may_read_data(self) -> bool:
        """Whether rows may be read again: those of the built-in sample, or what the user allows."""
        return self.experiment is not None and (
            self.read_data or self.experiment.data.source.type == "builtin"
        )

    @property
    def monitored(self) -> str:
        """The name of the value that decides which checkpoint is best, without `valid/`."""
        return self.snapshot.monitor.removeprefix("valid/")


def read_facts(run: RunDirectory, includes: Sequence[Path] = (), *, read_data: bool = False) -> Facts:
    """Read a run.

    Args:
        includes: plugin files that its config needs.
        read_data: whether rows may be read from the data that the config names.

    Raises:
        DamagedRun: its snapshot is damaged.
    """
    snapshot, status = Snapshot.of(run), run.status
    notes: list[str] = []

    def attempt(read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except NlpxError as error:
            notes.append(str(error))
            return otherwise

    experiment = attempt(lambda: load_run(run, includes=includes).experiment, None)
    records = _lines(run.metrics_jsonl, notes)
    samples = _lines(run.samples, notes)
    stored = attempt(lambda: evaluations(run), dict[str, EvaluationRecord]())
    best = attempt(lambda: pointed_step(run.best), None)
    order = sorted(stored, key=lambda split: (split != "test", split))
    found = {split: measured(run, stored[split], experiment) for split in order}
    notes += [translated(each.note) for each in found.values() if each.note]
    notes += _missing(run, status, records, found)
    return Facts(run, snapshot, status, experiment, records, samples, best, found, notes, read_data)


def _lines(path: Path, notes: list[str]) -> list[dict[str, object]]:
    """The lines of a file; a damaged one costs that line."""
    try:
        lines = JsonLines.read(path)
    except DamagedRun as error:
        notes.append(str(error))
        return []
    found, damaged = [], []
    for place in lines.places():
        try:
            found.append(lines.record_at(place))
        except DamagedRun as error:
            damaged.append(str(error))
    notes += damaged[:1]
    if len(damaged) > 1:
        notes.append(phrase("{path}: {count} damaged lines are left out", path=path, count=len(damaged)))
    return found


def _missing(
    run: RunDirectory, status: str, records: Sequence[object], measured: Mapping[str, Measured]
) -> list[str]:
    notes = []
    if status in ("killed", "interrupted", "failed"):
        command = shlex.join(["nlpx", "train", "--resume", str(run.path)])
        notes.append(
            phrase(
                "the run is {status}: this is what it had recorded until then. Resume it: {command}",
                status=translated(status),
                command=command,
            )
        )
    elif status == "diverged":
        notes.append(phrase("the run diverged: its loss was not finite at the end"))
    elif status == "running":
        notes.append(phrase("the run is training: this is what it has recorded until now"))
    if not records:
        notes.append(phrase("there are no curves, because nothing was recorded"))
    if not measured and run.last.is_file() and status != "running":
        command = _command("eval", run, "test")
        notes.append(phrase("there is no evaluation. Make one: {command}", command=command))
    return notes


def _command(name: str, run: RunDirectory, split: str) -> str:
    return shlex.join(["nlpx", name, str(run.path), "--split", split])
