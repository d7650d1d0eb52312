"""Ctrl-C and SIGTERM: finish the step, save, leave."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

from nlpx.errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Abandoned(BaseException):
    """Raised inside work that a signal may cut short. Like KeyboardInterrupt, it is no Exception."""


class StopRequest:
    """While entered, the first signal is noted in `number`; a second Ctrl-C leaves at once.

    Signals that the process was started to ignore (in the background of a shell) stay ignored. Outside the
    main thread signals cannot be caught: then none is.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._abandonable = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> StopRequest:
        if threading.current_thread() is threading.main_thread():
            caught = (number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN)
            self._before = {number: signal.signal(number, self._note) for number in caught}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal returned

    @contextmanager
    def abandonable(self) -> Iterator[None]:
        """Work inside changes nothing that is saved: a signal ends it at once.

        Raises:
            Abandoned: a signal came, now or before.
        """
        if self.number is not None:
            raise Abandoned
        self._abandonable = True
        try:
            yield
        finally:
            self._abandonable = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.number is not None:
            if number == signal.SIGINT:
                raise Interrupted(number, "stopped at once; the last checkpoint that was complete is there.")
            return
        self.number = number
        if self._abandonable:
            raise Abandoned
