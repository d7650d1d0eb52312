"""Texts with a class from files and folders."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from nlpx.components.sources.labelled_texts import LabelledText, LabelledTexts
from nlpx.data.records import BadRow


def read(folder: Path, name: str) -> list[LabelledText | BadRow]:
    return list(LabelledTexts(train=name).open(folder).rows("train"))  # type: ignore[arg-type]


def test_columns(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.tsv.gz", "wt", encoding="utf-8") as file:
        file.write("1\t 很 好\t真的\n\n好评\t赞\n")
    where = tmp_path / "a.tsv.gz"
    assert read(tmp_path, "a.tsv.gz") == [
        LabelledText(f"{where}:1", "1", "很 好 真的"),
        LabelledText(f"{where}:3", "好评", "赞"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("很好", "no tab; expected one, between the label and the text"),
        ("\t很好", "the label is empty"),
        ("1\t ", "the text is empty"),
    ],
)
def test_bad_columns(tmp_path: Path, line: str, reason: str) -> None:
    (tmp_path / "a.tsv").write_text(f"{line}\n", encoding="utf-8")
    assert read(tmp_path, "a.tsv") == [BadRow(f"{tmp_path / 'a.tsv'}:1", reason)]


def test_json_lines(tmp_path: Path) -> None:
    rows = [
        {"label": 1, "text": "好"},
        {"text": "好"},
        {"label": [1], "text": "好"},
        {"label": "x", "text": 3},
    ]
    (tmp_path / "a.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    found = read(tmp_path, "a.jsonl")
    assert found[0] == LabelledText(f"{tmp_path / 'a.jsonl'}:1", "1", "好")
    assert [row.reason for row in found[1:] if isinstance(row, BadRow)] == [
        "the field label is missing; expected a class",
        "the field label is a list; expected a class",
        "the field text is 3; expected a text",
    ]


def test_folders(tmp_path: Path) -> None:
    for name, text in {
        "neg/1.txt": "差\n很差\n",
        "pos/2.txt": "好",
        "stray.txt": "?",
        "pos/notes.md": "no",
    }.items():
        (tmp_path / "train" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "train" / name).write_text(text, encoding="utf-8")
    source = LabelledTexts(train="train").open(tmp_path)
    rows = list(source.rows("train"))
    assert [(row.label, row.text) for row in rows if isinstance(row, LabelledText)] == [
        ("neg", "差 很差"),
        ("pos", "好"),
    ]
    assert [row.reason for row in rows if isinstance(row, BadRow)] == [
        "it is not in the folder of a class; expected CLASS/NAME.txt"
    ]
    before = source.fingerprint("train")
    (tmp_path / "train" / "pos" / "2.txt").write_text("不好", encoding="utf-8")
    assert source.fingerprint("train") != before


def test_records_are_written_as_they_are_read(tmp_path: Path) -> None:
    records = [LabelledText("", "1", "好"), LabelledText("", "0", "差 极了")]
    assert LabelledText.write(tmp_path / "a.tsv", records) == 2
    assert [(row.label, row.text) for row in read(tmp_path, "a.tsv") if isinstance(row, LabelledText)] == [
        ("1", "好"),
        ("0", "差 极了"),
    ]
