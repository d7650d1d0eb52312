"""Small files that unpack to much more than texts do, and files that begin with blank lines."""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
import zstandard

from nlpx.data import unpacking_limit
from nlpx.data.files import read_lines
from nlpx.data.formats import look
from nlpx.data.formats.look import Look
from nlpx.data.tables import TableLayout
from nlpx.errors import DataError
from nlpx.inference.lines import opened
from nlpx.inference.lines import read_lines as lines_of_input

SIZE = 1 << 19


def zipped(content: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", content)
    return written.getvalue()


PACKERS: list[Callable[[bytes], bytes]] = [gzip.compress, lzma.compress, zstandard.compress, zipped]


@pytest.mark.parametrize("pack", PACKERS)
@pytest.mark.parametrize("line", [b"\n", b"a\n", b" "])
def test_a_small_file_is_not_unpacked_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes], line: bytes
) -> None:
    monkeypatch.setattr(unpacking_limit, "SPARED", 1 << 16)
    monkeypatch.setattr(unpacking_limit, "RATIO", 20)
    path = tmp_path / "corpus"
    path.write_bytes(pack(line * (SIZE // len(line))))
    limit = r"corpus: this file unpacks to more than 20 times its size"
    read = 0
    with pytest.raises(DataError, match=limit):
        for text in read_lines(path):
            read += len(text) + 1
    assert read < SIZE // 2
    with path.open("rb") as file, pytest.raises(DataError, match=limit), opened(file, "corpus") as stream:
        for _ in lines_of_input(stream, "corpus"):
            pass


@pytest.mark.parametrize("pack", PACKERS)
def test_what_repeats_less_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(unpacking_limit, "SPARED", 1 << 16)
    lines = [f"第{i * 7919 % 65537}行" for i in range(20_000)]
    (tmp_path / "corpus").write_bytes(pack("\n".join(lines).encode()))
    assert sum(1 for _ in read_lines(tmp_path / "corpus")) == 20_000


@pytest.mark.parametrize("layout", [None, TableLayout(("a", "b"), "csv", ",")])
def test_a_look_ends_among_blank_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: TableLayout | None
) -> None:
    monkeypatch.setattr(look, "LOOKED_AT", 10)
    seen: list[str] = []

    def counted(*arguments: object, **options: object) -> object:
        for line in islice(read_lines(tmp_path / "corpus"), 100):
            seen.append(line)
            yield line

    monkeypatch.setattr("nlpx.data.tables.read_lines", counted)
    monkeypatch.setattr("nlpx.data.formats.look.read_lines", counted)
    (tmp_path / "corpus").write_text("\n" * 50 + "甲,乙\n", encoding="utf-8")
    assert Look(tmp_path / "corpus", layout=layout).rows == []
    assert len(seen) == 10
