"""Words with tags of parts of speech."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from nlpx.components.sources.segmented_text import SegmentedText
from nlpx.data.records import BadRow, Record, Sentence


def read(path: Path, text: str) -> list[Record | BadRow]:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return list(SegmentedText(train=path.name, tagged=True).open(path.parent).rows("train"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("今天/t 天气/n  不错/a1", "今天 天气 不错"),
        ("[国务院/nt 侨办/j]/nt 主任/n", "国务院 侨办 主任"),  # of 2014
        ("[中央/n 人民/n 广播/vn 电台/n]nt 。/w", "中央 人民 广播 电台 。"),  # of 1998
        ("//w a/b/n 1/2/m", "/ a/b 1/2"),
        ("[/w 甲/n ]/w [[/w 乙/n ]/w]/nz", "[ 甲 ] [ 乙 ]"),
        ("😀/x 👩‍👩‍👧/x", "😀 👩‍👩‍👧"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_tags_and_brackets_are_dropped(tmp_path: Path, line: str, words: str, name: str) -> None:
    (row,) = read(tmp_path / name, f"\ufeff{line}\r\n\r\n")
    assert row == Sentence(f"{tmp_path / name}:1", tuple(words.split()))


@pytest.mark.parametrize("token", ["天气", "天气/", "/n", "天气/名词", "]/", "/"])
def test_a_word_without_a_tag_is_a_bad_row(tmp_path: Path, token: str) -> None:
    rows = read(tmp_path / "a.txt", f"今天/t\n今天/t {token} 不错/a\n")
    assert rows[1] == BadRow(f"{tmp_path / 'a.txt'}:2", f"{token!r} has no tag; expected word/tag")


def test_no_advice_on_tags_where_they_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("今天/t 天气/n 不错/a\n", encoding="utf-8")
    assert SegmentedText(train="a.txt", tagged=True).open(tmp_path).warnings() == []
    assert SegmentedText(train="a.txt").open(tmp_path).warnings() != []
