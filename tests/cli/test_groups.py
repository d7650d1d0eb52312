"""`nlpx data groups`."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from nlpx.data.rows import Question
from nlpx.data.sources.groups import GroupsSource
from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]


def test_files_that_the_source_reads(nlpx: Nlpx, tmp_path: Path) -> None:
    first, second = tmp_path / "a.tsv", tmp_path / "b.tsv.gz"
    chain = "".join(f"长{i}\t长{i + 1}\t1\n" for i in range(60))
    first.write_text("甲\t乙\t1\n丙\t丁\t1\n甲\t戊\t0\n" + chain, encoding="utf-8")
    second.write_bytes(gzip.compress("乙\t己\t1\n甲\t己\t0\n".encode()))
    done = nlpx("data", "groups", first, second, "--output", tmp_path / "made", "--valid", "0")
    assert done.code == 0
    assert "groups_train.tsv: 3 groups, 66 sentences" in done.out
    assert "1 sentences have no synonym" in done.out
    assert "1 negative pairs lie within a group" in done.out
    assert "1 groups have more than 50 sentences\n  61: 长0  …  长60" in done.out
    rows = list(GroupsSource("groups_train.tsv", root=tmp_path / "made").rows("train"))
    found = [(row.group_id, row.text) for row in rows if isinstance(row, Question)]
    assert found[:5] == [("0", "甲"), ("0", "乙"), ("0", "己"), ("1", "丙"), ("1", "丁")]
    assert len(found) == len(rows) == 66


@pytest.mark.parametrize(
    ("content", "code", "expected"),
    [
        ("甲\t乙\n", 3, "pairs.tsv:1: "),
        ("甲\t乙\t1\n甲\t乙\t2\n", 3, "pairs.tsv:2: "),
        ("甲\t\t1\n", 3, "no labelled pair"),
        ("甲\t乙\t0\n", 3, "no pair has the label 1"),
        ("", 3, "the file is empty"),
    ],
)
def test_what_is_not_labelled_pairs(
    nlpx: Nlpx, tmp_path: Path, content: str, code: int, expected: str
) -> None:
    (tmp_path / "pairs.tsv").write_text(content, encoding="utf-8")
    done = nlpx("data", "groups", tmp_path / "pairs.tsv", "--output", tmp_path / "made")
    assert (done.code, expected in " ".join(done.err.split())) == (code, True), done.err
    assert not (tmp_path / "made").exists()


def test_a_folder_that_cannot_be_made(nlpx: Nlpx, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("甲\t乙\t1\n", encoding="utf-8")
    (tmp_path / "file").write_text("")
    done = nlpx("data", "groups", tmp_path / "pairs.tsv", "--output", tmp_path / "file" / "sub")
    assert (done.code, "--output" in done.err) == (4, True)
