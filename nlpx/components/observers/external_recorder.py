"""What keeps the numbers of a run in the files of another program."""

from __future__ import annotations

import random
import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar

from pydantic import PrivateAttr

from nlpx.components.observers.base import Observer
from nlpx.components.observers.events import Evaluated, Event, LossLogged
from nlpx.components.observers.run_facts import Ending, RunFacts
from nlpx.core.lazy import np

LONGEST = 300
"""Characters of the message of another program that are shown."""


class ExternalRecorder(Observer):
    """The base of observers that only keep what happens.

    Results do not depend on a recorder: it draws no random numbers of the run, and never asks it to stop. One
    that fails says so once, and the run continues without it.

    The workflow calls `open` before training, `evaluated` after it, and `close` at last, whatever happened;
    in between the recorder is given the events of training. The base calls the methods below these.
    """

    lost: ClassVar[str] = "its record lacks what follows"
    """What a failure means for the record."""

    _warn: Callable[[str], None] | None = PrivateAttr(None)
    _failed: bool = PrivateAttr(False)

    def open(self, facts: RunFacts, warn: Callable[[str], None]) -> None:
        """Begin, before anything is trained.

        Args:
            facts: of the run.
            warn: called with a message if the recorder fails.

        Raises:
            EnvironmentProblem: it cannot record a new run.
        """
        self._warn = warn

    def on(self, event: Event) -> None:
        # What is logged because of an interruption is logged again, with the rest of its interval.
        if isinstance(event, LossLogged) and not event.partial:
            self._record(event.step, event.numbers)
        elif isinstance(event, Evaluated):
            self._record(event.step, event.metrics)

    def evaluated(self, split: str, step: int, metrics: Mapping[str, float]) -> None:
        """Record the evaluation of the best checkpoint, which was saved at a step."""

    def close(self, ending: Ending, tags: Sequence[str] = (), note: str = "") -> None:
        """The run has ended, with these tags and this note of the user."""

    def _record(self, step: int, numbers: Mapping[str, float]) -> None:
        self._attempt(self._write, step, numbers)

    @abstractmethod
    def _write(self, step: int, numbers: Mapping[str, float]) -> None:
        """Write what belongs to an update; may raise anything."""

    def _attempt(self, action: Callable[..., None], *arguments: object) -> None:
        """Call something that may raise anything, unless the recorder has failed: tell the first failure."""
        if self._failed:
            return
        try:
            with same_random_numbers():
                action(*arguments)
        except Exception as error:  # noqa: BLE001  (whatever another program raises must not end training)
            self._failed = True
            self._tell(f"failed, {self.lost}. The run continues. {reason(error)}")

    def _tell(self, message: str) -> None:
        text = f"recorder {self.type}: {message}"
        if self._warn is None:
            warnings.warn(text, RuntimeWarning, stacklevel=2)
        else:
            self._warn(text)


@contextmanager
def same_random_numbers() -> Iterator[None]:
    """Leave the global generators as they are: other programs make ids and names with them."""
    state, numpy_state = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)


def reason(error: Exception) -> str:
    """What another program says, in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text if len(text) <= LONGEST else text[:LONGEST] + '…'}"
