"""Groups of synonyms from files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.sources.groups import Groups
from nlpx.data.records import BadRow, Question
from nlpx.errors import DataError


def write(path: Path, text: str) -> str:
    path.write_bytes(text.encode())
    return path.name


def test_rows_and_bad_rows(tmp_path: Path) -> None:
    lines = ["\ufeff1\t甲 \r", "2\t乙", "1\t\u3000丙", "3\t丁", "戊", "1\t", "\t己", "1\t庚\t辛", "2\t壬"]
    name = write(tmp_path / "a.tsv", "\n".join(lines) + "\n")
    path = tmp_path / "a.tsv"
    assert list(Groups(train=name).open(tmp_path).rows("train")) == [
        Question(f"{path}:1", "1", "甲"),
        Question(f"{path}:2", "2", "乙"),
        Question(f"{path}:3", "1", "丙"),
        BadRow(f"{path}:4", "the group 3 has one sentence; expected two or more that mean the same"),
        BadRow(f"{path}:5", "0 tabs; expected one, between group and sentence"),
        BadRow(f"{path}:6", "the sentence is empty"),
        BadRow(f"{path}:7", "the group is empty"),
        BadRow(f"{path}:8", "2 tabs; expected one, between group and sentence"),
        Question(f"{path}:9", "2", "壬"),
    ]


def test_groups_with_one_sentence_stay_where_nothing_is_learned(tmp_path: Path) -> None:
    name = write(tmp_path / "a.tsv", "1\t甲\n1\t乙\n")
    other = write(tmp_path / "b.tsv", "1\t甲\n")
    source = Groups(train=name, test=other).open(tmp_path)
    assert [type(row) for row in source.rows("test")] == [Question]


@given(st.lists(st.integers(1, 4), min_size=2, max_size=20), st.integers(1, 10), st.randoms())
def test_whole_groups_are_held_out(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], holdout: int, random: object
) -> None:
    folder = tmp_path_factory.mktemp("groups")
    lines = [f"g{group}\t{group}.{i}\n" for group, size in enumerate(sizes) for i in range(size)]
    name = write(folder / "a.tsv", "".join(lines))
    source = Groups(train=name, holdout=holdout).open(folder)
    try:
        train = [row for row in source.rows("train") if isinstance(row, Question)]
    except DataError as error:
        assert "leaves none" in str(error)
        return
    valid = [row for row in source.rows("valid") if isinstance(row, Question)]
    assert holdout <= len(valid) < holdout + max(sizes)
    assert {row.group_id for row in valid}.isdisjoint(row.group_id for row in train)
    singles = sum(isinstance(row, BadRow) for row in source.rows("train"))
    assert len(train) + len(valid) + singles == len(lines)
    lines.reverse()
    other = Groups(train=write(folder / "b.tsv", "".join(lines)), holdout=holdout).open(folder)
    assert {row.texts for row in other.rows("valid") if isinstance(row, Question)} == {
        row.texts for row in valid
    }


def test_groups_of_a_topic_are_held_out_together(tmp_path: Path) -> None:
    kinds = "天地玄黄宇宙", "春眠不觉晓处"
    rotated = [[kind[start:] + kind[:start] for start in range(6)] for kind in kinds]
    lines = [
        f"{kind}.{number}\t{text}\n" * 2 for kind in (0, 1) for number, text in enumerate(rotated[kind] * 10)
    ]
    name = write(tmp_path / "a.tsv", "".join(lines))
    source = Groups(train=name, holdout=2, holdout_by="topic").open(tmp_path)
    train, valid = (
        {row.group_id for row in source.rows(split) if isinstance(row, Question)}
        for split in ("train", "valid")
    )
    assert len(train | valid) == 120 and train.isdisjoint(valid)
    assert len(valid) > 1 and len({group[0] for group in valid}) == 1  # although one group has two rows


@pytest.mark.parametrize("text", ["甲乙", "！"])
def test_no_topic_is_left_to_train_on(tmp_path: Path, text: str) -> None:
    """One topic, as of few groups or of equal ones: a lower number would not help."""
    name = write(tmp_path / "a.tsv", "".join(f"{group}\t{text}\n" * 2 for group in range(30)))
    source = Groups(train=name, holdout=2, holdout_by="topic").open(tmp_path)
    with pytest.raises(DataError, match=r"leaves none to train on.*set holdout_by: group"):
        list(source.rows("valid"))
    assert list(Groups(train=name, holdout=2).open(tmp_path).rows("valid"))
