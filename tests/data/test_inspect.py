"""Statistics and previews of a corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.components.sources.pairs import Pairs
from nlpx.data.inspect import encoded_rows, statistics
from nlpx.data.prepared import Counts
from nlpx.errors import DataError
from tests.data.conftest import PairCodec, Preparation

TRAIN = [
    "甲乙\t丙丁",
    "甲乙\t丙丁",
    "甲\t乙",
    "甲\t丙",
    "戊己庚\t甲乙丙",
    "甲\t乙丙",
    "甲乙丙丁戊\t甲乙丙丁戊",
]
TEST = ["甲\t乙", "甲\t丁", "辛\t壬", "无", "戊己\t甲辛"]


@pytest.fixture
def source(tmp_path: Path) -> Pairs:
    for name, lines in {"train": TRAIN, "test": TEST}.items():
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    return Pairs(train="train", test="test").open(tmp_path)


def test_statistics(source: Pairs) -> None:
    found = statistics(source, PairCodec(max_length=4, min_count=2), None)
    train, test = found.splits["train"], found.splits["test"]
    assert found.vocabularies == {"char": 4}  # 丁 too: twice among the duplicates
    assert train.counts == Counts(rows=7, bad=1, left_out=1)
    assert train.lengths == {1: 2, 2: 2, 3: 1}
    assert train.characters == 4 + 4 + 2 + 2 + 6
    assert train.distinct_characters == 7
    assert train.duplicates == 1
    assert (train.in_train, train.known_keys) == (None, None)
    assert train.unknown == {"char": pytest.approx(3 / 18)}
    assert test.counts == Counts(rows=5, bad=1, left_out=0)
    assert (test.duplicates, test.in_train) == (0, 1)
    assert test.known_keys == pytest.approx(2 / 4)
    assert test.unknown == {"char": pytest.approx(5 / 10)}


def test_statistics_of_some_rows(source: Pairs) -> None:
    found = statistics(source, PairCodec(), 3)
    assert [split.counts.rows for split in found.splits.values()] == [3, 3]


def test_a_split_without_rows_is_refused(source: Pairs) -> None:
    with pytest.raises(DataError, match="train split has no rows left"):
        statistics(source, PairCodec(max_length=0), None)


def test_encoded_rows(source: Pairs, preparation: Preparation, tmp_path: Path) -> None:
    codec = PairCodec(min_count=2)
    prepared = preparation(source, codec, on_bad_line="skip")
    rows = list(encoded_rows(source, codec, prepared, "test", 3))
    assert [row.where for row in rows] == [f"{tmp_path / 'test'}:{i}" for i in (1, 2, 3)]
    assert rows[0].line == "甲\t乙"
    assert rows[2].tokens == {"char": [("辛", False), ("壬", False)]}
    ids = {token: prepared.vocabularies["char"].tokens.index(token) for token in "甲乙"}
    assert rows[0].tokens == {"char": [("甲", True), ("乙", True)]}
    assert rows[0].items == [{"char": [ids["甲"]], "target": [ids["乙"]]}]
    assert rows[2].items == [{"char": [0], "target": [0]}]
    assert len(list(encoded_rows(source, codec, prepared, "test", 99))) == 4
