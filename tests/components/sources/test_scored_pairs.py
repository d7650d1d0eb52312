"""Scored pairs from files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.sources.scored_pairs import ScoredPairs
from nlpx.data.records import BadRow, ScoredPair
from nlpx.errors import DataError


def write(path: Path, lines: list[str]) -> str:
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())
    return path.name


def good(source: ScoredPairs, split: str) -> list[ScoredPair]:
    return [row for row in source.rows(split) if isinstance(row, ScoredPair)]


def test_rows(tmp_path: Path) -> None:
    name = write(tmp_path / "a.tsv", ["\ufeff甲 乙\t 丙\t5\r", "丁\t丁\t-2.5e-1"])
    assert list(ScoredPairs(train=name).open(tmp_path).rows("train")) == [
        ScoredPair(f"{tmp_path / 'a.tsv'}:1", "甲 乙", "丙", 5),
        ScoredPair(f"{tmp_path / 'a.tsv'}:2", "丁", "丁", -0.25),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("甲\t乙", "1 tabs; expected two, between two sentences and their score"),
        ("甲乙", "0 tabs; expected two, between two sentences and their score"),
        ("甲\t乙\t1\t2", "3 tabs; expected two, between two sentences and their score"),
        ("\u3000\t乙\t1", "the first sentence is empty"),
        ("甲\t\t1", "the second sentence is empty"),
        ("甲\t乙\t很像", "the score '很像' is not a number"),
        ("甲\t乙\t", "the score is empty"),
        ("甲\t乙\tnan", "the score nan is not a finite 32-bit number"),
        ("甲\t乙\t-inf", "the score -inf is not a finite 32-bit number"),
        ("甲\t乙\t1e39", "the score 1e39 is not a finite 32-bit number"),
    ],
)
def test_bad_rows(tmp_path: Path, line: str, reason: str) -> None:
    name = write(tmp_path / "a.tsv", ["好\t好\t1", line, "好\t好\t0"])
    rows = list(ScoredPairs(train=name).open(tmp_path).rows("train"))
    assert rows[1] == BadRow(f"{tmp_path / 'a.tsv'}:2", reason)
    assert [type(row) for row in rows] == [ScoredPair, BadRow, ScoredPair]


PAIRS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=2, max_size=15)


@given(PAIRS, st.integers(1, 6))
def test_no_sentence_stands_on_both_sides(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[int, int]], holdout: int
) -> None:
    folder = tmp_path_factory.mktemp("pairs")
    lines = [f"s{first}\ts{second}\t{i}" for i, (first, second) in enumerate(pairs)]
    source = ScoredPairs(train=write(folder / "a.tsv", lines), holdout=holdout).open(folder)
    try:
        valid, train = good(source, "valid"), good(source, "train")
    except DataError as error:
        assert "data.source.holdout" in str(error)
        return
    assert 0 < len(valid) <= holdout
    assert sorted(row.line for row in [*valid, *train]) == sorted(lines)
    assert {text for row in valid for text in row.texts}.isdisjoint(
        text for row in train for text in row.texts
    )
    again = ScoredPairs(train=write(folder / "b.tsv", lines[::-1]), holdout=holdout).open(folder)
    assert {row.line for row in good(again, "valid")} == {row.line for row in valid}


def test_sentences_of_one_pair_fill_the_holdout_exactly(tmp_path: Path) -> None:
    lines = [f"甲{i}\t乙{i}\t1" for i in range(20)] + [f"甲\t丙{i}\t0" for i in range(20)]
    source = ScoredPairs(train=write(tmp_path / "a.tsv", lines), holdout=7).open(tmp_path)
    assert len(good(source, "valid")) == 7
    assert not any("甲" in row.texts for row in good(source, "valid"))


def test_a_holdout_that_nothing_fits_in(tmp_path: Path) -> None:
    name = write(tmp_path / "a.tsv", [f"甲\t丙{i}\t0" for i in range(20)])
    with pytest.raises(DataError, match=r"a\.tsv: data\.source\.holdout asks for 7 rows.* has 20\. Raise it"):
        ScoredPairs(train=name, holdout=7).open(tmp_path).rows("valid")
