"""Articles: three forms of files, filters, and what is wrong with a row."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from nlpx.components.sources.articles import Articles
from nlpx.data.records import Article, BadRow
from nlpx.errors import DataError

ROWS = [
    {"title": "甲", "content": "子丑\n\n寅 卯", "kind": "brief", "date": 20},
    {"title": " 乙  丙 ", "content": "辰", "kind": "full"},
    {"title": "丁", "content": "巳", "category": "体育"},
]


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(text.encode()))
    return path


def titles(source: Articles, split: str = "train") -> list[str]:
    return [row.title for row in source.rows(split) if isinstance(row, Article)]


def test_json_lines(lines: Path) -> None:
    source = Articles(train=lines.name).open(lines.parent)
    assert list(source.rows("train")) == [
        Article(f"{lines}:1", "甲", "子丑 寅 卯", group="brief"),
        Article(f"{lines}:2", "乙 丙", "辰", group="full"),
        Article(f"{lines}:3", "丁", "巳"),
    ]


def test_tabbed_lines(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("甲\t子\t丑\n乙丙\n", encoding="utf-8")
    rows = list(Articles(train="a.tsv").open(tmp_path).rows("train"))
    assert rows == [
        Article(f"{tmp_path / 'a.tsv'}:1", "甲", "子 丑"),
        BadRow(f"{tmp_path / 'a.tsv'}:2", "no tab; expected title<TAB>content"),
    ]


def test_folders_of_text_files(tmp_path: Path) -> None:
    for name, text in (
        ("财经/2.txt", "乙\n丑\n\u3000\u3000寅\n"),
        ("体育/1.txt", "甲\r\n子\r\n"),
        ("体育/x", ""),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    rows = list(Articles(train=".", group="category").open(tmp_path).rows("train"))
    assert rows == [
        Article(str(tmp_path / "体育/1.txt"), "甲", "子", group="体育"),
        Article(str(tmp_path / "财经/2.txt"), "乙", "丑 寅", group="财经"),
    ]
    assert titles(Articles(train=".", where={"category": "财经"}).open(tmp_path)) == ["乙"]


def test_an_empty_file_among_others_is_a_bad_row(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("", encoding="utf-8")
    (tmp_path / "2.txt").write_text("甲\n", encoding="utf-8")
    empty, short = Articles(train=".").open(tmp_path).rows("train")
    assert isinstance(empty, BadRow)
    assert empty.reason.startswith("the file is empty")
    assert short == BadRow(str(tmp_path / "2.txt"), "the article is empty")


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, ["甲", "乙 丙", "丁"]),
        ({"kind": "brief"}, ["甲"]),
        ({"kind": ["full", "brief"]}, ["甲", "乙 丙"]),
        ({"kind": ["full", "brief"], "date": "20"}, ["甲"]),
    ],
)
def test_a_filter_by_fields(lines: Path, where: dict[str, str | list[str]], expected: list[str]) -> None:
    assert titles(Articles(train=lines.name, where=where).open(lines.parent)) == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"kind": "other"}, "of those it passes over, kind is brief or full"),
        ({"kind": "full", "date": ["20", "21"]}, "kind is brief or full, date is 20"),
        (
            {"kind": "full", "day": "20"},
            "has the field day; expected one of title, content, kind, date, category",
        ),
    ],
)
def test_a_filter_that_leaves_nothing(lines: Path, where: dict[str, str | list[str]], expected: str) -> None:
    with pytest.raises(DataError, match=expected) as caught:
        titles(Articles(train=lines.name, where=where).open(lines.parent))
    assert str(caught.value).startswith(f"{lines}: data.source.where leaves nothing: no article has ")


def test_a_filter_that_passes_over_only_bad_rows_leaves_them(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("甲\n", encoding="utf-8")
    assert len(list(Articles(train="a.jsonl", where={"kind": "brief"}).open(tmp_path).rows("train"))) == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"title": "甲", "content": ""}', "the article is empty"),
        ('{"title": " \\n", "content": "子"}', "the title is empty"),
        ('{"title": "甲"}', "the field content is missing; expected a text"),
        ('{"title": 5, "content": "子"}', "the field title is no text but 5; expected a text"),
        ('["甲", "子"]', 'no JSON object; expected {"title": ..., "content": ...}'),
        ("甲\t子", "not JSON: Expecting value at character 1"),
    ],
)
def test_bad_rows(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    assert list(Articles(train="a.jsonl").open(tmp_path).rows("train")) == [BadRow(f"{path}:1", reason)]


def test_a_folder_without_articles(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"this folder contains no \.txt files"):
        list(Articles(train=".").open(tmp_path).rows("train"))


def test_held_out_rows_are_not_in_train(lines: Path) -> None:
    source = Articles(train=lines.name, holdout=1).open(lines.parent)
    assert source.splits() == ("train", "valid")
    assert sorted([*titles(source), *titles(source, "valid")]) == ["丁", "乙 丙", "甲"]


def test_fingerprints_and_settings_follow_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "财经").mkdir()
    (tmp_path / "财经/1.txt").write_text("甲\n子\n", encoding="utf-8")
    source = Articles(train=".").open(tmp_path)
    first = source.fingerprint("train")
    assert first == source.fingerprint("train")
    (tmp_path / "财经/1.txt").write_text("甲\n丑\n", encoding="utf-8")
    second = source.fingerprint("train")
    (tmp_path / "财经/1.txt").rename(tmp_path / "财经/2.txt")
    assert len({first, second, source.fingerprint("train")}) == 3
    others = [
        Articles(train=".", where={"kind": "brief"}).open(tmp_path),
        Articles(train=".", group="date").open(tmp_path),
        Articles(train=".", holdout=3).open(tmp_path),
    ]
    assert len({repr(other.cache_key()) for other in (source, *others)}) == 4
