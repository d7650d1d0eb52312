"""What a person sees while a training runs: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import NoReturn, TextIO

from tqdm import tqdm

from nlpx.training.events import (
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
from nlpx.training.observers.base import Observer, Setting


def progress_observer(stream: TextIO | None = None, *, unit: str) -> Observer:
    """A bar if the stream (standard error by default) is a terminal, else one line an interval.

    Args:
        stream: where to write.
        unit: what the loss is averaged over; its number a second is shown.
    """
    stream = sys.stderr if stream is None else stream
    return Bar(stream, unit) if stream.isatty() else Lines(stream, unit)


class Speed:
    """Units and updates a second since the last `reset`; evaluations do not count."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._weight = self._seconds = 0.0
        self._updates = 0

    def add(self, event: StepDone) -> None:
        self._weight += event.weight
        self._seconds += event.seconds
        self._updates += 1

    @property
    def units(self) -> float:
        return self._weight / self._seconds if self._seconds else 0.0

    def seconds_for(self, updates: int) -> int:
        return round(updates * self._seconds / self._updates) if self._updates else 0


class Bar(Observer):
    """One bar over all updates, with loss, rate, speed and time left; evaluations stay as lines above it.

    Args:
        stream: a terminal.
        unit: what the loss is averaged over.
    """

    def __init__(self, stream: TextIO, unit: str) -> None:
        self._stream = stream
        self._unit = unit
        self._speed = Speed()
        self._bar: tqdm[NoReturn] | None = None

    def begin(self, setting: Setting) -> None:
        for line in opening_lines(setting):
            print(line, file=self._stream)
        self._bar = tqdm(
            total=setting.total_steps,
            initial=setting.step,
            file=self._stream,
            unit="step",
            dynamic_ncols=True,
        )

    def on(self, event: Event) -> None:
        if self._bar is None:
            return
        if isinstance(event, StepDone):
            self._speed.add(event)
            speed = f"{self._speed.units:.0f} {self._unit}/s"
            self._bar.set_postfix_str(
                f"loss {event.loss:.3f}, rate {event.learning_rate:.1e}, {speed}", refresh=False
            )
            self._bar.update()
        elif isinstance(event, LossLogged):
            self._speed.reset()
        elif isinstance(event, EvaluationBegan):
            self._bar.set_postfix_str("evaluating")
        elif isinstance(event, Evaluated):
            self._bar.write(evaluation_line(event), file=self._stream)
        elif isinstance(event, StageBegan | StageEnded):
            if isinstance(event, StageBegan):
                self._bar.total = event.total
            self._bar.write(stage_line(event), file=self._stream)
        elif isinstance(event, Stopped):
            self._bar.set_postfix_str(event.reason)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.close()


class Lines(Observer):
    """One plain line for every logged loss, evaluation, epoch and the end; no control characters.

    Args:
        stream: a file or pipe.
        unit: what the loss is averaged over.
    """

    def __init__(self, stream: TextIO, unit: str) -> None:
        self._stream = stream
        self._unit = unit
        self._speed = Speed()
        self._total = 0

    def begin(self, setting: Setting) -> None:
        self._total = setting.total_steps
        for line in opening_lines(setting):
            self._print(line)

    def on(self, event: Event) -> None:
        if isinstance(event, StepDone):
            self._speed.add(event)
        elif isinstance(event, LossLogged):
            left = self._speed.seconds_for(self._total - event.step)
            self._print(
                f"step {event.step}/{self._total}  loss {event.loss:.4f}  rate {event.learning_rate:.2e}  "
                f"{self._speed.units:.0f} {self._unit}/s  {_clock(left)} left"
            )
            self._speed.reset()
        elif isinstance(event, Evaluated):
            self._print(evaluation_line(event))
        elif isinstance(event, StageBegan | StageEnded):
            if isinstance(event, StageBegan):
                self._total = event.total
            self._print(stage_line(event))
        elif isinstance(event, EpochEnded):
            self._print(f"epoch {event.epoch + 1} ended at step {event.step}  loss {event.loss:.4f}")
        elif isinstance(event, Stopped):
            self._print(f"stopped at step {event.step}: {event.reason}")

    def _print(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


def opening_lines(setting: Setting) -> list[str]:
    """What a person should know before a resumed training goes on."""
    lines = [f"not resumed: {text}" for text in setting.damaged]
    if setting.resumed:
        from_where = (
            f"after step {setting.step}" if setting.step else "from the start: no checkpoint was saved"
        )
        lines.append(f"resuming {from_where}")
    return lines


def evaluation_line(event: Evaluated) -> str:
    """One evaluation: the numbers of the whole split, a star where the monitored one is the best so far."""
    numbers = {name.removeprefix("valid/"): value for name, value in event.metrics.items()}
    whole = "  ".join(f"{name} {value:.4f}" for name, value in numbers.items() if "/" not in name)
    return f"valid at step {event.step}  {whole}{'  *' if event.improved else ''}"


def stage_line(event: StageBegan | StageEnded) -> str:
    """What a person is told when a stage begins or ends."""
    if isinstance(event, StageEnded):
        return f"stage {event.stage + 1} ended at step {event.step}: {event.reason}"
    return (
        f"stage {event.stage + 1} of {event.stages}  at most {event.updates} steps  {event.optimizer}  "
        f"trains {event.trained:,} parameters"
    )


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"
