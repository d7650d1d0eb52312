"""Train or resume in a process of its own: python -m tests.resume.kill_script FOLDER UPDATES [resume]."""

from __future__ import annotations

import sys
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


if __name__ == "__main__":
    run(Path(sys.argv[1]), Slow(int(sys.argv[2])), resume="resume" in sys.argv)
