"""Files are regular and bounded when they are read, whole or not there when they are written."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path

import pytest

from nlpx.core.files import (
    Unreadable,
    make_folder,
    open_appending,
    open_regular,
    read_regular,
    replace_file,
    writing,
)
from nlpx.errors import EnvironmentProblem


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_reads_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "文件"
    path.write_bytes(b"12345")
    assert read_regular(path, 5) == b"12345"
    with pytest.raises(Unreadable, match="larger than 4 bytes"):
        read_regular(path, 4)


def test_what_is_not_a_regular_file_is_not_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, what in ((pipe, "a pipe"), (Path("/dev/zero"), "a device"), (tmp_path, "a folder")):
        with pytest.raises(Unreadable, match=f"it is {what}"):
            open_regular(path)
    link = tmp_path / "link"
    link.symlink_to("/dev/zero")
    with pytest.raises(Unreadable, match="a device"):
        open_regular(link)
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "missing")
    with pytest.raises(Unreadable, match="NUL"):
        open_regular(Path("a\0b"))


def test_what_killed_processes_left_is_deleted_when_the_file_is_written_again(tmp_path: Path) -> None:
    killed = subprocess.Popen(["true"])
    killed.wait()
    path = tmp_path / "out[1].txt"
    gone = [tmp_path / f".out[1].txt.{number}.tmp" for number in (killed.pid, 10**30)]
    kept = [
        tmp_path / name
        for name in (f".out[1].txt.{os.getppid()}.tmp", f".other.{killed.pid}.tmp", ".out[1].txt.x.tmp")
    ]
    for file in (*gone, *kept):
        file.touch()
    replace_file(path, "new")
    assert set(tmp_path.iterdir()) == {path, *kept}


def test_links_are_followed_on_request_only(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("secret")
    link = tmp_path / "link"
    link.symlink_to("target")
    assert read_regular(link, 10) == b"secret"
    with pytest.raises(Unreadable, match="a symbolic link"):
        read_regular(link, 10, follow=False)


def test_a_file_appears_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    with writing(path) as file:
        file.write("新\n")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_bytes() == "新\n".encode()
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("error", [ValueError("wrong"), KeyboardInterrupt()])
def test_an_error_leaves_the_old_file(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    with pytest.raises(type(error)), writing(path) as file:
        file.write("new")
        raise error
    assert path.read_text() == "old"
    assert names(tmp_path) == ["out"]


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("keep")
    link.symlink_to(target)
    replace_file(link, "new")
    assert target.read_text() == "keep"
    assert not link.is_symlink()
    assert link.read_text() == "new"


def test_a_link_under_the_temporary_name_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("keep")
    (tmp_path / f".out.{os.getpid()}.tmp").symlink_to(target)
    replace_file(tmp_path / "out", "new")
    assert target.read_text() == "keep"


def test_what_cannot_be_written_says_where_and_why(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=r"missing/out: cannot be written: No such file"):
        replace_file(tmp_path / "missing" / "out", "x")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, what in (("folder", "a folder"), ("pipe", "a pipe")):
        with pytest.raises(EnvironmentProblem, match=f"{name}: cannot be written: it is {what}"):
            replace_file(tmp_path / name, "x")
    assert names(tmp_path) == ["folder", "pipe"]


def test_a_file_that_waits_for_what_is_to_come_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Waiting(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> None:
            return None

    waiting = io.BufferedReader(Waiting())
    monkeypatch.setattr("nlpx.core.files.open_regular", lambda path, follow: waiting)
    with pytest.raises(Unreadable, match="no data is available"):
        read_regular(Path("/proc/kmsg"), 10)


def test_appending_makes_the_file_and_adds_at_its_end(tmp_path: Path) -> None:
    for text in (b"one ", b"two"):
        with open_appending(tmp_path / "out") as file:
            file.write(text)
    assert (tmp_path / "out").read_bytes() == b"one two"


def test_appending_follows_no_link_and_opens_no_pipe(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("keep")
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "loose").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    for name, what in (("link", "a symbolic link"), ("loose", "a symbolic link"), ("pipe", "a pipe")):
        with pytest.raises(OSError, match=f"it is {what}, not a regular file"):
            open_appending(tmp_path / name)
    assert target.read_text() == "keep"
    assert not (tmp_path / "nothing").exists()


def test_a_folder_is_made_but_no_link_is_taken_for_one(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "link").symlink_to("a")
    with pytest.raises(OSError, match="it is a symbolic link, not a folder"):
        make_folder(tmp_path / "link")
