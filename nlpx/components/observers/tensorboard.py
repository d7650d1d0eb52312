"""TensorBoard event files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import PrivateAttr

from nlpx.components.observers.base import Setting
from nlpx.components.observers.external_recorder import ExternalRecorder
from nlpx.core.lazy import tf
from nlpx.errors import ConfigError


class TensorBoard(ExternalRecorder):
    """Write losses, rates and metrics as TensorBoard event files into the run directory.

    A resumed run adds another event file; TensorBoard shows the newer values of a step.

    Options:
        folder: folder inside the run directory.
    Shapes: scalars by step: train/loss, train/learning_rate, train/gradient_norm, valid/METRIC.
    Data: any.
    Relations: needs the extra `tensorboard` to be looked at with `tensorboard --logdir RUN`.
    Reference: tensorflow.summary.
    Example:
        observers: [tensorboard]
    """

    extra: ClassVar[str] = "tensorboard"

    type: Literal["tensorboard"] = "tensorboard"
    folder: str = "tensorboard"

    _writer: Any = PrivateAttr(None)

    def begin(self, setting: Setting) -> None:
        run = os.path.normpath(setting.directory)
        folder = os.path.normpath(setting.directory / self.folder)
        if not Path(folder).is_relative_to(run):
            raise ConfigError(
                f"observers: tensorboard: the folder {self.folder!r} is not inside the run directory. "
                "Expected a relative path without `..`."
            )
        self._writer = tf.summary.create_file_writer(folder)

    def end(self) -> None:
        self._attempt(lambda: self._writer.close())

    def _write(self, step: int, numbers: Mapping[str, float]) -> None:
        with self._writer.as_default(step):
            for name, value in numbers.items():
                tf.summary.scalar(name, value)
        self._writer.flush()
