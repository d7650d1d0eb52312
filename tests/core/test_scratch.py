"""Temporary folders are deleted, also those of processes that were killed."""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from pathlib import Path

import pytest

from nlpx.core.scratch import JUST_MADE, scratch
from nlpx.errors import EnvironmentProblem


@pytest.fixture(autouse=True)
def _tmpdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def old(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    (path / "graph.onnx").touch()
    moment = path.stat().st_mtime - JUST_MADE - 1
    os.utime(path, (moment, moment))
    return path


def test_folders_of_killed_processes_are_deleted(tmp_path: Path) -> None:
    names = ("file1234", "new12345", "used1234", "link1234", "of_a_user")
    kept = [*(tmp_path / f"nlpx-scratch-{name}" for name in names), tmp_path / "nlpx-main"]
    kept[0].touch()
    kept[1].mkdir()
    kept[3].symlink_to(old(kept[5]))
    old(kept[4])
    used = os.open(old(kept[2]), os.O_RDONLY)
    fcntl.flock(used, fcntl.LOCK_EX)
    old(tmp_path / "nlpx-scratch-killed12")
    with scratch() as mine:
        assert {*tmp_path.iterdir()} == {*kept, mine}
        old(mine)
        with scratch():
            assert mine.exists()
    assert {*tmp_path.iterdir()} == {*kept}
    os.close(used)


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=f"^{tmp_path}: temporary files .* set .TMPDIR"), scratch():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    for error in (OSError(errno.ENOSPC, "full", "/elsewhere/file"), FileNotFoundError(errno.ENOENT, "no")):
        with pytest.raises(OSError, match=r"full|no"), scratch():
            raise error
    assert list(tmp_path.iterdir()) == []
    tmp_path.rmdir()
    with (
        pytest.raises(EnvironmentProblem, match="temporary files cannot be written: No such file"),
        scratch(),
    ):
        pass
