"""Train or resume in a process that is killed."""

from __future__ import annotations

import time
from pathlib import Path

from nlpx.components.observers.base import Listener
from nlpx.components.observers.events import Event, StepDone
from tests.resume.runs import run


class Slow(Listener):
    """Tells of updates, and waits for the kill a few after the last one that is waited for."""

    def __init__(self, updates: int) -> None:
        self._left = updates + 3

    def on(self, event: Event) -> None:
        if isinstance(event, StepDone):
            print(event.step, flush=True)
            self._left -= 1
            time.sleep(0.03 if self._left else 600)


def main(folder: str, updates: str, *resume: str) -> None:
    """The run in a folder, to be killed after so many updates."""
    run(Path(folder), Slow(int(updates)), resume=bool(resume))
