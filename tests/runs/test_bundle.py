"""How the files of a bundle are written."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from nlpx.runs.bundle_files import write_files


@pytest.mark.parametrize("name", ["b", "b.zip"])
def test_files_of_others_next_to_the_output_are_kept(tmp_path: Path, name: str) -> None:
    """Only what a killed export of the same name left is deleted."""
    killed = subprocess.Popen(["true"])
    killed.wait()
    other, left = tmp_path / ".draft.tmp", tmp_path / f".{name}-{killed.pid}.tmp"
    for folder in (other, left):
        folder.mkdir()
        (folder / "text").touch()
        os.utime(folder, (0, 0))
    write_files(tmp_path / name, {"a": b"b"})
    assert {path.name for path in tmp_path.iterdir()} == {name, other.name}
    assert (other / "text").exists()
