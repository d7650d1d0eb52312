"""Who watches a training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras

from nlpx.training.events import Event


@dataclass(frozen=True)
class Setting:
    """What an observer is told before the first event.

    Attributes:
        directory: the run directory.
        model: the model that is trained.
        total_steps: updates of the whole training.
        updates_per_epoch: updates of an epoch.
        monitor: the number that decides which checkpoint is best.
    """

    directory: Path
    model: keras.Model
    total_steps: int
    updates_per_epoch: int
    monitor: str


class Observer:
    """Told of every event, in order. It may look at everything and change nothing."""

    def begin(self, setting: Setting, step: int) -> None:
        """Training starts, or goes on after `step` updates."""

    def on(self, event: Event) -> None:
        """Something happened."""

    def end(self) -> None:
        """Training ended, for whatever reason."""
