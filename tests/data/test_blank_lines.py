"""Lines without anything in them are no rows: they are passed over, counted, and move no other line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nlpx.components.sources.articles import Articles
from nlpx.components.sources.base import Source
from nlpx.components.sources.folders import Folders
from nlpx.components.sources.groups import Groups
from nlpx.components.sources.pairs import Pairs
from nlpx.components.sources.poems import Poems
from nlpx.components.sources.scored_pairs import ScoredPairs
from nlpx.components.sources.segmented_text import SegmentedText
from nlpx.data.encoding import Reading
from nlpx.data.records import BadRow
from nlpx.errors import DataError
from tests.data.conftest import PairCodec, Preparation

FORMS: dict[str, tuple[Callable[..., Source], str]] = {
    "pairs": (Pairs, "晚风{0}\t晨露{0}"),
    "segmented_text": (SegmentedText, "今天 天气{0}"),
    "groups": (Groups, "a\t句{0}"),
    "scored_pairs": (ScoredPairs, "句{0}\t子{0}\t1"),
    "poems": (Poems, "五绝\t题\t人\t云开山月{0}，风定夜潮平。"),
    "articles.jsonl": (Articles, '{{"title": "标题{0}", "content": "正文"}}'),
    "articles.tsv": (Articles, "标题{0}\t正文"),
    "list": (Folders, "{0}.png\tpug"),
}


@pytest.mark.parametrize("name", FORMS)
def test_rows_are_those_of_the_filled_lines_with_their_numbers(tmp_path: Path, name: str) -> None:
    make, form = FORMS[name]
    rows = [form.format(character) for character in "甲乙丙"]
    path = tmp_path / name
    path.write_bytes("\n\r\n{}\n \n\u3000\n{}\r\n{}\n\n\n".format(*rows).encode())
    source = make(train=name).open(tmp_path)
    found = list(source.rows("train"))
    assert [row for row in found if isinstance(row, BadRow)] == []
    if name != "list":  # its rows are the images
        assert [row.where for row in found] == [f"{path}:{number}" for number in (3, 6, 7)]
        assert source.blank_lines() == {str(path): 6}
        assert list(source.rows("train")) == found
        assert source.blank_lines() == {str(path): 6}
    assert len(found) == 3


def test_parallel_files(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("甲\n\n乙\n\n丙\n\n", encoding="utf-8")
    (tmp_path / "out").write_text("子\n\n丑\n寅\n卯\n", encoding="utf-8")
    source = Pairs(train=["in", "out"]).open(tmp_path)
    rows = list(source.rows("train"))
    assert [row.where for row in rows] == [f"{tmp_path / 'in'}:{number}" for number in (1, 3, 4, 5)]
    assert rows[2] == BadRow(f"{tmp_path / 'in'}:4", "the first text is empty")
    assert source.blank_lines() == {str(tmp_path / "in"): 1}
    (tmp_path / "in").write_text("甲\n\n乙\n\n丙\n\n辰\n\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"in: 7 lines, but .*out has 5\. Parallel"):
        list(Pairs(train=["in", "out"]).open(tmp_path).rows("train"))


def test_the_limit_counts_rows(tmp_path: Path, preparation: Preparation) -> None:
    (tmp_path / "a").write_text("\n\n甲\t乙\n\n丙\t丁\n\n戊\t己\n", encoding="utf-8")
    reading = Reading(Pairs(train="a").open(tmp_path), PairCodec(), 2)
    assert [row.where for row in reading.rows("train")] == [f"{tmp_path / 'a'}:{number}" for number in (3, 5)]
    assert reading.counts["train"].rows == 2
    assert preparation(Pairs(train="a").open(tmp_path), limit=2).counts["train"].used == 2


def test_a_file_of_blank_lines_has_no_row(tmp_path: Path, preparation: Preparation) -> None:
    (tmp_path / "a").write_text("\n \n", encoding="utf-8")
    with pytest.raises(DataError, match="the train split has no rows left: of 0 rows"):
        preparation(Pairs(train="a").open(tmp_path))
    with pytest.raises(DataError, match="a: no row can be used, so none can be held out"):
        preparation(Pairs(train="a", holdout=1).open(tmp_path))


def test_bad_rows_of_a_file_that_several_splits_share_are_listed_once(
    tmp_path: Path, preparation: Preparation
) -> None:
    (tmp_path / "a").write_text("甲\t乙\n坏\n坏\n甲\t乙丙\n", encoding="utf-8")
    (tmp_path / "b").write_text("甲\t乙\n坏\n", encoding="utf-8")
    source = Pairs(train="a", valid="a", test="b").open(tmp_path)
    with pytest.raises(DataError) as caught:
        preparation(source)
    assert str(caught.value).splitlines() == [
        f"{tmp_path / 'a'}:2: 0 tabs; expected one, between the two texts",
        f"{tmp_path / 'a'}:3: 0 tabs; expected one, between the two texts",
        f"{tmp_path / 'a'}:4: 1 and 2 characters",
        f"{tmp_path / 'b'}:2: 0 tabs; expected one, between the two texts",
        "4 bad rows. Fix them, or set data.on_bad_line: skip to leave them out.",
    ]
    prepared = preparation(source, on_bad_line="skip")
    assert [counts.bad for counts in prepared.counts.values()] == [3, 3, 1]
    assert (len(prepared.bad), prepared.bad_total) == (4, 4)
    again = preparation(source, on_bad_line="skip")
    assert (again.cached, again.bad, again.bad_total) == (True, prepared.bad, 4)
