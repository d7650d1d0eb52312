"""Train or resume in a process of its own: python -m tests.resume.kill_script FOLDER [resume]."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from nlpx.training.events import Event, StepDone
from nlpx.training.observers.base import Observer
from tests.resume.runs import run


class Slow(Observer):
    """Makes updates slow enough to be killed between, and tells of them."""

    def on(self, event: Event) -> None:
        if isinstance(event, StepDone):
            print(event.step, flush=True)
            time.sleep(0.03)


run(Path(sys.argv[1]), Slow(), resume="resume" in sys.argv)
