from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from nlpx.config.load import load_experiment
from nlpx.errors import DamagedRun, DataError, Diverged, EnvironmentProblem, Interrupted, UsageError
from nlpx.runs.directory import FORMAT, RunDirectory
from nlpx.runs.lock import held
from nlpx.runs.lookup import newest
from tests.runs.making import couplet, make_run

HOLDER = """
import sys
import threading
from pathlib import Path
from nlpx.runs.directory import RunDirectory
with RunDirectory(Path(sys.argv[1])).training():
    print("training", flush=True)
    sys.stdin.readline()
"""


def _status(run: RunDirectory) -> str:
    """Asked anew: the status of a run changes while the object stays the same."""
    return run.status


def _create(root: Path) -> str:
    return RunDirectory.create(root, couplet(), "task: couplet\n").id


class TestCreate:
    def test_lies_in_the_folder_of_its_task_under_an_id_of_time_and_digits(self, tmp_path: Path) -> None:
        run = RunDirectory.create(tmp_path, couplet(), "task: couplet  # 对联\n")
        assert run.path.parent == tmp_path / "couplet"
        assert re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{6}", run.id)
        assert run.config.read_text(encoding="utf-8") == "task: couplet  # 对联\n"

    def test_resolved_config_loads_to_an_equal_experiment(self, tmp_path: Path) -> None:
        experiment = load_experiment(make_run(tmp_path).resolved).experiment
        run = RunDirectory.create(tmp_path, experiment, "task: couplet\n")
        assert load_experiment(run.resolved).experiment == experiment

    def test_runs_that_start_in_the_same_second_do_not_collide(self, tmp_path: Path) -> None:
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            ids = pool.map(_create, [tmp_path] * 40)
        assert len(set(ids)) == 40 == len(list((tmp_path / "couplet").iterdir()))

    def test_an_id_that_is_taken_is_drawn_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        digits = iter(["aaaaaa", "aaaaaa", "bbbbbb"])
        monkeypatch.setattr("nlpx.runs.directory.secrets.token_hex", lambda size: next(digits))
        monkeypatch.setattr("nlpx.runs.directory.time.strftime", lambda form: "20261120-231501")
        assert _create(tmp_path) == "20261120-231501-aaaaaa"
        assert _create(tmp_path) == "20261120-231501-bbbbbb"

    def test_name_that_is_taken(self, tmp_path: Path) -> None:
        RunDirectory.create(tmp_path, couplet(), "", "baseline")
        with pytest.raises(
            UsageError, match=r"a run with this name already exists.*--name.*--resume"
        ) as caught:
            RunDirectory.create(tmp_path, couplet(name="baseline"), "")
        assert caught.value.exit_code == 2

    @pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "-f", "a b", ".."])
    def test_name_that_is_no_folder_name(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(UsageError, match="is not a valid name of a run"):
            RunDirectory.create(tmp_path, couplet(), "", name)
        assert not list(tmp_path.iterdir())

    def test_unwritable_output(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("", encoding="utf-8")
        with pytest.raises(EnvironmentProblem, match=r"a run cannot be created here.*--output") as caught:
            RunDirectory.create(tmp_path / "file", couplet(), "")
        assert caught.value.exit_code == 4

    def test_full_disk_leaves_no_half_made_run(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        written: list[Path] = []

        def full(path: Path, content: str) -> None:
            if written:
                raise EnvironmentProblem(f"{path}: cannot be written: No space left on device.")
            written.append(path)

        monkeypatch.setattr("nlpx.runs.directory.replace_file", full)
        with pytest.raises(EnvironmentProblem, match="No space"):
            RunDirectory.create(tmp_path, couplet(), "", "half")
        assert list((tmp_path / "couplet").iterdir()) == []

    def test_file_in_the_place_of_the_evaluations(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        run.eval_folder.write_text("", encoding="utf-8")
        with pytest.raises(EnvironmentProblem, match="eval: this folder cannot be created: File exists"):
            run.make_eval_folder()
        run.eval_folder.unlink()
        for _ in range(2):
            run.make_eval_folder()
        assert run.eval_folder.is_dir()

    def test_folder_that_was_deleted_under_the_shell(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config = tmp_path / "c.yaml"
        config.write_text("task: couplet\n", encoding="utf-8")
        gone = tmp_path / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        try:
            for relative in (
                lambda: newest(Path("runs")),
                lambda: load_experiment(config, includes=[Path("plugin.py")]),
                lambda: load_experiment(config, ["seed=1"]),
            ):
                with pytest.raises(EnvironmentProblem, match="the current folder cannot be used: No such"):
                    relative()
            with pytest.raises(EnvironmentProblem, match="a run cannot be created here"):
                RunDirectory.create(Path("runs"), couplet(), "")
            assert load_experiment(config).experiment == couplet(data={"root": str(tmp_path)})
        finally:
            monkeypatch.chdir(tmp_path)


class TestOpen:
    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"there is no such folder.*runs list"):
            RunDirectory.open(tmp_path / "no")

    def test_not_a_run(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="is not a run"):
            RunDirectory.open(tmp_path)

    @pytest.mark.parametrize("name", ["config.yaml", "resolved.yaml", "snapshot.json", "STATUS"])
    def test_half_created(self, tmp_path: Path, name: str) -> None:
        run = make_run(tmp_path)
        (run.path / name).unlink()
        with pytest.raises(DamagedRun, match=f"incomplete: missing {re.escape(name)}"):
            RunDirectory.open(run.path)

    def test_from_a_newer_version(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        values = json.loads(run.snapshot.read_text(encoding="utf-8"))
        run.snapshot.write_text(json.dumps({**values, "format": FORMAT + 1}), encoding="utf-8")
        with pytest.raises(
            UsageError,
            match=rf"newer version of nlpx \(layout {FORMAT + 1}; this version supports up to {FORMAT}\)",
        ):
            RunDirectory.open(run.path)

    @pytest.mark.parametrize("content", [b"", b"[1]", b'{"format": "x"}', b"{}", b"\xff\xfe"])
    def test_damaged_snapshot(self, tmp_path: Path, content: bytes) -> None:
        run = make_run(tmp_path)
        run.snapshot.write_bytes(content)
        with pytest.raises(DamagedRun, match=r"snapshot\.json: damaged") as caught:
            RunDirectory.open(run.path)
        assert caught.value.exit_code == 4


class TestStatus:
    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (Interrupted(signal.SIGTERM, "stopped"), "interrupted"),
            (KeyboardInterrupt(), "interrupted"),
            (Diverged("nan"), "diverged"),
            (DataError("bad"), "failed"),
            (ZeroDivisionError(), "failed"),
        ],
    )
    def test_tells_how_training_ended(self, tmp_path: Path, error: BaseException, status: str) -> None:
        run = make_run(tmp_path, status=None)
        with pytest.raises(type(error)), run.training():
            assert _status(run) == "running"
            raise error
        assert _status(run) == status

    def test_finished(self, tmp_path: Path) -> None:
        run = make_run(tmp_path, status=None)
        with run.training():
            pass
        assert run.status == "finished"

    def test_full_disk_does_not_hide_why_training_ended(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = make_run(tmp_path, status=None)

        def full(path: Path, content: str) -> None:
            raise EnvironmentProblem("disk full")

        with pytest.raises(Diverged), run.training():
            monkeypatch.setattr("nlpx.runs.directory.replace_file", full)
            raise Diverged("nan")
        assert run.status == "killed"
        with pytest.raises(EnvironmentProblem, match="disk full"):
            run.set_status("finished")

    def test_unknown_content(self, tmp_path: Path) -> None:
        run = make_run(tmp_path)
        run.status_file.write_text("done", encoding="utf-8")
        with pytest.raises(DamagedRun, match=r"'done' is not a status; expected one of running, finished"):
            _ = run.status


@pytest.mark.parametrize("call", ["ftruncate", "pwrite"])
def test_full_disk_at_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    run = make_run(tmp_path, status=None)

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(f"nlpx.runs.lock.os.{call}", full)
        with pytest.raises(EnvironmentProblem, match="lock: cannot be written: No space"), run.training():
            pass
    with run.training():
        assert run.status == "running"


def test_lock_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    run = make_run(tmp_path, status=None)
    os.mkfifo(run.lock)
    with pytest.raises(EnvironmentProblem, match="lock: cannot be written"), run.training():
        pass
    assert not held(run.lock)


def test_a_process_does_not_wait_for_itself(tmp_path: Path) -> None:
    run = make_run(tmp_path, status=None)
    with run.training(), pytest.raises(UsageError, match=rf"pid {os.getpid()}, since"), run.training():
        pass


class TestTwoProcesses:
    def test_second_is_refused_and_a_killed_first_frees_the_run(self, tmp_path: Path) -> None:
        run = make_run(tmp_path, status=None)
        command = [sys.executable, "-c", HOLDER, str(run.path)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        ) as first:
            assert first.stdout is not None
            assert first.stdout.readline() == "training\n"
            assert run.status == "running"
            who = rf"another process \(pid {first.pid}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)"
            with pytest.raises(UsageError, match=f"{who} is training in this run"):
                run.training().__enter__()
            run.lock.write_text(f"{first.pid}\n")  # as an older nlpx does
            with pytest.raises(UsageError, match=rf"process \(pid {first.pid}\) is training"):
                run.training().__enter__()
            run.lock.write_text("")
            with pytest.raises(UsageError, match=r"process \(pid unknown\) is training"):
                run.training().__enter__()
            assert _status(run) == "running"
            first.kill()
        assert _status(run) == "killed"
        with run.training():
            assert _status(run) == "running"
        assert _status(run) == "finished"

    def test_asking_for_the_status_does_not_keep_a_training_out(self, tmp_path: Path) -> None:
        run = make_run(tmp_path, status="running")
        run.lock.touch()
        asking = threading.Event()

        def ask() -> None:
            while not asking.is_set():
                _ = run.status

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            for _ in range(20):
                with run.training():
                    pass
        finally:
            asking.set()
            thread.join()


def test_a_run_that_may_not_be_read_is_not_called_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything, so the answer of the system is made here."""
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(DamagedRun, match=r"permission denied\. Make the folder readable"):
        RunDirectory.open(tmp_path)
