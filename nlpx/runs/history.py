"""What a run recorded while it trained: metrics.jsonl, samples.jsonl, and where `best` and `last` point."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nlpx.errors import UsageError
from nlpx.runs.directory import RunDirectory


@dataclass(frozen=True)
class History:
    """The numbers of a run.

    Attributes:
        step: the last one that was recorded.
        evaluations: metrics of the split valid by step, `valid/NAME`.
    """

    step: int
    evaluations: dict[int, dict[str, float]]

    def at(self, step: int | None) -> dict[str, float]:
        """Metrics of the evaluation at a step, else of the last one, else none."""
        if step in self.evaluations:
            return self.evaluations[step]
        return next(reversed(self.evaluations.values()), {})


def read_history(run: RunDirectory) -> History:
    """The recorded numbers of a run; raises UsageError for a damaged file."""
    step, evaluations = 0, {}
    for record in _records(run.metrics_jsonl):
        number = record.get("step")
        step = number if isinstance(number, int) else step
        valid = {
            name: float(value)
            for name, value in record.items()
            if name.startswith("valid/") and isinstance(value, int | float)
        }
        if valid:
            evaluations[step] = valid
    return History(step, evaluations)


def last_samples(run: RunDirectory) -> list[dict[str, object]]:
    """The samples of the last evaluation."""
    samples: list[dict[str, object]] = []
    for record in _records(run.samples):
        if samples and samples[0].get("step") != record.get("step"):
            samples = []
        samples.append(record)
    return samples


def pointed_step(pointer: Path) -> int | None:
    """The step of the checkpoint that `best` or `last` names; None if there is none."""
    try:
        digits = pointer.read_text(encoding="utf-8").strip().removeprefix("step-")
    except (OSError, UnicodeDecodeError):
        return None
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _records(path: Path) -> Iterator[dict[str, object]]:
    """The objects of a JSON lines file, but for a last line that is not whole (yet)."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                record = json.loads(line)
            except ValueError as error:
                raise UsageError(f"{path}:{number}: damaged: {error}. Delete the line or the run.") from None
            if not isinstance(record, dict):
                raise UsageError(
                    f"{path}:{number}: damaged: expected a JSON object. Delete the line or the run."
                )
            yield record
