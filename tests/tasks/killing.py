"""A training that a user starts, killed between two updates."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.cli.main import run
from nlpx.components.observers.base import Listener
from nlpx.components.observers.events import Event, StepDone
from tests.resume.runs import Killed


class KillAfter(Listener):
    """Raises when so many updates are done."""

    def __init__(self, updates: int) -> None:
        self._left = updates

    def on(self, event: Event) -> None:
        if isinstance(event, StepDone):
            self._left -= 1
            if not self._left:
                raise Killed


def killed_run(config: Path, folder: Path, updates: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that was killed after so many updates, and after its first checkpoint."""
    with monkeypatch.context() as patch:
        patch.setattr("nlpx.engine.observers.progress.progress_observer", lambda: KillAfter(updates))
        with pytest.raises(Killed):
            run(["train", str(config), "--output", str(folder), "--name", "killed"])
    (killed,) = folder.glob("*/killed")
    steps = [int(path.name.removeprefix("step-")) for path in (killed / "checkpoints").iterdir()]
    assert 0 < max(steps) < updates
    return killed
