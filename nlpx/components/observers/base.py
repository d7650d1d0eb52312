"""What an observer is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from nlpx.core.component import Component
from nlpx.core.lazy import keras

if TYPE_CHECKING:
    from nlpx.components.observers.events import Event


@dataclass(frozen=True)
class Setting:
    """What is known before the first event.

    Attributes:
        monitor: the number that decides which checkpoint is best, `valid/...`.
        unit: what the loss is averaged over.
        step: updates made before.
        resumed: whether the run is resumed; from its start if `step` is 0.
        damaged: what is wrong with newer checkpoints that could not be resumed.
        groups: lines about the variables that tricks treat differently; stages tell theirs when they begin.
    """

    directory: Path
    model: keras.layers.Layer
    total_steps: int
    updates_per_epoch: int
    monitor: str
    unit: str = "rows"
    step: int = 0
    resumed: bool = False
    damaged: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class Listener:
    """Is given every event, in order. It may look at everything; all that it changes is `stop_requested`."""

    @property
    def stop_requested(self) -> bool:
        """Whether training should end, with an evaluation, before the next update."""
        return False

    def begin(self, setting: Setting) -> None:
        """Training starts or is resumed."""

    def on(self, event: Event) -> None:
        """Something happened."""

    def end(self) -> None:
        """Training ended, for whatever reason."""


class Observer(Listener, Component):
    """The base of every listener that a config can add. A run is watched by a copy that `prepare` makes."""

    kind: ClassVar[str] = "observer"
