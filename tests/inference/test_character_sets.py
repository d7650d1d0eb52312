"""Inputs in other character sets than UTF-8, and the option that declares them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from nlpx.data.decoding import Declared
from nlpx.data.files import read_lines as read_file
from nlpx.data.formats.character_sets import Encoding
from nlpx.errors import DataError
from nlpx.inference import utf_16
from nlpx.inference.lines import Line, opened, read_lines
from nlpx.inference.records import Table, Wanted, read_objects
from tests.inference.test_records import zipped

TEXTS = ["明月松間照，清泉石上流。", "ਊ空山不見人", "BMW Ċ", "", "鄉音無改鬢毛衰"]  # ਊ and Ċ have a byte 0x0A
OPTION = "--encoding"


def written(form: str) -> str:
    """The texts as lines, JSON lines or a table."""
    if form == "lines":
        return "\n".join(TEXTS) + "\r\n"
    if form == "objects":
        return "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in TEXTS)
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=form).writerows([["n", "text"], *enumerate(TEXTS)])
    return file.getvalue()


def read(raw: bytes, form: str, encoding: Encoding) -> list[Line]:
    declared = Declared(encoding, OPTION)
    with opened(io.BufferedReader(io.BytesIO(raw)), "here") as file:
        if form == "lines":
            return [*read_lines(file, "here", declared=declared)]
        if form == "objects":
            return [*read_objects(file, "here", Wanted("text"), declared)]
        return [*Table(file, "here", Wanted("text"), declared)]


@pytest.mark.parametrize("form", ["lines", "objects", ",", "\t"])
@pytest.mark.parametrize(
    ("python", "declared"),
    [
        ("gb18030", "gb18030"),
        ("utf-16", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16-be"),
        ("utf-8-sig", "utf-8"),
    ],
)
def test_texts_in_any_character_set(python: str, declared: Encoding, form: str) -> None:
    raw = written(form).encode(python)
    packers: list[Callable[[bytes], bytes]] = [gzip.compress, lzma.compress, zstandard.compress, zipped]
    for pack in (bytes, *packers):
        found = read(pack(raw), form, declared)
        assert ([line.text for line in found], {line.error for line in found}) == (TEXTS, {""})


def test_characters_that_are_cut_by_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utf_16, "CHUNK", 3)
    found = read("😀\n春😀\n".encode("utf-16"), "lines", "utf-8")
    assert [line.text for line in found] == ["😀", "春😀"]


@pytest.mark.parametrize(
    ("raw", "declared", "error"),
    [
        (b"\xb4\xba\n\xff\n\xb7\xe7", "gb18030", "byte 1 of this line (0xff) is not GB18030. Expected"),
        ("春\nxy\ud800风\n风".encode("utf-16-le", "surrogatepass"), "utf-16", "character 3 of this line is"),
        ("春\na\0\n风".encode("utf-16-be"), "utf-16-be", "this line contains a zero character. Remove it."),
        ("春\n".encode() + b"a\0\n" + "风".encode(), "utf-8", "byte 2 of this line is zero. Text has none"),
    ],
)
def test_a_wrong_byte_is_an_error_of_its_line(raw: bytes, declared: Encoding, error: str) -> None:
    found = read(raw, "lines", declared)
    assert [line.text for line in found] == ["春", "", "风"]
    assert found[1].error.startswith(f"here:2: {error}"), found[1].error
    assert not found[0].error + found[2].error


@pytest.mark.parametrize("python", ["utf-8-sig", "utf-16"])
def test_a_mark_alone_is_no_line(python: str, tmp_path: Path) -> None:
    assert read("".encode(python), "lines", "utf-8") == []
    assert read("\n".encode(python), "lines", "utf-8") == [Line("1", "")]
    (tmp_path / "a").write_bytes("".encode(python))
    with pytest.raises(DataError, match="a: the file is empty"):
        list(read_file(tmp_path / "a"))


def test_an_odd_number_of_bytes() -> None:
    found = read("春\n风".encode("utf-16") + b"x", "lines", "utf-8")
    assert found[0] == Line("1", "春")
    assert found[1].error == "here:2: character 2 of this line is half of a character. Expected UTF-16."


@pytest.mark.parametrize("python", ["utf-8", "utf-16"])
def test_another_character_set_than_the_file_certainly_has(python: str) -> None:
    with pytest.raises(DataError, match=r"here: this file is UTF-\d+, but --encoding is gb18030\. Remove"):
        read(written("lines").encode(python), "lines", "gb18030")


@pytest.mark.parametrize(
    ("python", "option", "iconv"),
    [
        ("gb18030", "gb18030", "GB18030"),
        ("big5", "big5", "BIG5"),
        ("utf-16-le", "utf-16-le", "UTF-16LE"),
        ("utf-16-be", "utf-16-be", "UTF-16BE"),
    ],
)
def test_messages_name_the_option_that_reads_the_file(python: str, option: Encoding, iconv: str) -> None:
    raw = "明月松間照，清泉石上流。\n空山不見人\n".encode(python)
    found = read(raw, "lines", "utf-8")
    advice = f"give --encoding {option}, or convert the file with `iconv -f {iconv} -t UTF-8"
    assert advice in found[0].error
    assert [line.text for line in read(raw, "lines", option)] == ["明月松間照，清泉石上流。", "空山不見人"]
