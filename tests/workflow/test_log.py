"""What log.txt keeps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nlpx.errors import Diverged, EnvironmentProblem, Interrupted
from nlpx.workflow.log import RunLog


def kept(path: Path) -> list[str]:
    """The lines of a log, their times checked and taken off."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  ", line) for line in lines)
    return [line[21:] for line in lines]


def test_messages_are_shown_and_kept_those_before_the_run_too(tmp_path: Path) -> None:
    shown: list[str] = []
    log, path = RunLog(shown.append), tmp_path / "log.txt"
    path.write_text("2026-01-01 00:00:00  of an earlier process\n", encoding="utf-8")
    log("preparing")
    log.open(path)
    log.note("step 5\nvalid 对联 \udc80")
    log("run")
    assert shown == ["preparing", "run"]
    assert kept(path) == ["of an earlier process", "preparing", "step 5", "valid 对联 \\udc80", "run"]


def test_errors_are_kept_and_raised_and_bugs_with_their_traceback(tmp_path: Path) -> None:
    log, path = RunLog(lambda message: None), tmp_path / "log.txt"
    log.open(path)
    with pytest.raises(Diverged), log.errors():
        raise Diverged("the loss is nan")
    with pytest.raises(Interrupted), log.errors():
        raise Interrupted(15, "stopped at step 3 and saved")
    with pytest.raises(KeyboardInterrupt), log.errors():
        raise KeyboardInterrupt
    with pytest.raises(ZeroDivisionError), log.errors():
        1 / 0  # noqa: B018
    lines = kept(path)
    assert lines[:3] == ["error: the loss is nan", "stopped at step 3 and saved", "KeyboardInterrupt"]
    assert lines[3] == "Traceback (most recent call last):"
    assert lines[-1] == "ZeroDivisionError: division by zero"


def test_a_log_that_cannot_be_written_hides_no_error(tmp_path: Path) -> None:
    log, path = RunLog(lambda message: None), tmp_path / "log.txt"
    log.open(path)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EnvironmentProblem, match=r"log.txt: cannot be written: it is a symbolic link"):
        log.note("a line")
    with pytest.raises(Diverged), log.errors():
        raise Diverged("the loss is nan")
    assert not (tmp_path / "elsewhere").exists()
