"""What a person sees while a training runs: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import NoReturn, TextIO

from tqdm import tqdm

from nlpx.components.observers.base import Listener, Setting
from nlpx.components.observers.events import (
    EpochEnded,
    Evaluated,
    EvaluationBegan,
    Event,
    LossLogged,
    StageBegan,
    StageEnded,
    StepDone,
    Stopped,
)
from nlpx.core.terminal import columns, shows_bars
from nlpx.engine.observers.messages import (
    evaluation_line,
    loss_line,
    opening_lines,
    skipped_lines,
    stage_lines,
)

LEAST_BAR = 20
"""Columns of a bar below which the numbers after it are dropped."""


def progress_observer(stream: TextIO | None = None) -> Listener:
    """A bar if the stream (standard error by default) is a terminal that can show one, else plain lines."""
    stream = sys.stderr if stream is None else stream
    if shows_bars(stream):
        return Bar(stream)
    return Lines(partial(print, file=stream, flush=True))


class Speed:
    """Units and updates per second since the last `reset`; evaluations do not count."""

    def __init__(self, unit: str = "rows") -> None:
        self._unit = unit
        self.reset()

    def reset(self) -> None:
        self._weight = self._seconds = 0.0
        self._updates = 0

    def add(self, event: StepDone) -> None:
        self._weight += event.weight
        self._seconds += event.seconds
        self._updates += 1

    def __str__(self) -> str:
        return f"{self._weight / self._seconds if self._seconds else 0.0:.0f} {self._unit}/s"

    def seconds_for(self, updates: int) -> int:
        return round(updates * self._seconds / self._updates) if self._updates else 0


class Bar(Listener):
    """One bar over all updates, with time left, loss, speed and rate; evaluations stay as lines above it.

    Where the terminal is narrow, the numbers that come last are left out, so that the bar stays one.

    Args:
        stream: a terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._speed = Speed()
        self._monitor = ""
        self._bar: tqdm[NoReturn] | None = None

    def begin(self, setting: Setting) -> None:
        self._monitor, self._speed = setting.monitor, Speed(setting.unit)
        for line in opening_lines(setting):
            print(line, file=self._stream)
        self._bar = tqdm(
            total=setting.total_steps,
            initial=setting.step,
            file=self._stream,
            bar_format="{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}, {remaining} left{postfix}",
            dynamic_ncols=True,
        )

    def on(self, event: Event) -> None:
        if self._bar is None:
            return
        if isinstance(event, StepDone):
            self._speed.add(event)
            numbers = (f"loss {event.loss:.3f}", str(self._speed), f"rate {event.learning_rate:.1e}")
            terms = (f"{name} {value:.3f}" for name, value in event.terms.items())
            self._bar.set_postfix_str(self._fitting((*numbers, *terms)), refresh=False)
            self._bar.update()
        elif isinstance(event, LossLogged):
            self._speed.reset()
        elif isinstance(event, EvaluationBegan):
            self._bar.set_postfix_str("evaluating")
        elif isinstance(event, Evaluated):
            self._write(evaluation_line(event, self._monitor, columns(self._stream)))
        elif isinstance(event, StageBegan | StageEnded):
            if isinstance(event, StageBegan):
                self._bar.total = event.total
            self._write(*stage_lines(event))
        elif isinstance(event, EpochEnded):
            self._write(*skipped_lines(event))
        elif isinstance(event, Stopped):
            self._write(*skipped_lines(event))
            self._bar.set_postfix_str(event.reason)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.close()

    def _write(self, *lines: str) -> None:
        if self._bar is not None:
            for line in lines:
                self._bar.write(line, file=self._stream)

    def _fitting(self, numbers: tuple[str, ...]) -> str:
        """As many numbers as leave room for the bar."""
        total = self._bar.total if self._bar is not None else 0
        room = columns(self._stream) - LEAST_BAR - len(f"100%|| {total}/{total}, 00:00 left")
        for count in range(len(numbers), 0, -1):
            text = ", ".join(numbers[:count])
            if len(text) + 2 <= room:
                return text
        return ""


class Lines(Listener):
    """One plain line for every logged loss, evaluation, epoch and the end; no control characters.

    Epochs of a single update have no line: there may be thousands, and losses are logged.

    Args:
        write: takes a line.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._speed = Speed()
        self._total = 0
        self._single = False
        self._monitor = ""

    def begin(self, setting: Setting) -> None:
        self._single = setting.updates_per_epoch == 1
        self._total, self._monitor, self._speed = setting.total_steps, setting.monitor, Speed(setting.unit)
        for line in opening_lines(setting):
            self._write(line)

    def on(self, event: Event) -> None:
        if isinstance(event, StepDone):
            self._speed.add(event)
        elif isinstance(event, LossLogged):
            left = self._speed.seconds_for(self._total - event.step)
            self._write(loss_line(event, self._total, str(self._speed), left))
            self._speed.reset()
        elif isinstance(event, Evaluated):
            self._write(evaluation_line(event, self._monitor))
        elif isinstance(event, StageBegan | StageEnded):
            if isinstance(event, StageBegan):
                self._total = event.total
            for line in stage_lines(event):
                self._write(line)
        elif isinstance(event, EpochEnded):
            if not self._single:
                self._write(f"epoch {event.epoch + 1} ended at step {event.step}  loss {event.loss:.4f}")
            for line in skipped_lines(event):
                self._write(line)
        elif isinstance(event, Stopped):
            for line in skipped_lines(event):
                self._write(line)
            self._write(f"stopped at step {event.step}: {event.reason}")
