"""Texts as ids of characters, or of words where these are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from nlpx.text.vocabulary import Vocabulary

Cut = Callable[[str], Iterable[str]]
"""A text into words; joined, they are the text."""


def long_words(words: Iterable[str]) -> Iterator[str]:
    """The words that are more than a character, which has an id of its own."""
    return (word for word in words if len(word) > 1)


class Spelling:
    """A text is cut into words; one that has an id is a token, any other is spelled by its characters.

    The ids of words follow those of characters. The tokens of known characters, joined, are the text again.

    Args:
        characters: the vocabulary of characters.
        words: the vocabulary of words; None makes every character a token.
        cut: how a text is cut; asked only where there are words.
    """

    def __init__(self, characters: Vocabulary, words: Vocabulary | None, cut: Cut) -> None:
        self._characters = characters
        self._cut = cut
        known = () if words is None else words.tokens[1:]
        self.tokens = (*characters.tokens, *known)
        """By id; the first is the unknown."""
        self._words = {word: i for i, word in enumerate(known, start=len(characters))}

    def __len__(self) -> int:
        return len(self.tokens)

    def ids(self, text: str) -> np.ndarray:
        """Ids of the tokens of a text, (n,) int32; 0 for each unknown character."""
        if not self._words:
            return self._characters.ids(text)
        ids: list[int] = []
        for word in self._cut(text):
            found = self._words.get(word)
            ids.extend(self._characters.ids(word).tolist() if found is None else (found,))
        return np.array(ids, np.int32)
