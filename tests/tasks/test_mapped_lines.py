"""Mapped lines against the list that was written."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlpx.tasks.similarity.mapped_lines
from nlpx.tasks.similarity.mapped_lines import MappedLines, write_lines

LINE = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=6)


@given(st.lists(LINE, max_size=8), st.slices(10))
def test_they_are_the_list(texts: list[str], part: slice) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_lines(Path(folder) / "x", texts)
        lines = MappedLines(Path(folder) / "x")
        assert len(lines) == len(texts)
        assert list(lines) == texts
        assert [lines[-1 - i] for i in range(len(texts))] == texts[::-1]
        assert lines[part] == texts[part]
        with pytest.raises(IndexError):
            lines[len(texts)]


def test_where_the_file_is_cut_into_parts_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nlpx.tasks.similarity.mapped_lines, "BYTES_AT_ONCE", 3)
    write_lines(tmp_path / "x", ["春天", "", "a\r"])
    assert list(MappedLines(tmp_path / "x")) == ["春天", "", "a\r"]


def test_what_is_no_utf_8_or_no_whole_line_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xff\na\nb")
    assert list(MappedLines(tmp_path / "x")) == ["\ufffd", "a"]


@pytest.mark.parametrize("texts", [[], ["春天", "夏天"]])
def test_lines_that_were_changed_are_known(tmp_path: Path, texts: list[str]) -> None:
    path = tmp_path / "x"
    write_lines(path, texts)
    content = path.read_bytes()
    assert MappedLines(path).whole
    for other in (content[:-1], content + b"0", content + b"\n", b"\n" + content, content[:-64], b""):
        path.write_bytes(other)
        assert not MappedLines(path).whole
