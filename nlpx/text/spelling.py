"""Texts as ids of words, with characters as fallback."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from nlpx.text.vocabulary import Vocabulary

Cut = Callable[[str], Iterable[str]]
"""Splits a text into words that concatenate to it."""


def long_words(words: Iterable[str]) -> Iterator[str]:
    """The words of more than one character; single characters have their own ids."""
    return (word for word in words if len(word) > 1)


class Spelling:
    """Splits a text into words; a word with an id is one token, others are spelled by their characters.

    The ids of words follow those of characters. Tokens of known characters concatenate to the text.

    Args:
        words: the vocabulary of words; with None, every character is a token.
        cut: splits a text into words; only used if there are words.
    """

    def __init__(self, characters: Vocabulary, words: Vocabulary | None, cut: Cut) -> None:
        self._characters = characters
        self._cut = cut
        known = () if words is None else words.tokens[1:]
        self.tokens = (*characters.tokens, *known)
        """Tokens by id; the first is the unknown token."""
        self._words = {word: i for i, word in enumerate(known, start=len(characters))}

    def __len__(self) -> int:
        return len(self.tokens)

    def ids(self, text: str) -> np.ndarray:
        """Ids of the tokens of a text, (n,) int32; 0 for unknown characters."""
        if not self._words:
            return self._characters.ids(text)
        ids: list[int] = []
        for word in self._cut(text):
            found = self._words.get(word)
            ids.extend(self._characters.ids(word).tolist() if found is None else (found,))
        return np.array(ids, np.int32)

    def pieces(self, text: str) -> list[str]:
        """The tokens of a text, also those without an id, which concatenate to it."""
        if not self._words:
            return [*text]
        words = self._cut(text)
        return [piece for word in words for piece in ((word,) if word in self._words else word)]
