"""Sources of lines that also read columns of tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.components.sources.raw_text import RawText, RawTexts
from nlpx.components.sources.segmented_text import SegmentedText
from nlpx.data.records import BadRow, Sentence

FILES = {
    "a.csv": 'id,seg\n1,"今天 天气, 好"\n2,春 风\n3\n',
    "b.jsonl": '{"n": 1, "seg": "今天 天气, 好"}\n{"seg": "春 风"}\n{"n": 3}\n',
    "c.tsv": "1\t今天 天气, 好\n2\t春 风\n3\n",
    "one.csv": '"今天 天气, 好"\n春 风\n1,2\n',
}
ROWS = ["今天 天气, 好", "春 风"]


@pytest.mark.parametrize(
    ("name", "column", "reason"),
    [
        ("a.csv", "seg", "1 column; expected 2, as in the header"),
        ("b.jsonl", "seg", "the field seg is missing; expected a text"),
        ("c.tsv", 2, "1 column; expected at least 2"),
        ("one.csv", None, "2 columns; expected 1: "),
    ],
)
def test_a_column_is_read_as_lines_are(
    tmp_path: Path, name: str, column: str | int | None, reason: str
) -> None:
    (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    for kind, part in ((SegmentedText, "words"), (RawTexts, "text")):
        columns = None if column is None else {part: column}
        source = kind(train=name, holdout=1, columns=columns).open(tmp_path)
        *good, bad = source.read([tmp_path / name])
        assert [
            " ".join(row.words) if isinstance(row, Sentence) else getattr(row, "text", "") for row in good
        ] == ROWS
        assert isinstance(bad, BadRow) and bad.reason.startswith(reason)
        assert source.warnings() == []


def test_a_category_is_a_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("类,文\n新闻,今天\n,明天\n", encoding="utf-8")
    source = RawTexts(train="a.csv", holdout=1, category=True, columns={"text": "文", "category": "类"}).open(
        tmp_path
    )
    good, bad = source.read([tmp_path / "a.csv"])
    assert isinstance(good, RawText) and (good.text, good.group) == ("今天", "新闻")
    assert isinstance(bad, BadRow) and bad.reason == "the category is empty"
