"""Observations in files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from nlpx.components.sources.observations import ObservationFile
from nlpx.data.observations import Observation
from nlpx.data.records import BadRow

TEXT = "\ufefft\tx\ty\r\n0\t1\t-2e3\r\n\r\n3\t\t.5\r\n1.5\t7\t \r\n"


def rows(path: Path) -> list[Observation | BadRow]:
    source = ObservationFile(train=path.name, valid=path.name).open(path.parent)
    return list(source.rows("train"))  # type: ignore[arg-type]  # observations


@pytest.mark.parametrize("name", ["a.tsv", "a.tsv.gz"])
def test_observations_of_a_file(tmp_path: Path, name: str) -> None:
    """Byte order mark, Windows line ends, blank lines, missing cells, times in any order."""
    path, text = tmp_path / name, TEXT.encode()
    path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    found = [(row.time, row.values) for row in rows(path) if isinstance(row, Observation)]
    assert found == [(0.0, (1.0, -2000.0)), (3.0, (None, 0.5)), (1.5, (7.0, None))]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(TEXT, encoding="utf-8")
    before = [row for row in rows(path) if isinstance(row, Observation)]
    assert Observation.write(tmp_path / "b.tsv", before) == 3
    after = rows(tmp_path / "b.tsv")
    assert [row.line for row in after if isinstance(row, Observation)] == [row.line for row in before]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1\t2", "2 cells, but the header has 3"),
        ("1\t2\t3\t4", "4 cells, but the header has 3"),
        ("1,2,3", "1 cell, but the header has 3"),
        ("1\t2\tNA", "y is 'NA', expected a finite number, or nothing if it is missing"),
        ("1\tnan\t3", "x is 'nan'"),
        ("1\t-inf\t3", "x is '-inf'"),
        ("1\t1_000\t3", "x is '1_000'"),
        ("1\t😀\t3", "x is '😀'"),
        ("\t2\t3", "t is missing"),
        ("noon\t2\t3", "t is 'noon'"),
        ("1\t\t", "every value is missing; delete the line"),
    ],
)
def test_bad_lines(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(f"t\tx\ty\n0\t1\t2\n{line}\n4\t5\t6\n", encoding="utf-8")
    first, bad, last = rows(path)
    assert isinstance(first, Observation) and isinstance(last, Observation)
    assert isinstance(bad, BadRow) and bad.where == f"{path}:3" and reason in bad.reason


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("0\t1\t2", "the first column is '0'; expected the header `t<TAB>NAME<TAB>NAME...`"),
        ("time\tx", "the first column is 'time'"),
        ("t,x,y", "the first column is 't,x,y'"),
        ("t", "no column but the time"),
        ("t\tx\tx", "two columns are called 'x'"),
        ("t\tt", "two columns are called 't'"),
        ("t\tx\t", "column 3 has no name"),
    ],
)
def test_bad_headers(tmp_path: Path, header: str, reason: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(f"{header}\n0\t1\t2\n", encoding="utf-8")
    (bad,) = rows(path)
    assert isinstance(bad, BadRow) and bad.where == f"{path}:1" and reason in bad.reason
