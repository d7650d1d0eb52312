"""TensorBoard event files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf

from nlpx.engine.events import Evaluated, Event, LossLogged
from nlpx.engine.observers.base import Observer, Setting
from nlpx.errors import ConfigError


class TensorBoardObserver(Observer):
    """Scalars by step: train/loss, train/learning_rate, train/gradient_norm and valid/METRIC.

    A resumed run adds another event file to the folder; TensorBoard shows the newer values of a step.

    Args:
        folder: folder inside the run directory.

    Raises:
        ConfigError: by `begin`, where the folder is not inside.
    """

    def __init__(self, folder: str = "tensorboard") -> None:
        self._folder = folder
        self._writer: tf.summary.SummaryWriter | None = None

    def begin(self, setting: Setting) -> None:
        run = os.path.normpath(setting.directory)
        folder = os.path.normpath(setting.directory / self._folder)
        if not Path(folder).is_relative_to(run):
            raise ConfigError(
                f"observers: tensorboard: the folder {self._folder!r} is not inside the run directory. "
                "Expected a relative path without `..`."
            )
        self._writer = tf.summary.create_file_writer(folder)

    def on(self, event: Event) -> None:
        if isinstance(event, LossLogged):
            self._write(event.step, event.numbers)
        elif isinstance(event, Evaluated):
            self._write(event.step, event.metrics)

    def end(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def _write(self, step: int, numbers: Mapping[str, float]) -> None:
        if self._writer is None:
            return
        with self._writer.as_default(step):
            for name, value in numbers.items():
                tf.summary.scalar(name, value)
        self._writer.flush()
