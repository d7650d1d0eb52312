"""A long output: it is complete or not there, and what a kill leaves is continued, byte for byte."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from nlpx.errors import EnvironmentProblem, UsageError
from nlpx.inference import partial
from nlpx.inference.partial import PartialOutput
from tests.inference.cheap import JOB, run_job
from tests.inference.kill_script import KILLS
from tests.trained import ROOT


@pytest.fixture(autouse=True)
def _record_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partial, "EVERY", 0.0)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def output(path: Path, resume: bool = True, job: dict[str, str] | None = None) -> PartialOutput:
    return PartialOutput(path, "OUT", job or JOB, resume, print)


def interrupt(path: Path, texts: Sequence[str] = ("一\n", "二\n"), resume: bool = False) -> None:
    """Write texts, each for a line, and stop."""
    with pytest.raises(KeyboardInterrupt), output(path, resume) as file:
        for number, text in enumerate(texts, start=1):
            file.write(text, number, f"digest {number}", 0)
        raise KeyboardInterrupt


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_killed_job_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.inference.kill_script", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["random"], found["heavy"]) == (KILLS, [])
    assert found["changes"] > 10


def test_a_complete_output_leaves_nothing_else(out: Path) -> None:
    out.write_text("old", encoding="utf-8")
    out.chmod(0o640)
    with output(out) as file:
        file.write("一\n", 1, "a", 0)
        assert out.read_text(encoding="utf-8") == "old"
        file.write("二\udcff\n", 2, "b", 1)
        assert (file.state.lines, file.state.failed) == (2, 1)
    assert out.read_bytes() == "一\n二".encode() + b"\xff\n"
    assert out.stat().st_mode & 0o777 == 0o640
    assert names(out.parent) == ["out"]


def test_an_interrupted_output_says_how_to_go_on(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    interrupt(out)
    said = capsys.readouterr().out
    assert said.startswith("OUT: was not written, because the output is incomplete. 2 lines are in ")
    assert said.endswith("out.nlpx-part; continue with the same command and --resume.\n")
    with output(out) as file:
        assert (file.state.lines, file.state.digest) == (2, "digest 2")
        file.write("三\n", 3, "c", 0)
    assert out.read_text(encoding="utf-8") == "一\n二\n三\n"
    assert "OUT: 2 lines are done; continuing." in capsys.readouterr().out


def test_without_resume_it_starts_again(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    interrupt(out)
    with output(out, resume=False) as file:
        assert file.state.lines == 0
        file.write("新\n", 1, "a", 0)
    assert "2 lines of an unfinished output are discarded" in capsys.readouterr().out
    assert out.read_text(encoding="utf-8") == "新\n"
    assert names(out.parent) == ["out"]


def test_nothing_written_leaves_nothing(out: Path) -> None:
    interrupt(out, ())
    assert names(out.parent) == []
    interrupt(out)
    interrupt(out, (), resume=True)
    with output(out) as file:
        assert file.state.lines == 2


def test_what_differs_is_named(out: Path) -> None:
    interrupt(out)
    with (
        pytest.raises(UsageError, match="run was cheap, now dear; --keep was not given, now given"),
        output(out, job={"run": "dear", "--keep": "given"}),
    ):
        pass
    assert names(out.parent) == ["out.nlpx-journal", "out.nlpx-part"]


@pytest.mark.parametrize(
    ("journal", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "the file: Input should be"),
        ('{"job": {}, "lines": "x"}', "lines: Input should be a valid integer"),
        ('{"job": {}, "lines": -1}', "lines: Input should be greater than or equal to 0"),
        ('{"job": {}, "lines": 1, "size": -5}', "size: Input should be greater than or equal to 0"),
        ('{"job": {}, "lines": 1, "failed": 1.5}', "failed: Input should be a valid integer"),
        (None, "out.nlpx-part is shorter than"),
    ],
)
def test_damage_is_reported(out: Path, journal: str | None, reason: str) -> None:
    interrupt(out)
    if journal is None:
        os.truncate(f"{out}.nlpx-part", 3)
    else:
        Path(f"{out}.nlpx-journal").write_text(journal, encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match=rf"damaged: .*{reason}.*Omit --resume"), output(out):
        pass
    with output(out, resume=False) as file:
        file.write("新\n", 1, "a", 0)
    assert out.read_text(encoding="utf-8") == "新\n"


def test_one_process_at_a_time(out: Path) -> None:
    with output(out) as file:
        file.write("一\n", 1, "a", 0)
        with pytest.raises(UsageError, match="OUT: another process is writing this output"), output(out):
            pass
    assert out.read_text(encoding="utf-8") == "一\n"


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_file_is_not_written(out: Path, kind: str) -> None:
    part = Path(f"{out}.nlpx-part")
    if kind == "link":
        part.symlink_to(out.parent / "elsewhere")
    elif kind == "folder":
        part.mkdir()
    else:
        os.mkfifo(part)
    with pytest.raises(EnvironmentProblem, match="OUT: cannot be written"), output(out):
        pass
    assert names(out.parent) == ["out.nlpx-part"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_loses_nothing(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "in"
    source.write_text("".join(f"{i}\n" for i in range(100)), encoding="utf-8")
    run_job(source, out, 10)
    expected = out.read_bytes()
    out.unlink()
    fsync, calls = os.fsync, 0

    def full(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls > 12:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentProblem, match=r"cannot be written: No space left on device. Free space"):
        run_job(source, out, 10)
    monkeypatch.undo()
    assert names(out.parent) == ["in", "out.nlpx-journal", "out.nlpx-part"]
    run_job(source, out, 10)
    assert out.read_bytes() == expected
