"""The details of one run."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from pydantic import ValidationError

from nlpx.core.component import UnknownComponent, builtin_registry
from nlpx.runs.directory import RunDirectory
from nlpx.runs.flatten import MISSING, differences, flatten
from nlpx.runs.history import last_samples, pointed_step, read_history
from nlpx.runs.listing import Summary, summary_of
from nlpx.runs.record import EvaluationRecord, Snapshot, evaluations
from nlpx.runs.result_settings import result_settings


@dataclass(frozen=True)
class Details:
    """One run.

    Attributes:
        settings: config keys that differ from the defaults of the task.
        valid: metrics of the validation split at the best checkpoint.
    """

    summary: Summary
    snapshot: Snapshot
    settings: dict[str, object]
    valid: dict[str, float]
    evaluations: dict[str, EvaluationRecord]
    last_step: int | None
    samples: list[dict[str, object]]

    def to_json(self) -> dict[str, object]:
        return {
            **asdict(self.summary),
            "last_step": self.last_step,
            "settings": self.settings,
            "valid": self.valid,
            "evaluations": {split: record.model_dump() for split, record in self.evaluations.items()},
            "samples": self.samples,
            "snapshot": self.snapshot.model_dump(),
        }


def details(run: RunDirectory) -> Details:
    """Read a run; raises DamagedRun if one of its files is damaged."""
    summary = summary_of(run)
    snapshot, history = Snapshot.of(run), read_history(run)
    return Details(
        summary=summary,
        snapshot=snapshot,
        settings=changed_settings(snapshot),
        valid=history.valid,
        evaluations=evaluations(run),
        last_step=pointed_step(run.last),
        samples=last_samples(run),
    )


def changed_settings(snapshot: Snapshot) -> dict[str, object]:
    """Config keys that differ from the defaults of the task; all keys for the task of a plugin."""
    try:
        defaults = (
            builtin_registry().find("task", snapshot.task).component.model_validate({"task": snapshot.task})
        )
    except (UnknownComponent, ValidationError):
        return flatten(snapshot.experiment)
    sides = [result_settings(defaults.model_dump(mode="json")), result_settings(snapshot.experiment)]
    return {key: now for key, (_, now) in differences(sides).items() if now is not MISSING}
