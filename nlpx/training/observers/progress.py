"""What a person sees while a training runs: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from tqdm import tqdm

from nlpx.training.events import EpochEnded, Evaluated, Event, LossLogged, StepDone, Stopped
from nlpx.training.observers.base import Observer, Setting


def progress_observer(stream: TextIO | None = None) -> Observer:
    """A bar if the stream (standard error by default) is a terminal, else one line an interval."""
    stream = stream or sys.stderr
    return Bar(stream) if stream.isatty() else Lines(stream)


class Bar(Observer):
    """One bar over all updates, with loss, rate and the monitored number; evaluations stay as lines above it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: tqdm[object] | None = None
        self._shown: dict[str, str] = {}
        self._monitor = ""

    def begin(self, setting: Setting, step: int) -> None:
        self._monitor = setting.monitor
        self._bar = tqdm(
            total=setting.total_steps, initial=step, file=self._stream, unit="step", dynamic_ncols=True
        )

    def on(self, event: Event) -> None:
        if self._bar is None:
            return
        if isinstance(event, StepDone):
            self._shown["loss"] = f"{event.loss:.3f}"
            self._bar.update()
            self._bar.set_postfix(self._shown, refresh=False)
        elif isinstance(event, LossLogged):
            self._shown["rate"] = f"{event.learning_rate:.1e}"
        elif isinstance(event, Evaluated):
            self._shown["valid"] = f"{event.metrics[self._monitor.removeprefix('valid/')]:.4f}"
            self._bar.write(evaluation_line(event, self._monitor), file=self._stream)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.close()


class Lines(Observer):
    """One plain line for every logged loss, evaluation and the end; no control characters."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._start = time.monotonic()
        self._first = 0
        self._setting: Setting | None = None

    def begin(self, setting: Setting, step: int) -> None:
        self._setting, self._first, self._start = setting, step, time.monotonic()

    def on(self, event: Event) -> None:
        if self._setting is None:
            return
        if isinstance(event, LossLogged):
            done, total = event.step - self._first, self._setting.total_steps
            rate = done / max(time.monotonic() - self._start, 1e-9)
            left = int((total - event.step) / rate) if rate else 0
            self._line(
                f"step {event.step}/{total}  loss {event.loss:.4f}  learning rate {event.learning_rate:.2e}  "
                f"{rate:.1f} steps/s  {left // 60}:{left % 60:02d} left"
            )
        elif isinstance(event, Evaluated):
            self._line(evaluation_line(event, self._setting.monitor))
        elif isinstance(event, EpochEnded):
            self._line(f"epoch {event.epoch + 1} ended at step {event.step}")
        elif isinstance(event, Stopped):
            self._line(f"stopped at step {event.step}: {event.reason}")

    def _line(self, text: str) -> None:
        print(text, file=self._stream, flush=True)


def evaluation_line(event: Evaluated, monitor: str) -> str:
    """One evaluation: the numbers of the whole split, a star where the monitored one is the best so far."""
    numbers = "  ".join(f"{name} {value:.4f}" for name, value in event.metrics.items() if "/" not in name)
    return f"valid at step {event.step}  {numbers}{'  *' if event.improved else ''}"
