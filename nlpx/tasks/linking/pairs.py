"""Features of a mention with an entity: four of every position of the text, and the description."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from nlpx.data.codec import Vocabularies
from nlpx.specs.linker import QUERY
from nlpx.tasks.linking.lookup import Lookup, Normalize
from nlpx.text.names import Span

LONGEST_OBJECT = 10
"""Maximum length of an object of a fact that is looked for in a text."""
KEPT = 1 << 16
"""Number of descriptions that are kept in memory."""


class Description(NamedTuple):
    """A description as a model reads it.

    Attributes:
        text: the normalized description.
        objects: matches the short objects of its facts; None if there are none.
        ids: of its characters, (L,) int32.
    """

    text: str
    objects: re.Pattern[str] | None
    ids: np.ndarray


class PairFeatures:
    """Computes the features.

    Args:
        lookup: has the entities.
        normalize: normalizes a text.
        vocabularies: has the characters.
        length: maximum length of a description.
    """

    def __init__(self, lookup: Lookup, normalize: Normalize, vocabularies: Vocabularies, length: int) -> None:
        self._lookup = lookup
        self._normalize = normalize
        self._characters = vocabularies["char"]
        self._length = length
        self.description = lru_cache(KEPT)(self._description)

    def query(self, text: str, words: Sequence[str], span: Span, entity: int) -> np.ndarray:
        """For a normalized text, (len(text), 4) uint8.

        Whether the position is in the mention; its character, its word, are in the description; it belongs to
        an object of a fact.

        Args:
            words: the words of the text; joined, they are the text.
            span: the mention.
            entity: the place of the entity.
        """
        description, objects, _ = self.description(entity)
        features = np.zeros((len(text), QUERY), np.uint8)
        features[slice(*span), 0] = 1
        features[:, 1] = [char in description for char in text]
        start = 0
        for word in words:
            features[start : start + len(word), 2] = word in description
            start += len(word)
        for found in objects.finditer(text) if objects else ():
            features[slice(*found.span()), 3] = 1
        return features

    def _description(self, entity: int) -> Description:
        found = self._lookup.entities[entity]
        text = self._normalize(found.description)[: self._length]
        objects = {self._normalize(fact.object) for fact in found.facts}
        # A regular expression takes the first alternative that fits: the longest, if they are sorted.
        short = sorted((o for o in objects if 0 < len(o) <= LONGEST_OBJECT), key=lambda o: (-len(o), o))
        pattern = re.compile("|".join(map(re.escape, short))) if short else None
        return Description(text, pattern, self._characters.ids(text))
