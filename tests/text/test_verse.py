"""Shapes of verse."""

from __future__ import annotations

import pytest

from nlpx.text.verse import bare, lines, rhyme_positions, written_out


@pytest.mark.parametrize(
    ("length", "shape"),
    [(10, [5, 5]), (14, [7, 7]), (20, [5, 5, 5, 5]), (28, [7, 7, 7, 7])],
)
def test_lines(length: int, shape: list[int]) -> None:
    text = "".join(chr(0x4E00 + i) for i in range(length))
    assert [len(line) for line in lines(text)] == shape
    assert "".join(lines(text)) == text
    assert bare(written_out(text)) == text


def test_marks() -> None:
    assert written_out("一二三四五六七八九十") == "一二三四五，六七八九十。"
    assert written_out("一二三四五" * 4) == "一二三四五，一二三四五。" * 2
    assert bare(" 一二，三\u3000四！ab") == "一二三四ab"


@pytest.mark.parametrize("length", [20, 28])
def test_the_second_and_the_fourth_line_rhyme(length: int) -> None:
    text = "".join(chr(0x4E00 + i) for i in range(length))
    assert [text[at] for at in rhyme_positions(length)] == [lines(text)[1][-1], lines(text)[3][-1]]


@pytest.mark.parametrize("length", [10, 14, 21])
def test_a_couplet_does_not_rhyme_in_itself(length: int) -> None:
    with pytest.raises(ValueError, match=f"{length} characters; a quatrain has one of 20, 28"):
        rhyme_positions(length)


def test_another_length() -> None:
    with pytest.raises(ValueError, match="11 characters; a verse has one of 10, 14, 20, 28"):
        lines("一" * 11)
