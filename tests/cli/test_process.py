"""The process of a command: locales, standard streams, a full disk, a folder that is gone."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nlpx.cli.process import problem_of_machine
from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]


ROOT = str(Path(__file__).resolve().parents[2])
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this machine")
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def shell(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A line of the shell in which `$NLPX` is the program."""
    program = folder / "program.py"
    program.write_text("from nlpx.cli.main import main\nmain()\n")
    return subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": ROOT, "NLPX": f"{sys.executable} {program}", **environment},
        check=False,
    )


@needs_full
@pytest.mark.parametrize("command", ["list", "--help"])
def test_a_full_disk_behind_standard_output(tmp_path: Path, command: str) -> None:
    done = shell(f"$NLPX {command} > /dev/full", tmp_path)
    assert done.returncode == 4
    assert done.stderr == (
        b"error: standard output: cannot be written: No space left on device. "
        b"Free space, or write elsewhere.\n"
    )


@needs_full
def test_messages_that_cannot_be_written_leave_the_exit_code(tmp_path: Path) -> None:
    assert shell("$NLPX predict --root nowhere --text 春 2> /dev/full", tmp_path).returncode == 2


def test_a_closed_standard_output(tmp_path: Path) -> None:
    done = shell("$NLPX list >&-", tmp_path)
    assert done.returncode == 4
    assert done.stderr.startswith(b"error: standard output is closed")
    assert done.stderr.count(b"\n") == 1


def test_a_closed_standard_error_is_not_the_next_file(tmp_path: Path) -> None:
    done = shell(
        "$NLPX new couplet new.yaml 2>&-; $NLPX schema --output schema.json 2>&- && cat new.yaml", tmp_path
    )
    assert done.returncode == 0
    assert done.stdout.startswith(b"new.yaml\n#")
    assert b"check it with" not in done.stdout


@pytest.mark.parametrize(
    "command", ["check {}/c.yaml", "predict --text 春", "new couplet x.yaml", "data check c.yaml"]
)
def test_a_deleted_working_directory(
    nlpx: Nlpx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (tmp_path / "c.yaml").write_text("task: couplet\n")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    done = nlpx(*command.format(tmp_path).split())
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith("error: the working directory has been deleted")


def test_what_needs_no_folder_runs_in_a_deleted_one(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    done = shell("cd gone && rmdir ../gone && $NLPX list task", tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")


def test_chinese_arguments_and_paths_under_an_ascii_locale(tmp_path: Path) -> None:
    (tmp_path / "春.yaml").write_text("task: couplet\n", encoding="utf-8")
    done = shell("$NLPX check 春.yaml --set name=秋月", tmp_path, **ASCII)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, "春.yaml: ok\n", b"")
    done = shell("$NLPX check 春.yaml --set 'task=对联'", tmp_path, **ASCII)
    assert "there is no task called 对联" in done.stderr.decode()


def test_a_path_that_is_not_utf_8_under_an_ascii_locale(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.yaml")
    (tmp_path / name).write_text("task: couplet\n", encoding="utf-8")
    done = shell("$NLPX check $'caf\\xe9.yaml'", tmp_path, **ASCII)
    assert (done.returncode, done.stdout) == (0, b"caf\xe9.yaml: ok\n")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_errors_of_the_machine_are_no_bugs(code: int) -> None:
    problem = problem_of_machine(OSError(code, os.strerror(code), "runs/x/log.txt"))
    assert problem is not None
    assert str(problem).startswith(f"runs/x/log.txt: cannot be read or written: {os.strerror(code)}.")


def test_other_errors_of_the_system_stay_bugs() -> None:
    assert problem_of_machine(OSError(errno.EINVAL, "Invalid argument")) is None


@pytest.mark.parametrize("command", [("config", "diff"), ("average",)])
def test_names_that_are_too_long(nlpx: Nlpx, command: tuple[str, ...]) -> None:
    done = nlpx(*command, "x" * 300, "y")
    assert (done.code, done.err.startswith(f"error: there is no run '{'x' * 300}'")) == (2, True)
    problem = problem_of_machine(OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), "x" * 300))
    assert str(problem).startswith(f"{'x' * 100}...: this is too long")
