"""Whatever lies where a corpus should be: readers give rows, bad rows or a DataError, in bounded memory."""

from __future__ import annotations

import gzip
import json
import lzma
import os
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlpx.data.files
from nlpx.components.rhymes.table import RhymeTable
from nlpx.components.sources.articles import Articles
from nlpx.components.sources.base import Source
from nlpx.components.sources.folders import Folders
from nlpx.components.sources.groups import Groups
from nlpx.components.sources.linked_texts import LinkedTexts
from nlpx.components.sources.pairs import Pairs
from nlpx.components.sources.poems import Poems
from nlpx.components.sources.scored_pairs import ScoredPairs
from nlpx.components.sources.segmented_text import SegmentedText
from nlpx.data.files import LONGEST_LINE, fingerprint, read_lines
from nlpx.data.pair_groups import read_pairs
from nlpx.data.records import BadRow
from nlpx.errors import DataError
from nlpx.text.dictionary import UserDictionary

SOURCES: Mapping[str, Callable[[Path], Source]] = {
    "pairs": lambda path: Pairs(train=path.name, holdout=2).open(path.parent),
    "parallel pairs": lambda path: Pairs(train=[path.name, path.name], blanks=True).open(path.parent),
    "segmented text": lambda path: SegmentedText(train=path.name, holdout=1).open(path.parent),
    "groups": lambda path: Groups(train=path.name, holdout=1).open(path.parent),
    "scored pairs": lambda path: ScoredPairs(train=path.name, holdout=1).open(path.parent),
    "linked texts": lambda path: LinkedTexts(kb=path.name, train=path.name, holdout=1).open(path.parent),
    "poems": lambda path: Poems(train=path.name, unit="quatrain").open(path.parent),
    "articles": lambda path: Articles(train=path.name, holdout=1).open(path.parent),
    "list of images": lambda path: Folders(train=path.name).open(path.parent),
}
READERS: Mapping[str, Callable[[Path], object]] = {
    "lines": lambda path: list(read_lines(path)),
    "fingerprint": fingerprint,
    "labelled pairs": lambda path: list(read_pairs([path])),
    "labelled pairs with a header": lambda path: list(read_pairs([path], ("a", 2, "b"), header=True)),
    "dictionary": UserDictionary.load,
    "rhymes": lambda path: RhymeTable(file=str(path)).prepare(),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["标题", "\ud800", "", " \n"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "kind"]), inner, max_size=2)
    ),
    max_leaves=4,
)
OBJECTS = st.dictionaries(st.sampled_from(["title", "content", "kind", "x"]), JSON, max_size=4)
PARTS = st.one_of(
    st.binary(max_size=6),
    st.sampled_from([b"\t", b"\n", b"\r\n", b" ", b"1", b"0.5", b"{", b'"title": ', b"[", b",", b"#"]),
    st.text("甲乙丙。，", max_size=4).map(str.encode),
    OBJECTS.map(lambda fields: json.dumps(fields).encode()),
)
CONTENTS = st.lists(PARTS, max_size=24).map(b"".join)


def read(source: Source) -> Iterator[str]:
    """All that is asked of a source, with the texts of good rows."""
    for split in source.splits():
        source.looks_like(split)
        for row in source.rows(split):
            str(row).encode()
            if not isinstance(row, BadRow):
                yield row.line
        source.fingerprint(split)
    source.warnings()


