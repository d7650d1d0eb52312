"""What counts as punctuation."""

from __future__ import annotations

import pytest

from nlpx.text.punctuation import CLAUSE_END, SENTENCE_END, is_punctuation

CHINESE = "，。！？；：、…—·～《》〈〉「」『』【】〔〕（）“”‘’﹏"
OTHER = ",.!?;:-~@#$%^&*()+=<>￥×😀"


@pytest.mark.parametrize("char", CHINESE + OTHER)
def test_marks(char: str) -> None:
    assert is_punctuation(char)


@pytest.mark.parametrize("char", "一龥𠮷〇々aZÄ09０Ａ \t\u3000\nぁ한")
def test_others(char: str) -> None:
    assert not is_punctuation(char)


def test_ends_are_punctuation_and_apart() -> None:
    assert all(map(is_punctuation, SENTENCE_END | CLAUSE_END))
    assert not SENTENCE_END & CLAUSE_END
