"""Reading lines."""

from __future__ import annotations

import gzip
import hashlib
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.data.files import fingerprint, read_lines
from nlpx.errors import DataError

Compress = Callable[[bytes], bytes]
FORMS: dict[str, Compress] = {".txt": bytes, ".gz": gzip.compress, ".xz": lzma.compress}
LINES = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\0"), max_size=8))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("甲\n乙\n", ["甲", "乙"]),
        ("甲\n乙", ["甲", "乙"]),
        ("\ufeff甲\r\n乙\r\n", ["甲", "乙"]),
        ("甲\n\n 乙 \n", ["甲", "", " 乙 "]),
        ("甲\u2028乙\x85丙\x0b\x0c\x1c\r丁\n", ["甲\u2028乙\x85丙\x0b\x0c\x1c\r丁"]),
        ("甲\n\ufeff乙\n", ["甲", "\ufeff乙"]),
        ("\n", [""]),
    ],
)
def test_lines(tmp_path: Path, form: str, raw: str, expected: list[str]) -> None:
    path = tmp_path / f"corpus{form}"
    path.write_bytes(FORMS[form](raw.encode()))
    assert list(read_lines(path)) == expected


@given(LINES)
def test_any_lines_come_back(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = tmp_path_factory.mktemp("lines") / "corpus.txt"
    path.write_bytes("".join(f"{line}\r\n" for line in ["first", *lines]).encode())
    assert list(read_lines(path)) == ["first", *lines]


@pytest.mark.parametrize(("name", "form"), [("a.txt", ".gz"), ("a.gz", ".txt"), ("a.gz", ".xz")])
def test_the_content_says_what_is_compressed(tmp_path: Path, name: str, form: str) -> None:
    path = tmp_path / name
    path.write_bytes(FORMS[form]("甲\n".encode()))
    assert list(read_lines(path)) == ["甲"]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"cafe\ncaf\xe9\n", r"corpus:2: byte 4 of this line \(0xe9\) is not UTF-8"),
        ("你好\n".encode("gb18030"), r"corpus:1: byte 1 of this line \(0xc4\) is not UTF-8.*iconv"),
        (b"\xff\xfe" + "你好\n".encode("utf-16-le") + b"\0\xd8\0", r"corpus:2: this line is not UTF-16"),
        (b"\xff\xfe" + "你好\n\0".encode("utf-16-le"), r"corpus:2: this line contains a zero character"),
        ("ab\n".encode("utf-16-le"), r"corpus:1: byte 2 of this line is zero.*UTF-16"),
        (b"\xed\xa0\x80\n", r"corpus:1: byte 1 .* is not UTF-8"),
        (b"ok\n\x7fELF\x02\0\0\n", r"corpus:2: byte 6 of this line is zero"),
        (b"\x89PNG\r\n\x1a\n", r"corpus:1: byte 1 of this line \(0x89\)"),
        (b"", r"corpus: the file is empty"),
        (gzip.compress(b"", mtime=0), r"corpus: the file is empty"),
        (
            gzip.compress("甲乙\n".encode() * 5000, mtime=0)[:-12],
            r"corpus:\d+: cannot be read: .*end-of-stream",
        ),
        (lzma.compress("甲乙\n".encode() * 5000)[:-40], r"corpus:\d+: cannot be read: .*end-of-stream"),
        (gzip.compress(b"abc\n", mtime=0)[:-8] + bytes(8), r"corpus:\d+: cannot be read: .*CRC"),
        (b"\x1f\x8b\x08 nothing but the first bytes", r"corpus:1: cannot be read"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, raw: bytes, message: str) -> None:
    path = tmp_path / "corpus"
    path.write_bytes(raw)
    with pytest.raises(DataError, match=message) as caught:
        list(read_lines(path))
    assert caught.value.exit_code == 3
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("read", [fingerprint, lambda path: list(read_lines(path))])
def test_a_missing_file_and_a_folder(tmp_path: Path, read: Callable[[Path], object]) -> None:
    with pytest.raises(DataError, match=r"none\.txt: there is no such file.*data\.root.*NLPX_DATA"):
        read(tmp_path / "none.txt")
    with pytest.raises(DataError, match="this is a folder"):
        read(tmp_path)


def test_lines_before_a_wrong_one_are_read(tmp_path: Path) -> None:
    path = tmp_path / "corpus"
    path.write_bytes("甲\n".encode() + b"\xff\n")
    lines = read_lines(path)
    assert next(lines) == "甲"
    with pytest.raises(DataError):
        next(lines)


def test_the_fingerprint_is_the_sha256_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "corpus.gz"
    path.write_bytes(gzip.compress("甲\n".encode()))
    assert fingerprint(path) == hashlib.sha256(path.read_bytes()).hexdigest()
