"""Lines of Chinese and English texts."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from nlpx.cli.wrapped import wrapped

CHINESE = (
    "每次更新有 steps + 1 次前向（fast gradient method），内存两份；与 multiple_negatives_ranking 一样。"
)


@pytest.mark.parametrize("width", [16, 30, 31, 60])
def test_chinese_is_broken_between_characters_but_not_before_marks(width: int) -> None:
    lines = wrapped(CHINESE, width, "  ", "    ")
    assert lines[0].startswith("  每") and all(line.startswith("    ") for line in lines[1:])
    assert "".join("".join(lines).split()) == "".join(CHINESE.split())
    for line in lines:
        assert cell_len(line) <= width or line.split() == ["multiple_negatives_ranking"]
        assert line.strip()[0] not in "，。；）" and not line.endswith(("（", " "))


def test_english_is_broken_at_blanks() -> None:
    assert wrapped("one two-three four", 11, after="  ") == ["one", "  two-three", "  four"]
    assert wrapped("", 10) == []


@pytest.mark.parametrize("width", [-12, 0, 3])
def test_a_narrow_terminal_gets_longer_lines(width: int) -> None:
    """Such as one of 20 columns, where names of components take 32."""
    assert wrapped("one two-three-four five", width, " ") == [" one", " two-three-four", " five"]
    assert wrapped("一二三四五六七八", width, after="  ") == ["一二三四五六", "  七八"]
