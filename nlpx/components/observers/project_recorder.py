"""Recorders that keep many runs in a project, and complete a record from the files of the run."""

from __future__ import annotations

import json
import math
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, PrivateAttr

from nlpx.components.observers.base import Setting
from nlpx.components.observers.external_recorder import ExternalRecorder, reason, same_random_numbers
from nlpx.components.observers.run_facts import Ending, RunFacts
from nlpx.errors import EnvironmentProblem

METRICS = "metrics.jsonl"

Place = tuple[int, str]
"""A step, and the name of a number."""


class ProjectRecorder(ExternalRecorder):
    """The base of recorders of other programs.

    A record holds the resolved config as parameters, `train/...` and `valid/...` by step, `best/NAME`
    whenever the monitored number is better than before, and the metrics of the final evaluation at the step
    of the best checkpoint. Numbers that are not finite are left out.

    Of every number there is one value for a step, however often the run was killed and resumed: what
    metrics.jsonl has and the record lacks is written when a run is resumed, and what the record has already
    is not written again.

    Options:
        project: name under which the runs are collected; default: the task.
        tags: words to find the run by, in addition to those of `nlpx runs tag`.
        note: a text about the run, before that of `nlpx runs note`.
    """

    lost: ClassVar[str] = f"its record will be completed from {METRICS} when the run finishes or is resumed"

    project: Annotated[str, Field(pattern=r"^\w[\w.-]{0,99}$")] | None = None
    tags: list[Annotated[str, Field(pattern=r"^\w[\w.:/-]{0,63}$")]] = []
    note: Annotated[str, Field(max_length=2000)] = ""

    _facts: RunFacts = PrivateAttr()
    _metrics: Path = PrivateAttr()
    _monitor: str = PrivateAttr("")
    _best: float | None = PrivateAttr(None)
    _there: set[Place] = PrivateAttr(default_factory=set)
    _final: tuple[int, dict[str, float]] | None = PrivateAttr(None)

    @property
    def folder(self) -> Path:
        """The folder of its files."""
        return self._facts.folder / self.type

    def open(self, facts: RunFacts, warn: Callable[[str], None]) -> None:
        super().open(facts, warn)
        tags, note = self._with_own(facts.tags, facts.note)
        self._facts = facts = replace(facts, tags=tuple(tags), note=note)
        if facts.resumed:
            self._attempt(self._start)
            return
        try:
            with same_random_numbers():
                self._start()
        except Exception as error:
            raise EnvironmentProblem(
                f"the recorder {self.type} cannot begin its record in {self.folder}: {reason(error)}. "
                "Correct that, or train without it: remove it from `observers`."
            ) from error

    def begin(self, setting: Setting) -> None:
        self._metrics, self._monitor = setting.directory / METRICS, setting.monitor
        if setting.resumed:
            self._attempt(self._complete)

    def evaluated(self, split: str, step: int, metrics: Mapping[str, float]) -> None:
        # Validation metrics were recorded in training, perhaps with another calibration.
        prefix = "final" if split == "valid" else split
        self._final = step, _finite({f"{prefix}/{name}": value for name, value in metrics.items()})
        self._attempt(self._finalize)

    def close(self, ending: Ending, tags: Sequence[str] = (), note: str = "") -> None:
        tags, note = self._with_own(tags, note)
        self._attempt(self._end, ending, tags, note)
        if self._failed:
            with suppress(Exception):
                self._abandon()
            if ending == "finished":
                self._repair(tags, note)

    def _with_own(self, tags: Sequence[str], note: str) -> tuple[list[str], str]:
        return list(dict.fromkeys([*self.tags, *tags])), "\n".join(filter(None, [self.note, note]))

    def _repair(self, tags: Sequence[str], note: str) -> None:
        """Try once more to write what a failure has left out."""
        try:
            with same_random_numbers():
                self._start()
                self._complete()
                self._finalize()
                self._end("finished", tags, note)
        except Exception as error:  # noqa: BLE001  (the run is finished, with or without a record)
            self._tell(f"its record could not be completed. {METRICS} has all numbers. {reason(error)}")
        else:
            self._tell("its record is complete now")

    def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._there = set(self._begin_or_continue(self._facts, self.project or self._facts.task))

    def _complete(self) -> None:
        self._best = None
        for step, numbers in _recorded(self._metrics):
            self._add(step, numbers)

    def _finalize(self) -> None:
        if self._final is not None:
            step, numbers = self._final
            if numbers := self._new(step, numbers):
                self._write_final(step, numbers)

    def _record(self, step: int, numbers: Mapping[str, float]) -> None:
        self._attempt(self._add, step, numbers)

    def _add(self, step: int, numbers: Mapping[str, float]) -> None:
        value = numbers.get(self._monitor, math.nan)
        numbers = _finite(numbers)
        if self._is_best(value):
            self._best = value
            numbers[f"best/{self._monitor.removeprefix('valid/')}"] = value
        if numbers := self._new(step, numbers):
            self._write(step, numbers)

    def _is_best(self, value: float) -> bool:
        direction = self._facts.direction
        if direction is None or not math.isfinite(value):
            return False
        return self._best is None or (value < self._best if direction == "min" else value > self._best)

    def _new(self, step: int, numbers: Mapping[str, float]) -> dict[str, float]:
        """Those that the record lacks, which are then counted as its own."""
        new = {name: value for name, value in numbers.items() if (step, name) not in self._there}
        self._there.update((step, name) for name in new)
        return new

    @abstractmethod
    def _begin_or_continue(self, facts: RunFacts, project: str) -> Collection[Place]:
        """Begin the record of a run, or find it again; gives what it holds. May raise anything."""

    def _write_final(self, step: int, numbers: Mapping[str, float]) -> None:
        """Write metrics of the best checkpoint; may raise anything."""
        self._write(step, numbers)

    def _abandon(self) -> None:
        """Give up what a failure has left behind, before the record is begun again; may raise anything."""

    @abstractmethod
    def _end(self, ending: Ending, tags: Sequence[str], note: str) -> None:
        """Say how the run ended; may raise anything."""


def _finite(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in numbers.items() if math.isfinite(value)}


def _recorded(path: Path) -> Iterator[tuple[int, dict[str, float]]]:
    """The lines of metrics.jsonl: steps with what was measured."""
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        yield (
            record["step"],
            {name: value for name, value in record.items() if "/" in name and value is not None},
        )
