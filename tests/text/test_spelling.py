"""Texts as ids of words and characters: what is spelled can be read again."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlpx.text.spelling import Cut, Spelling, long_words
from nlpx.text.vocabulary import UNKNOWN, Vocabulary

CHARACTERS = Vocabulary([UNKNOWN, *"甲乙丙丁"])


def cutting(words: Iterable[str]) -> Cut:
    return lambda text: list(words)


@given(
    st.lists(st.text("甲乙丙丁", min_size=1, max_size=3), max_size=8),
    st.sets(st.text("甲乙丙丁", min_size=2, max_size=3)),
)
def test_known_characters_come_back(words: list[str], known: set[str]) -> None:
    spelling = Spelling(CHARACTERS, Vocabulary([UNKNOWN, *sorted(known)]), cutting(words))
    ids = spelling.ids("".join(words))
    assert ids.dtype == np.int32
    assert len(ids) == sum(1 if word in known else len(word) for word in words)
    assert "".join(spelling.tokens[i] for i in ids) == "".join(words)
    assert len(spelling) == len(spelling.tokens) == len(CHARACTERS) + len(known)


def test_unknown_words_are_spelled_and_unknown_characters_are_unknown() -> None:
    words = Vocabulary([UNKNOWN, "甲乙", "子丑"])
    spelling = Spelling(CHARACTERS, words, cutting(["甲乙", "丙", "乙甲", "子丑", "子"]))
    assert spelling.ids("甲乙丙乙甲子丑子").tolist() == [5, 3, 2, 1, 6, 0]
    assert spelling.tokens[5:] == ("甲乙", "子丑")


@given(st.text("甲乙丙丁子"))
def test_without_words_every_character_is_a_token(text: str) -> None:
    spelling = Spelling(CHARACTERS, None, cutting(["not asked"]))
    np.testing.assert_array_equal(spelling.ids(text), CHARACTERS.ids(text))
    assert spelling.tokens == CHARACTERS.tokens


def test_words_of_one_character_are_characters() -> None:
    assert list(long_words(["甲", "甲乙", "", "1", "12"])) == ["甲乙", "12"]
