"""Zip files by nlpx are those of the standard library; those by others are read with suspicion."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from nlpx.core.files import Unreadable
from nlpx.core.zip_files import is_zip, open_stored, zip_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    (folder / "名").mkdir(parents=True)
    (folder / "a").write_bytes(b"first")
    (folder / "名" / "b.json").write_bytes(b"")
    return folder


def test_there_and_back(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    assert zip_folder(folder, path) == path.stat().st_size
    with zipfile.ZipFile(path) as file:
        assert {name: file.read(name) for name in file.namelist()} == {"a": b"first", "名/b.json": b""}
    with open_stored(path) as files:
        assert files.sizes == {"a": 5, "名/b.json": 0}
        assert b"".join(files.portions("a")) == b"first"
    (folder / "a").touch()
    zip_folder(folder, tmp_path / "again.zip")
    assert path.read_bytes() == (tmp_path / "again.zip").read_bytes()
    assert (is_zip(path), is_zip(folder), is_zip(tmp_path / "none.ZIP")) == (True, False, True)


def link(file: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    file.writestr(entry, "/etc/passwd")


def twice(file: zipfile.ZipFile) -> None:
    file.writestr("a", "1")
    with pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("a", "2")


def bomb(file: zipfile.ZipFile) -> None:
    file.writestr("zeros", bytes(1 << 20), zipfile.ZIP_DEFLATED)


def overlapping(file: zipfile.ZipFile) -> None:
    """Many entries with the same content."""
    file.writestr("a", bytes(1000))
    (first,) = file.infolist()
    for number in range(20):
        entry = zipfile.ZipInfo(f"b{number}")
        for name in ("CRC", "compress_size", "file_size", "header_offset"):
            setattr(entry, name, getattr(first, name))
        file.filelist.append(entry)
        file.NameToInfo[entry.filename] = entry


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (link, "'link', which is not a regular file"),
        (lambda file: file.writestr("folder/", ""), "'folder/', which is not a regular file"),
        (twice, "'a' twice"),
        (bomb, "'zeros' is encrypted or compressed"),
        (overlapping, "larger than itself"),
    ],
)
def test_what_no_bundle_contains(
    tmp_path: Path, make: Callable[[zipfile.ZipFile], object], reason: str
) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as file:
        make(file)
    with pytest.raises(Unreadable, match=reason), open_stored(path):
        pass


def test_every_truncation_and_every_changed_byte(folder: Path, tmp_path: Path) -> None:
    """Either everything is read as it was, or Unreadable says why not; under other names, nothing is trusted."""
    path = tmp_path / "x.zip"
    zip_folder(folder, path)
    content = path.read_bytes()
    damaged = [content[:size] for size in range(len(content))]
    damaged += [content[:i] + bytes([content[i] ^ 255]) + content[i + 1 :] for i in range(len(content))]
    for other in damaged:
        path.write_bytes(other)
        try:
            with open_stored(path) as files:
                found = {name: b"".join(files.portions(name)) for name in files.sizes}
        except Unreadable:
            continue
        assert len(found) <= 2 and {*found.values()} <= {b"first", b""}
