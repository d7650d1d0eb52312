"""Who watches a training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras

from nlpx.engine.events import Event


@dataclass(frozen=True)
class Setting:
    """What an observer is told before the first event.

    Attributes:
        directory: the run directory.
        model: the model that is trained.
        total_steps: updates of the whole training.
        updates_per_epoch: updates of an epoch.
        monitor: the number that decides which checkpoint is best, `valid/...`.
        step: updates made before.
        resumed: whether the run goes on; from its start where `step` is 0.
        damaged: what is wrong with newer checkpoints that could not be resumed.
    """

    directory: Path
    model: keras.layers.Layer
    total_steps: int
    updates_per_epoch: int
    monitor: str
    step: int = 0
    resumed: bool = False
    damaged: tuple[str, ...] = ()


class Observer:
    """Told of every event, in order. It may look at everything; all it can change is `stop_requested`."""

    stop_requested: bool = False
    """Set to True to end the training, with an evaluation, before the next update."""

    def begin(self, setting: Setting) -> None:
        """Training starts or goes on."""

    def on(self, event: Event) -> None:
        """Something happened."""

    def end(self) -> None:
        """Training ended, for whatever reason."""
