"""What a run recorded while it trained: metrics.jsonl, samples.jsonl, and where `best` and `last` point."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from nlpx.errors import DamagedRun
from nlpx.runs.directory import RunDirectory
from nlpx.runs.files import SMALL, read_if_there, read_records

POINTER = re.compile(rb"step-([0-9]{8,18})\n?")
SHOWN = 40
"""Bytes of a damaged pointer that a message shows."""


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
    """The recorded numbers of a run; raises DamagedRun for a damaged file."""
    step, evaluations = 0, {}
    for record in read_records(run.metrics_jsonl):
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
    for record in read_records(run.samples):
        if samples and samples[0].get("step") != record.get("step"):
            samples = []
        samples.append(record)
    return samples


def pointed_step(pointer: Path) -> int | None:
    """The step of the checkpoint that `best` or `last` names, None if there is none; raises DamagedRun."""
    content = read_if_there(pointer, SMALL)
    if content is None:
        return None
    found = POINTER.fullmatch(content)
    if found is None:
        raise DamagedRun(
            pointer,
            f"expected the name of a checkpoint, such as step-00000100, not {content[:SHOWN]!r}",
            "Write the name of a folder of checkpoints/ into it, or delete it.",
        )
    return int(found[1])
