"""Files that are made once: whole, told about where they cannot be kept, swept up after a kill."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest

from nlpx.core.files import ABANDONED_AFTER
from nlpx.errors import EnvironmentProblem
from nlpx.tasks.similarity.kept_files import KeptFiles


def read(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None


def write(path: Path) -> None:
    path.write_text("made")


def half(path: Path) -> None:
    path.write_text("ha")
    raise OSError(28, "No space left on device")


def test_made_where_it_is_missing_or_wrong(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path / "new", print)
    assert files.open("a", read, write) == "made"
    (tmp_path / "new" / "a").write_text("other")
    assert files.open("a", read, write) == "other"
    assert files.open("a", lambda path: None if read(path) == "other" else read(path), write) == "made"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a"]


def test_a_folder_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    said: list[str] = []
    files = KeptFiles(tmp_path / "file", said.append)
    assert [files.open(name, read, write) for name in "ab"] == ["made", "made"]
    (message,) = said
    assert message.startswith(f"{tmp_path / 'file' / 'a'}: cannot be kept: ")
    assert "made again each time; make the folder writable" in message


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    (tmp_path / "other").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "other"))
    with pytest.raises(
        EnvironmentProblem, match="other: temporary files cannot be written: No space left on device"
    ):
        KeptFiles(tmp_path / "new", said.append).open("a", read, half)
    assert "No space left on device" in said[0]
    assert list((tmp_path / "new").iterdir()) == list((tmp_path / "other").iterdir()) == []


def test_what_killed_processes_left_is_removed(tmp_path: Path) -> None:
    for name, age in ((".a.1.tmp", 2 * ABANDONED_AFTER), (".a.2.tmp", 0.0)):
        (tmp_path / name).write_text("")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    KeptFiles(tmp_path, print).open("a", read, write)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.2.tmp", "a"]


def test_nothing_is_kept_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "index").symlink_to("outside")
    said: list[str] = []
    assert KeptFiles(tmp_path / "index", said.append).open("a", read, write) == "made"
    assert "it is a symbolic link, not a folder" in said[0]
    assert list((tmp_path / "outside").iterdir()) == []
