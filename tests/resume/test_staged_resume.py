"""A run in stages that was killed anywhere and resumed leaves the bytes of one that never was."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from nlpx.components.observers.base import Listener
from nlpx.components.observers.events import CheckpointSaved, Event, StageBegan, StageEnded, StepDone
from nlpx.engine.checkpoint import Checkpoints
from nlpx.engine.train import train
from nlpx.errors import CheckpointError, Interrupted
from tests.engine.staged_toy import resumed_staged_job
from tests.forks import Forks
from tests.photographs import AtEvents
from tests.resume.runs import same
from tests.resume.staged_runs import SECTIONS, run_staged

EVENTS: list[str] = []
"""What happened in the run that was never killed."""


class Tell(Listener):
    def on(self, event: Event) -> None:
        EVENTS.append(f"{type(event).__name__}{event.step}")


AROUND = ("CheckpointDue7", "CheckpointSaved7", "EpochBegan7")
"""The boundary between two stages."""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what kills at some events of the uninterrupted run would leave."""
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, killed: Path) -> Path:
    directory = tmp_path_factory.mktemp("uninterrupted")
    EVENTS.clear()
    outcome = run_staged(directory, Tell(), AtEvents(killed, *AROUND, "StepDone9"))
    assert (outcome.progress.step, outcome.progress.epoch, outcome.reason) == (12, 3, "epochs")
    return directory


def test_the_story_of_a_boundary(uninterrupted: Path) -> None:
    begin = EVENTS.index("Evaluated7")
    assert EVENTS[begin : begin + 8] == [
        "Evaluated7",
        "CheckpointDue7",
        "CheckpointSaved7",
        "StageEnded7",
        "EpochEnded7",
        "StageBegan7",
        "EpochBegan7",
        "StepDone8",
    ]


@pytest.mark.parametrize("event", AROUND)
def test_killed_at_an_event_and_resumed(uninterrupted: Path, killed: Path, event: str) -> None:
    run_staged(killed / event, resume=True)
    same(killed / event, uninterrupted)


class SignalAt(Listener):
    """Sends this process a signal at an event."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.saved: list[int] = []

    def on(self, event: Event) -> None:
        if f"{type(event).__name__}{event.step}" == self._name:
            os.kill(os.getpid(), signal.SIGTERM)
        if isinstance(event, CheckpointSaved):
            self.saved.append(event.step)


@pytest.mark.parametrize(
    ("event", "step", "stage"),
    [("StageEnded7", 7, 0), ("StageBegan7", 7, 0), ("StepDone9", 9, 1)],
)
def test_a_signal_at_a_boundary(
    uninterrupted: Path, tmp_path: Path, event: str, step: int, stage: int
) -> None:
    """The checkpoint of a boundary is that of the stage that ended: its weights are those evaluated."""
    with pytest.raises(Interrupted, match=f"stopped at step {step} and saved"):
        run_staged(tmp_path, SignalAt(event))
    assert Checkpoints(tmp_path).resolve("last") == step
    assert Checkpoints(tmp_path).load(step)[1].stage == stage
    run_staged(tmp_path, resume=True)
    same(tmp_path, uninterrupted)


def test_a_damaged_checkpoint_leads_back_into_the_stage_before(uninterrupted: Path, killed: Path) -> None:
    directory = killed / "StepDone9"
    assert Checkpoints(directory).steps()[-2:] == [7, 8]
    path = Checkpoints(directory).path(8) / "state.npz"
    path.write_bytes(path.read_bytes()[:-100])
    began: list[int] = []

    class Watch(Listener):
        def on(self, event: Event) -> None:
            if isinstance(event, StageBegan):
                began.append(event.stage)

    run_staged(directory, Watch(), resume=True)
    assert began == [0, 1]
    same(directory, uninterrupted)


@pytest.fixture
def finished_run(uninterrupted: Path, tmp_path: Path) -> Path:
    """A copy that a test may break."""
    return Path(shutil.copytree(uninterrupted, tmp_path / "run"))


def test_a_finished_run_stays_as_it_is(uninterrupted: Path, finished_run: Path) -> None:
    outcome = run_staged(finished_run, resume=True)
    assert (outcome.progress.step, outcome.reason, outcome.traces) == (12, "epochs", 0)
    same(finished_run, uninterrupted)


def test_a_stage_that_the_config_does_not_have(finished_run: Path) -> None:
    with pytest.raises(CheckpointError, match="is from stage 2, but the config has 1"):
        train(resumed_staged_job(finished_run, **{**SECTIONS, "train": {"stages": [{"epochs": 9}]}}))


class Slow(Listener):
    """Prints what can be waited for, and waits to be killed there."""

    def __init__(self, at: str) -> None:
        self._at = at

    def on(self, event: Event) -> None:
        if isinstance(event, StepDone | StageBegan | StageEnded):
            name = f"{type(event).__name__}{event.step}"
            print(name, flush=True)
            if name == self._at:
                signal.pause()


def train_slowly(folder: str) -> None:
    """A run that waits at its boundary."""
    run_staged(Path(folder), Slow("StageEnded7"))


def test_killed_for_real(uninterrupted: Path, forks: Forks, tmp_path: Path) -> None:
    """SIGKILL of a process at a boundary."""
    process = forks.start(f"{__name__}:{train_slowly.__name__}", tmp_path)
    process.lines(9)
    assert process.kill() == -signal.SIGKILL
    assert process.lines(9)[-1] == "StageEnded7"
    run_staged(tmp_path, resume=True)
    same(tmp_path, uninterrupted)
