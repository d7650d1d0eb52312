"""A run that was killed and resumed leaves the bytes of one that never was."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from nlpx.components.observers.base import Listener
from nlpx.components.observers.events import Event, StepDone
from nlpx.engine.checkpoint import Checkpoints
from nlpx.errors import CheckpointError, Interrupted
from tests.forks import Forks
from tests.photographs import AtEvents
from tests.resume.runs import FILES, killed_again_and_again, logged_steps, run, same


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what kills at some events of the uninterrupted run would leave."""
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, killed: Path) -> Path:
    directory = tmp_path_factory.mktemp("uninterrupted")
    outcome = run(directory, AtEvents(killed, 1, 28, 50, 57))
    assert (outcome.progress.step, outcome.progress.epoch, outcome.reason) == (24, 4, "epochs")
    assert outcome.traces == 1
    assert Checkpoints(directory).steps()[-2:] == [22, 24]
    return directory


@pytest.mark.parametrize("event", [1, 28, 57])
def test_killed_at_an_event_and_resumed(uninterrupted: Path, killed: Path, event: int) -> None:
    """The first one is before anything is saved: the same run twice is the same."""
    run(killed / str(event), resume=True)
    same(killed / str(event), uninterrupted)


def test_killed_again_and_again(uninterrupted: Path, tmp_path: Path) -> None:
    kills = killed_again_and_again(run, tmp_path, 19)
    assert 3 <= kills < 20
    same(tmp_path, uninterrupted)


class SignalAt(Listener):
    """Sends this process a signal after some update."""

    def __init__(self, step: int, number: int) -> None:
        self._step, self._number = step, number

    def on(self, event: Event) -> None:
        if isinstance(event, StepDone) and event.step == self._step:
            os.kill(os.getpid(), self._number)


@pytest.mark.parametrize(
    ("step", "number"),
    [(1, signal.SIGTERM), (5, signal.SIGTERM), (18, signal.SIGTERM)],
)
def test_a_signal_saves_the_very_step(uninterrupted: Path, tmp_path: Path, step: int, number: int) -> None:
    with pytest.raises(Interrupted, match=f"stopped at step {step} and saved") as caught:
        run(tmp_path, SignalAt(step, number))
    assert caught.value.signal_number == number
    assert Checkpoints(tmp_path).resolve("last") == step
    assert logged_steps(tmp_path)[-1] == step
    steps: list[int] = []

    class Watch(Listener):
        def on(self, event: Event) -> None:
            if isinstance(event, StepDone):
                steps.append(event.step)

    run(tmp_path, Watch(), resume=True)
    assert steps == list(range(step + 1, 25))
    same(tmp_path, uninterrupted)


@pytest.fixture
def finished_run(uninterrupted: Path, tmp_path: Path) -> Path:
    """A copy that a test may break."""
    return Path(shutil.copytree(uninterrupted, tmp_path / "run"))


def test_a_finished_run_stays_as_it_is(uninterrupted: Path, finished_run: Path) -> None:
    outcome = run(finished_run, resume=True)
    assert (outcome.progress.step, outcome.reason, outcome.traces) == (24, "epochs", 0)
    assert outcome.progress.metrics["valid/nll"] > 0
    same(finished_run, uninterrupted)


def test_a_crash_before_pointers_and_pruning_is_made_good(uninterrupted: Path, finished_run: Path) -> None:
    last = finished_run / "last"
    last.write_text("step-00000022\n", encoding="utf-8")
    (finished_run / "checkpoints" / ".step-00000026.tmp").mkdir()
    run(finished_run, resume=True)
    assert not list((finished_run / "checkpoints").glob(".*"))
    same(finished_run, uninterrupted)


def test_the_newest_checkpoint_damaged(uninterrupted: Path, killed: Path) -> None:
    directory = killed / "50"
    newest = Checkpoints(directory).steps()[-1]
    path = Checkpoints(directory).path(newest) / "state.npz"
    path.write_bytes(path.read_bytes()[:-100])
    told: list[str] = []

    class Watch(Listener):
        def begin(self, setting: object) -> None:
            told.extend(setting.damaged)  # type: ignore[attr-defined]  # a Setting

    run(directory, Watch(), resume=True)
    assert len(told) == 1
    assert f"{path}: damaged" in told[0]
    same(directory, uninterrupted)


def test_all_checkpoints_damaged(finished_run: Path) -> None:
    for step in Checkpoints(finished_run).steps():
        (Checkpoints(finished_run).path(step) / "state.json").write_text("{}", encoding="utf-8")
    before = (finished_run / "metrics.jsonl").read_bytes()
    with pytest.raises(CheckpointError, match=r"no checkpoint can be resumed:(\n  .*state.json: damaged.*)+"):
        run(finished_run, resume=True)
    assert (finished_run / "metrics.jsonl").read_bytes() == before


def test_records_that_were_cut_are_not_made_up(finished_run: Path) -> None:
    (finished_run / "metrics.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"metrics.jsonl: 0 bytes long, but the checkpoint"):
        run(finished_run, resume=True)


def test_a_new_training_does_not_overwrite_an_old_one(finished_run: Path) -> None:
    with pytest.raises(CheckpointError, match="has checkpoints already"):
        run(finished_run)


def test_killed_for_real(uninterrupted: Path, forks: Forks, tmp_path: Path) -> None:
    """SIGKILL of a process, twice; numbers of the steps in the records never repeat."""
    for kill_after, resume in ((7, ()), (4, ("resume",))):
        process = forks.start("tests.resume.kill_script:main", tmp_path, kill_after, *resume)
        assert all(line.isdigit() for line in process.lines(kill_after))
        assert process.kill() == -signal.SIGKILL
    run(tmp_path, resume=True)
    same(tmp_path, uninterrupted)
    evaluations = {5, 10, 15, 20, 24}
    assert logged_steps(tmp_path) == sorted([*range(4, 25, 4), *evaluations])
    assert all((tmp_path / name).stat().st_size for name in FILES)