@given(content=CONTENTS, packed=st.sampled_from([bytes, gzip.compress, lzma.compress]))
def test_any_bytes(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, packed: Callable[[bytes], bytes]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "any_bytes"
    folder.mkdir(exist_ok=True)
    for name in ("corpus.tsv", "corpus.jsonl"):
        path = folder / name
        path.write_bytes(packed(content))
        for make in SOURCES.values():
            try:
                for line in read(make(path)):
                    line.encode()
            except DataError as error:
                str(error).encode()
        for reader in READERS.values():
            try:
                reader(path)
            except DataError as error:
                str(error).encode()


def fifo(path: Path) -> None:
    os.mkfifo(path)


def zero(path: Path) -> None:
    path.symlink_to("/dev/zero")


SPECIAL = {"a pipe": fifo, "a device": zero}


@pytest.mark.parametrize("name", [*SOURCES, *READERS])
@pytest.mark.parametrize("kind", SPECIAL)
def test_special_files_are_not_opened(tmp_path: Path, kind: str, name: str) -> None:
    path = tmp_path / "corpus"
    SPECIAL[kind](path)
    with pytest.raises(DataError, match=f"{path}.*{kind}, not a regular file"):
        list(read(SOURCES[name](path))) if name in SOURCES else READERS[name](path)


def test_the_length_of_lines_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LONGEST_LINE == 1 << 24
    monkeypatch.setattr(nlpx.data.files, "LONGEST_LINE", 1 << 20)
    path = tmp_path / "corpus"
    exact = b"a" * ((1 << 20) - 1)
    path.write_bytes(b"\n" + exact + b"\n" + exact + b"bb\n")
    lines = read_lines(path)
    assert [len(next(lines)), len(next(lines))] == [0, (1 << 20) - 1]
    with pytest.raises(
        DataError, match=r"corpus:3: this line is longer than 1 MiB\. Expected one row per line"
    ):
        next(lines)


@pytest.mark.parametrize("pack", [gzip.compress, partial(lzma.compress, preset=0)])
def test_a_small_file_that_unpacks_to_a_huge_line_takes_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(nlpx.data.files, "LONGEST_LINE", 1 << 20)
    path = tmp_path / "corpus.gz"
    path.write_bytes(b"".join(pack(bytes([97]) * (1 << 22)) for _ in range(4)))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=r"corpus\.gz:1: this line is longer than 1 MiB"):
            list(read_lines(path))
        assert tracemalloc.get_traced_memory()[1] < 1 << 23
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"title": "\\ud800", "content": "子"}', "an escape names half a character"),
        ('{"title": "甲", "content": "子\\udfff"}', "an escape names half a character"),
        ('{"title": "甲", "content": "子", "kind": "\\ud800"}', "an escape names half a character"),
        ('{"title": ' + "9" * 5000 + "}", "a number has too many digits"),
        ("[" * 200_000, "nested too deeply"),
        ('{"a":' * 200_000, "nested too deeply"),
        ('{"title": ' + "[" * 500 + "]" * 500 + "}", "the field title is no text but a list"),
        ('{"title": ' + "9" * 400 + "}", "the field title is no text but 9999"),
    ],
)
def test_json_that_breaks_readers_is_a_bad_row(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "a.jsonl"
    good = '{"title": "甲", "content": "\\ud83d\\ude00"}'
    path.write_text(f"{good}\n{line}\n{good}\n", encoding="utf-8")
    first, bad, last = Articles(train="a.jsonl").open(tmp_path).rows("train")
    assert isinstance(bad, BadRow)
    assert (bad.where, reason in bad.reason, len(bad.reason) < 200) == (f"{path}:2", True, True), bad.reason
    assert [getattr(row, "content", "") for row in (first, last)] == ["😀", "😀"]


def test_a_filter_by_a_deep_value_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"title": "甲", "content": "子", "kind": ' + "[" * 900 + "]" * 900 + "}\n", encoding="utf-8"
    )
    with pytest.raises(DataError, match="kind is a list"):
        list(Articles(train="a.jsonl", where={"kind": "brief"}).open(tmp_path).rows("train"))


def test_names_of_files_that_are_not_utf_8_are_bad_rows(tmp_path: Path) -> None:
    for name in (b"a/1.txt", b"a/\xff.txt", b"\xfe/1.txt"):
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/news/" + name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("标题\n正文\n", encoding="utf-8")
    articles = Articles(train="news", group="category").open(tmp_path)
    images = Folders(train="news").open(tmp_path)
    for source, names in ((articles, ["a/\\xff.txt", "\\xfe/1.txt"]), (images, ["a/\\xff.txt", "\\xfe"])):
        bad = [row for row in source.rows("train") if isinstance(row, BadRow) and "UTF-8" in row.reason]
        assert sorted(row.where for row in bad) == sorted(f"{tmp_path}/news/{name}" for name in names)
        assert source.fingerprint("train") == source.fingerprint("train")


def test_an_article_that_cannot_be_read_is_a_bad_row_among_others(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_bytes("标题\n正文\n".encode("gb18030"))
    fifo(tmp_path / "2.txt")
    (tmp_path / "3.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "4.txt").write_text("标题\n正文\n", encoding="utf-8")
    source = Articles(train=".").open(tmp_path)
    *bad, good = source.rows("train")
    reasons = [row.reason for row in bad if isinstance(row, BadRow)]
    assert reasons[0].startswith(
        "line 1: byte 1 of this line (0xb1) is not UTF-8: the file looks like GB18030"
    )
    assert reasons[1].startswith("cannot be read: it is a pipe")
    assert reasons[2].startswith(f"it is a link to {tmp_path}/nowhere, and nothing is there")
    assert not isinstance(good, BadRow)
    assert len(source.fingerprint("train")) == 64
