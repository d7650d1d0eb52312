"""Verses cut out of poems."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from nlpx.components.sources.poems import Poems
from nlpx.data.records import BadRow, Verse
from nlpx.errors import DataError

FIVE = "一二三四五，六七八九十。"
SEVEN = "甲乙丙丁戊己庚，辛壬癸子丑寅卯。"


def poems(tmp_path: Path, *lines: str, **options: object) -> list[Verse | BadRow]:
    path = tmp_path / "poems.tsv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))
    return list(Poems(train=path.name, **options).open(tmp_path).rows("train"))  # type: ignore[arg-type]  # by name


def texts(rows: list[Verse | BadRow]) -> list[str]:
    return [row.text for row in rows if isinstance(row, Verse)]


def test_couplets(tmp_path: Path) -> None:
    rows = poems(tmp_path, f"五绝\t题\t人\t{FIVE}{FIVE[::-1][1:]}。", f"七绝\t题\t人\t{SEVEN}")
    assert texts(rows) == ["一二三四五六七八九十", "十九八七六五四三二一", "甲乙丙丁戊己庚辛壬癸子丑寅卯"]
    assert rows[1].where == f"{tmp_path / 'poems.tsv.gz'}:1"


@pytest.mark.parametrize("mark", ["！", "？", "；", ""])
def test_other_ends(tmp_path: Path, mark: str) -> None:
    assert texts(poems(tmp_path, f"x\t\t\t一二三四五，六七八九十{mark}")) == ["一二三四五六七八九十"]


def test_quatrains(tmp_path: Path) -> None:
    rows = poems(tmp_path, f"五绝\t\t\t{FIVE}{FIVE}", f"七律\t\t\t{SEVEN * 4}", unit="quatrain")
    assert list(map(len, texts(rows))) == [20, 28, 28]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("一二三，四五六七八九十。", "couplet"),
        ("一二三四五六七八九十。", "couplet"),
        ("一二三四，五六七八九。", "couplet"),
        ("一二三四五，六七八九十，一二三四五。", "couplet"),
        ("一二三四五，六七八九十。", "quatrain"),
        (f"{FIVE}{SEVEN}", "quatrain"),
    ],
)
def test_another_shape_keeps_its_marks(tmp_path: Path, text: str, unit: str) -> None:
    assert texts(poems(tmp_path, f"x\t\t\t{text}", unit=unit)) == [text]


def test_forms(tmp_path: Path) -> None:
    lines = [f"五绝\t\t\t{FIVE}", f"七绝\t\t\t{SEVEN}", f"五律\t\t\t{FIVE}"]
    assert len(poems(tmp_path, *lines, forms=["五绝", "五律"])) == 2
    assert len(poems(tmp_path, *lines)) == 3


def test_a_form_that_no_poem_of_train_has(tmp_path: Path) -> None:
    lines = [f"五绝\t\t\t{FIVE}", f"七绝\t\t\t{SEVEN}"]
    expected = (
        r"poems\.tsv\.gz: no poem has the form 五言; there is 七绝 or 五绝\. Correct data\.source\.forms"
    )
    with pytest.raises(DataError, match=expected):
        poems(tmp_path, *lines, forms=["五绝", "五言"])
    source = Poems(train="poems.tsv.gz", test="test.tsv", forms=["七绝"]).open(tmp_path)
    (tmp_path / "test.tsv").write_text(lines[0], encoding="utf-8")
    assert list(source.rows("test")) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("春风", "0 tabs; expected three: form, title, author, text"),
        ("五绝\t题\t人\t ", "the text of the poem is empty"),
        (f"五绝\t题\t人\t{FIVE}\t注", "4 tabs; expected three: form, title, author, text"),
    ],
)
def test_bad_rows(tmp_path: Path, line: str, reason: str) -> None:
    good = f"五绝\t题\t人\t{FIVE}"
    rows = poems(tmp_path, good, line, good)
    assert rows[1] == BadRow(f"{tmp_path / 'poems.tsv.gz'}:2", reason)
    assert len(texts(rows)) == 2


def test_options_are_part_of_the_key(tmp_path: Path) -> None:
    every = [
        Poems(train="a").open(tmp_path),
        Poems(train="a", unit="quatrain").open(tmp_path),
        Poems(train="a", forms=["五绝"]).open(tmp_path),
    ]
    assert len({repr(source.cache_key()) for source in every}) == 3


def test_files() -> None:
    source = Poems(train="a", holdout=3)
    assert source.files() == {"train": ["a"]}
    assert source.splits() == ("train", "valid")
