"""metrics.jsonl, metrics.csv and samples.jsonl of a run.

They hold no wall-clock time: a run that was killed and resumed leaves the same bytes as one that was not.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

from nlpx.training.events import Evaluated, Event, LossLogged
from nlpx.training.observers.base import Observer, Setting

JSONL, CSV, SAMPLES = "metrics.jsonl", "metrics.csv", "samples.jsonl"


class Recorder(Observer):
    """Appends to the files of a run; `offsets` says how far they belong to the current state."""

    def __init__(self, offsets: dict[str, int]) -> None:
        self._offsets = offsets
        self._directory = Path()

    def begin(self, setting: Setting, step: int) -> None:
        self._directory = setting.directory
        for name in (JSONL, CSV, SAMPLES):
            with (self._directory / name).open("ab") as file:
                file.truncate(self._offsets.get(name, 0))
        if not self.offsets()[CSV]:
            self._append(CSV, "step,epoch,split,name,value\n")

    def offsets(self) -> dict[str, int]:
        """Present length of every file in bytes."""
        return {name: (self._directory / name).stat().st_size for name in (JSONL, CSV, SAMPLES)}

    def on(self, event: Event) -> None:
        if isinstance(event, LossLogged):
            self._numbers(event, "train", {"loss": event.loss, "learning_rate": event.learning_rate})
        elif isinstance(event, Evaluated):
            self._numbers(event, "valid", event.metrics)
            for sample in event.samples:
                self._append(SAMPLES, json.dumps({"step": event.step, **sample}, ensure_ascii=False) + "\n")

    def _numbers(self, event: Event, split: str, numbers: dict[str, float]) -> None:
        record = {"step": event.step, "epoch": event.epoch, "split": split, **numbers}
        self._append(JSONL, json.dumps(record, ensure_ascii=False) + "\n")
        path = self._directory / CSV
        with path.open("a", encoding="utf-8", newline="") as file:
            rows = [[event.step, event.epoch, split, name, repr(value)] for name, value in numbers.items()]
            csv.writer(file, lineterminator="\n").writerows(rows)

    def _append(self, name: str, text: str) -> None:
        with (self._directory / name).open("a", encoding="utf-8", newline="") as file:
            file.write(text)
