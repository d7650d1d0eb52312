"""Tags and words."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS, TAGS, tags_of, words_of

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
AWKWARD = [
    "a\u0301e\u0308",
    "👩‍👩‍👧‍👦中",
    "𠮷野家",
    "\ufeff零\u200d宽",
    "か\u3099",
    "🇨🇳🇫🇷",
    "\x00\x1f",
    "\r\n\u2028",
]


def letters(tags: np.ndarray) -> str:
    return "".join(TAGS[tag] for tag in tags)


def is_legal(path: tuple[int, ...]) -> bool:
    return bool(
        LEGAL_START[path[0]] and LEGAL_STOP[path[-1]] and all(LEGAL_TRANSITIONS[p] for p in pairwise(path))
    )


def slow_words(text: str, tags: list[int]) -> list[str]:
    """A character at a time."""
    words, word = [], ""
    for character, tag in zip(text, tags, strict=True):
        if word and TAGS[tag] in "sb":
            words.append(word)
            word = ""
        word += character
        if TAGS[tag] in "se":
            words.append(word)
            word = ""
    return [*words, word] if word else words


def test_tags_of_words_of_every_length() -> None:
    assert letters(tags_of(["我", "喜欢", "自然语言", "处理器"])) == "sbebmmebme"
    assert tags_of([]).shape == (0,)
    assert letters(tags_of(["", "好", ""])) == "s"
    assert tags_of(["好"]).dtype == np.int32


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5), max_size=12))
def test_words_survive_the_way_through_tags(words: list[str]) -> None:
    assert words_of("".join(words), tags_of(words)) == tuple(words)


@given(st.data())
def test_any_tags_of_any_text_give_the_text_back(data: st.DataObject) -> None:
    text = data.draw(TEXTS | st.sampled_from(AWKWARD))
    tags = data.draw(st.lists(st.integers(0, 3), min_size=len(text), max_size=len(text)))
    words = words_of(text, np.array(tags, np.int64))
    assert "".join(words) == text
    assert list(words) == slow_words(text, tags)


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5])
def test_legal_paths_are_exactly_the_tags_of_segmentations(length: int) -> None:
    text = "天地玄黄宇"[:length]
    cuts = product([False, True], repeat=length - 1)
    made = {
        tuple(
            tags_of(
                "".join(c + "|" * k for c, k in zip(text, [*cut, False], strict=True)).split("|")
            ).tolist()
        )
        for cut in cuts
    }
    legal = {path for path in product(range(len(TAGS)), repeat=length) if is_legal(path)}
    assert made == legal
    assert len(made) == 2 ** (length - 1)


def test_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 characters need as many tags"):
        words_of("天地", np.zeros(3, np.int32))
