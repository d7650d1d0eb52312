"""What a SIGKILL would leave of a training run: its folder, copied between two updates."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nlpx.components.observers.base import Listener, Setting
from nlpx.components.observers.events import CheckpointSaved, Event, StepDone

PROGRESS = "nlpx.engine.observers.progress.progress_observer"


class AtEvents(Listener):
    """Copies the run to `folder/EVENT` at events, given by number, the first being 1, or as `StepDone9`."""

    def __init__(self, folder: Path, *events: int | str) -> None:
        self._folder = folder
        self._events = set(events)
        self._number = 0

    def begin(self, setting: Setting) -> None:
        self._run = setting.directory

    def on(self, event: Event) -> None:
        self._number += 1
        for name in {self._number, f"{type(event).__name__}{event.step}"} & self._events:
            shutil.copytree(self._run, self._folder / str(name))


class Photographer(Listener):
    """Shows progress, and copies the run to `folder/STEP` two updates after every checkpoint."""

    def __init__(self, progress: Listener, folder: Path) -> None:
        self._progress = progress
        self._folder = folder
        self._saved: int | None = None

    def begin(self, setting: Setting) -> None:
        self._run = setting.directory
        self._progress.begin(setting)

    def on(self, event: Event) -> None:
        self._progress.on(event)
        if isinstance(event, CheckpointSaved):
            self._saved = event.step
        elif isinstance(event, StepDone) and self._saved == event.step - 2:
            shutil.copytree(self._run, self._folder / str(event.step))

    def end(self) -> None:
        self._progress.end()


@contextmanager
def photographed(folder: Path) -> Iterator[None]:
    """Copy what is trained by the command in this block, as often as a kill is worth a test."""
    from nlpx.engine.observers.progress import progress_observer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PROGRESS, lambda: Photographer(progress_observer(), folder))
        yield
