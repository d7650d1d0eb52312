"""Sweeps are run to their end, whatever happens on the way: each step of each run is made once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nlpx.core.files import replace_file
from nlpx.errors import DamagedRun, EnvironmentProblem
from nlpx.runs.directory import RunDirectory
from nlpx.runs.lock import claim, held, hold
from nlpx.runs.paths import RunPaths
from nlpx.sweeps.ledger import FOLDER, Trial
from nlpx.sweeps.process import Process, RunJob
from nlpx.sweeps.results import Runs
from tests.sweeps.fake_nlpx import STEPS
from tests.sweeps.making import GRID, load, runner, write


def metrics(folder: Path) -> dict[str, str]:
    """The recorded metrics of all runs by name."""
    paths = (folder / "runs").glob("couplet/*/metrics.jsonl")
    return {path.parent.name: path.read_text(encoding="utf-8") for path in paths}


def proposals(folder: Path) -> list[object]:
    files = sorted((folder / "runs" / FOLDER).glob("*/0*.json"))
    return [json.loads(path.read_text(encoding="utf-8"))["point"] for path in files]


def sweeping(path: Path, jobs: int = 1) -> subprocess.Popen[bytes]:
    """A process of its own that runs a sweep."""
    command = [sys.executable, "-m", "tests.sweeps.making", str(path), str(jobs)]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # shells ignore it in the background
    try:
        return subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "FAKE_SECONDS": "0.1"})
    finally:
        signal.signal(signal.SIGINT, before)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def statuses(folder: Path) -> set[str]:
    return {RunDirectory.open(path).status for path in (folder / "runs" / "couplet").iterdir()}


def test_every_point_is_trained_with_every_seed(undisturbed: Path) -> None:
    found = metrics(undisturbed)
    assert len(found) == 4
    for text in found.values():
        assert [json.loads(line)["step"] for line in text.splitlines()] == [*range(1, STEPS + 1)]
    assert statuses(undisturbed) == {"finished"}
    assert len(proposals(undisturbed)) == 2


def test_what_is_finished_is_not_trained_again_even_by_another_sweep(
    undisturbed: Path, tmp_path: Path
) -> None:
    shutil.copytree(undisturbed, tmp_path, dirs_exist_ok=True)
    said: list[str] = []
    runner(tmp_path / "s.yaml", said).run()
    text = GRID.replace("[1e-3, 1e-2]", "[1e-2, 1e-3, 3e-3]").replace("[1, 2]", "[1]")
    runner(write(tmp_path, text, "other.yaml"), said).run()
    assert said[0] == "trial 2, seed 1: started with optimizer.learning_rate=0.003"
    assert len(said) == 2


def test_a_sweep_that_is_killed_goes_on_where_it_was(undisturbed: Path, tmp_path: Path) -> None:
    """Killed with its training, killed alone, and while another process runs it."""
    path = write(tmp_path)
    first = sweeping(path)
    wait_for(lambda: any(len(text) > 100 for text in metrics(tmp_path).values()))
    training = trainings(tmp_path)
    first.kill()
    first.wait()
    os.kill(training[0], signal.SIGKILL)
    wait_for(lambda: statuses(tmp_path) == {"killed"})
    second = sweeping(path)
    wait_for(lambda: len(metrics(tmp_path)) > 1)
    second.kill()
    second.wait()
    third = sweeping(path)
    runner(path, []).run()
    assert third.wait() == 0
    wait_for(lambda: statuses(tmp_path) <= {"finished", "killed"})
    runner(path, []).run()
    assert metrics(tmp_path) == metrics(undisturbed)
    assert proposals(tmp_path) == proposals(undisturbed)


def test_proposals_that_were_deleted_or_copied_are_made_again_or_ignored(
    undisturbed: Path, tmp_path: Path
) -> None:
    shutil.copytree(undisturbed, tmp_path, dirs_exist_ok=True)
    before, said = proposals(tmp_path), list[str]()
    first, second = sorted((tmp_path / "runs" / FOLDER).glob("*/0*.json"))
    first.unlink()
    copy = second.with_name("0001 (copy).json")
    shutil.copy(second, copy)
    runner(tmp_path / "s.yaml", said).run()
    copy.unlink()
    assert (proposals(tmp_path), said) == (before, [])
    shutil.copy(first, second)
    with pytest.raises(DamagedRun, match="it is trial 0, not 1"):
        runner(tmp_path / "s.yaml", said).run()
    second.write_text("", encoding="utf-8")
    with pytest.raises(DamagedRun, match=r"not JSON.*the trial is proposed again"):
        runner(tmp_path / "s.yaml", said).run()


def trainings(folder: Path) -> list[int]:
    """The processes that train a run of a folder now."""
    paths = (folder / "runs" / "couplet").glob("*/lock")
    return [int(path.read_text(encoding="utf-8").split()[0]) for path in paths]


def test_ctrl_c_saves_a_checkpoint_and_the_sweep_continues(tmp_path: Path) -> None:
    path = write(tmp_path, GRID.replace(", 1e-2", "").replace(", 2", ""))
    process = sweeping(path)
    wait_for(lambda: len(metrics(tmp_path)) == 1)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert statuses(tmp_path) == {"interrupted"}
    said: list[str] = []
    runner(path, said).run()
    assert [line.partition(" with ")[0] for line in said][:1] == ["trial 0, seed 1: resumed"]
    assert [text.count("\n") for text in metrics(tmp_path).values()] == [STEPS]


def test_a_run_that_was_killed_before_training_began_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, GRID.replace(", 1e-2", "").replace(", 2", ""))
    monkeypatch.setenv("FAKE_DIES", "yes")
    said: list[str] = []
    made = runner(path, said)
    made.run()
    assert list(made.failed.values()) == ["exit code -9"]
    monkeypatch.delenv("FAKE_DIES")
    runner(path, said).run()
    assert [line.partition(": ")[2].partition(" ")[0] for line in said] == [
        "started",
        "failed",
        "started",
        "finished",
    ]


def test_bad_runs_are_stopped_and_never_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = GRID.replace("[1e-3, 1e-2]", "[1e-2, 1e-6]").replace("[1, 2]", "[1]")
    path = write(tmp_path, text + "prune: {startup: 1, after: 2}\n")
    monkeypatch.setenv("FAKE_SECONDS", "0.3")
    said: list[str] = []
    runner(path, said).run()
    assert "trial 1, seed 1: stopped early: step " in said[-1]
    before = metrics(tmp_path)
    runner(path, said).run()
    assert (metrics(tmp_path), len(said)) == (before, 4)


def test_a_run_that_diverged_is_a_result_and_the_budget_counts_steps(tmp_path: Path) -> None:
    text = GRID.replace("[1e-3, 1e-2]", "[1.0, 1e-2, 1e-3]").replace("[1, 2]", "[1]")
    path = write(tmp_path, text + f"budget: {{steps: {STEPS}}}\n")
    said: list[str] = []
    runner(path, said).run()
    runner(path, said).run()
    assert [line.partition(" with ")[0] for line in said] == [
        "trial 0, seed 1: started",
        "trial 0, seed 1: diverged",
        "trial 1, seed 1: started",
        f"trial 1, seed 1: finished at step {STEPS}, valid/nll {said[-1][-6:]}",
    ]


def test_a_folder_in_which_a_run_was_being_created_is_no_run(tmp_path: Path) -> None:
    runs = Runs(tmp_path, "couplet", "s", "valid/nll")
    folder = runs.path("x", 1)
    folder.mkdir(parents=True)
    (folder / ".config.yaml.1.tmp").touch()
    assert runs.result("x", 1).status == "new"
    (folder / "mine.txt").touch()
    assert runs.result("x", 1).status == "broken"


def test_a_run_counts_as_stopped_early_once_it_has_ended(undisturbed: Path, tmp_path: Path) -> None:
    """It may finish before the signal arrives; all processes must then see the same."""
    shutil.copytree(undisturbed, tmp_path, dirs_exist_ok=True)
    run = next((tmp_path / "runs" / "couplet").glob("s-*-s1"))
    (run / "sweep.json").write_text('{"sweep": "s", "trial": 0, "pruned": "bad"}', encoding="utf-8")
    config = run.name.split("-")[1]

    def status() -> str:
        return Runs(tmp_path / "runs", "couplet", "s", "valid/nll").result(config, 1).status

    assert status() == "finished"
    (run / "STATUS").write_text("running\n", encoding="utf-8")
    with hold(run / "lock"):
        assert status() == "running"
    assert status() == "pruned"


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    made = runner(write(tmp_path), [])
    made.ledger.make()
    (made.ledger.folder / "lock").mkdir()
    with pytest.raises(EnvironmentProblem, match="lock: cannot be written: Is a directory"):
        made.run()
    (made.ledger.folder / "lock").rmdir()
    made.trainer = replace(made.trainer, program=["no-such-program"])
    with pytest.raises(EnvironmentProblem, match="training of trial 0, seed 1 cannot be started: No such"):
        made.run()
    assert not any(held(path) for path in made.ledger.folder.parent.glob("*.lock"))


def test_ctrl_c_ends_the_wait_for_another_process(tmp_path: Path) -> None:
    ledger = runner(write(tmp_path), []).ledger
    ledger.make()
    with ledger.proposing(lambda: False) as alone, ledger.proposing(lambda: True) as other:
        assert (alone, other) == (True, False)


def test_a_run_that_is_deleted_while_it_is_marked_is_no_error(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunPaths(shutil.copytree(next((undisturbed / "runs" / "couplet").iterdir()), tmp_path / "run"))
    job = RunJob(Trial(number=0, point={}, config="x"), 1, run, resume=False)
    claimed = claim(tmp_path / "lock")
    assert claimed is not None
    process = Process.start(job, claimed, tmp_path / "printed", [sys.executable, "-c", ""], 1)
    process.process.wait()
    process.mark("s", now=True)
    assert json.loads(run.sweep.read_text(encoding="utf-8"))["sweep"] == "s"

    def gone(path: Path, content: str) -> None:
        shutil.rmtree(run.path)
        replace_file(path, content)

    monkeypatch.setattr("nlpx.sweeps.process.replace_file", gone)
    process.mark("s", now=True)
    claimed.release()


def test_a_sweep_gives_up_when_all_runs_fail(tmp_path: Path) -> None:
    made = runner(write(tmp_path), [])
    made.trainer = replace(made.trainer, program=[sys.executable, "-c", "exit('no disk')"])
    with pytest.raises(EnvironmentProblem, match=r"3 runs failed one after the other.*\nno disk\n"):
        made.run()


def test_one_sweep_has_one_id(tmp_path: Path) -> None:
    ids = [
        load(tmp_path, GRID + more).id for more in ("", "budget: {trials: 1}\n", "set: {train.epochs: 3}\n")
    ]
    assert ids[0] == ids[1] != ids[2]
