"""Running text: segmentation, categories, odd files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from nlpx.components.sources.raw_text import RawText, RawTexts
from nlpx.data.records import BadRow
from nlpx.errors import DataError


def read(folder: Path, content: bytes, **options: object) -> list[RawText | BadRow]:
    (folder / "a.txt").write_bytes(content)
    source = RawTexts.model_validate({"train": "a.txt", **options}).open(folder)
    return list(source.rows("train"))  # type: ignore[arg-type]  # of this source


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        ("jieba", ("今天天气", "很", "好", "😀")),
        ("blanks", ("今天天气", "很好😀")),
        ("characters", tuple("今天天气很好😀")),
        ("bigrams", ("今天", "天天", "天气", "很好", "好😀")),
    ],
)
def test_words(tmp_path: Path, segment: str, words: tuple[str, ...]) -> None:
    (row,) = read(tmp_path, "今天天气 很好😀\n".encode(), segment=segment)
    assert isinstance(row, RawText) and row.words == words
    RawText.write(tmp_path / "b.txt", [row])
    (again,) = RawTexts.model_validate({"train": "b.txt", "segment": segment}).open(tmp_path).rows("train")
    assert isinstance(again, RawText) and again.words == words
    assert row.reader() == f"raw_text, segment: {segment}"


def test_windows_line_ends_a_byte_order_mark_blank_lines_and_compression(tmp_path: Path) -> None:
    text = "\ufeff甲 乙\r\n\r\n丙\u3000丁\r\n".encode()
    for content in (text, gzip.compress(text)):
        rows = read(tmp_path, content, segment="blanks")
        assert [row.words for row in rows if isinstance(row, RawText)] == [("甲", "乙"), ("丙", "丁")]


def test_categories(tmp_path: Path) -> None:
    lines = "体育\t甲 乙\n没有类别\n\t丙\n体育\t \n".encode()
    good, *bad = read(tmp_path, lines, segment="blanks", category=True)
    assert isinstance(good, RawText) and (good.group, good.words) == ("体育", ("甲", "乙"))
    assert [row.reason for row in bad if isinstance(row, BadRow)] == [
        "no tab; expected `category<TAB>text`, or set category: false",
        "the category is empty",
        "the text is empty",
    ]
    assert [row.where.rpartition(":")[2] for row in bad] == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("content", "told"), [(b"", "empty"), (b"a\0b\n", "zero"), ("甲".encode("gbk"), "GB18030")]
)
def test_wrong_files(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(DataError, match=told):
        read(tmp_path, content)
