"""TensorBoard event files."""

from __future__ import annotations

import tensorflow as tf

from nlpx.training.events import Evaluated, Event, LossLogged
from nlpx.training.observers.base import Observer, Setting


class TensorBoardObserver(Observer):
    """Scalars by step: train/loss, train/learning_rate, valid/METRIC.

    Args:
        folder: folder inside the run directory.
    """

    def __init__(self, folder: str = "tensorboard") -> None:
        self._folder = folder
        self._writer: tf.summary.SummaryWriter | None = None

    def begin(self, setting: Setting, step: int) -> None:
        self._writer = tf.summary.create_file_writer(str(setting.directory / self._folder))

    def on(self, event: Event) -> None:
        if isinstance(event, LossLogged):
            self._write(event.step, {"train/loss": event.loss, "train/learning_rate": event.learning_rate})
        elif isinstance(event, Evaluated):
            self._write(event.step, {f"valid/{name}": value for name, value in event.metrics.items()})

    def end(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def _write(self, step: int, numbers: dict[str, float]) -> None:
        if self._writer is None:
            return
        with self._writer.as_default(step):
            for name, value in numbers.items():
                tf.summary.scalar(name, value)
        self._writer.flush()
