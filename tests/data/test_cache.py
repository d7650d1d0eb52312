"""Entries are whole or not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nlpx.core.files import ABANDONED_AFTER
from nlpx.data.cache import damage, write_entry
from nlpx.errors import EnvironmentProblem


def write(folder: Path) -> str:
    (folder / "word").write_text("甲", encoding="utf-8")
    return "甲"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_entry_appears_whole(tmp_path: Path) -> None:
    entry = tmp_path / "deep" / "entry"
    assert write_entry(entry, write) == "甲"
    assert names(entry) == ["manifest.json", "word"]
    assert names(entry.parent) == ["entry"]
    assert damage(entry) is None


def test_nothing_is_left_of_one_that_failed(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        write(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_entry(tmp_path / "entry", fail)
    assert names(tmp_path) == []


def test_a_full_disk_is_the_environments_problem(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(EnvironmentProblem, match=r"No space left on device\. Choose another folder"):
        write_entry(tmp_path / "entry", fail)
    assert names(tmp_path) == []


def test_the_first_to_finish_wins(tmp_path: Path) -> None:
    entry = tmp_path / "entry"

    def slow(folder: Path) -> str:
        (folder / "word").write_text("乙", encoding="utf-8")
        write_entry(entry, write)
        return "乙"

    assert write_entry(entry, slow) == "乙"
    assert (entry / "word").read_text(encoding="utf-8") == "甲"
    assert names(tmp_path) == ["entry"]


def test_damage_names_the_file(tmp_path: Path) -> None:
    entry = tmp_path / "entry"
    write_entry(entry, write)
    (entry / "word").write_text("乙", encoding="utf-8")
    assert damage(entry) == "word has changed"
    (entry / "word").unlink()
    assert "its files are others" in (damage(entry) or "")
    (entry / "manifest.json").write_text("[]", encoding="utf-8")
    assert damage(entry) is not None


@pytest.mark.parametrize("name", ["../secret", "sub/../../secret", "/etc/hostname", "secret"])
def test_a_manifest_names_nothing_outside(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    entry = tmp_path / "entry"
    write_entry(entry, write)
    (entry / "manifest.json").write_text(json.dumps({name: "0"}), encoding="utf-8")
    assert damage(entry) == "its files are others than those it was written with"


@pytest.mark.parametrize("content", ["", "null", "{}", "[" * 100_000, " " * (1 << 20) + "{}"])
def test_a_manifest_that_is_none_is_damage(tmp_path: Path, content: str) -> None:
    entry = tmp_path / "entry"
    write_entry(entry, write)
    (entry / "manifest.json").write_text(content, encoding="utf-8")
    assert damage(entry)


def test_a_pipe_in_an_entry_is_not_waited_for(tmp_path: Path) -> None:
    entry = tmp_path / "entry"
    write_entry(entry, write)
    (entry / "word").unlink()
    os.mkfifo(entry / "word")
    assert damage(entry) == "it is a pipe, not a regular file"


def test_folders_of_killed_processes_are_swept(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from nlpx.data.cache import write_entry\n"
        "write_entry(Path(sys.argv[1]), lambda folder: os._exit(9))"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path / "entry")], check=False)
    assert killed.returncode == 9
    (abandoned,) = tmp_path.iterdir()
    write_entry(tmp_path / "other", write)
    assert names(tmp_path) == sorted([abandoned.name, "other"])  # it may still be at work
    before = time.time() - ABANDONED_AFTER - 1
    os.utime(abandoned, (before, before))
    write_entry(tmp_path / "entry", write)
    assert names(tmp_path) == ["entry", "other"]


def test_processes_that_build_the_same_entry_agree(tmp_path: Path) -> None:
    tsv = tmp_path / "a.tsv"
    tsv.write_text("".join(f"{i}\t{i}\n" for i in range(2000)), encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from nlpx.components.sources.pairs import Pairs\n"
        "from tests.data.conftest import Preparation\n"
        "folder = Path(sys.argv[1])\n"
        "prepared = Preparation(folder / 'cache')(Pairs(train='a.tsv').open(folder))\n"
        "items = prepared.items\n"
        "print(len(items), prepared.vocabularies['char'].sha256, items.arrays['char'].sum())"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    builders = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        for _ in range(3)
    ]
    outputs = {builder.communicate(timeout=60)[0] for builder in builders}
    assert [builder.returncode for builder in builders] == [0, 0, 0]
    assert len(outputs) == 1
    assert outputs.pop().startswith("2000 ")
    (entry,) = (tmp_path / "cache" / "corpora").iterdir()
    assert damage(entry) is None
