"""Codec of the task linking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np

from nlpx.components.sources.linked_texts import LinkedText
from nlpx.data.codec import Vocabularies
from nlpx.data.items import Field
from nlpx.specs.linker import MATCHES
from nlpx.tasks.linking.lookup import ENTITY, LINK, NAME, Lookup, derived
from nlpx.tasks.linking.pairs import PairFeatures
from nlpx.tasks.text_codec import Features, TextCodec
from nlpx.text.jieba_words import jieba_words
from nlpx.text.names import NameDictionary
from nlpx.text.pieces import cut

MENTION = "mention"
"""The field of the mentions of an item: start, end, and place of the entity; and its sequence."""
CODE, WORD = "code", "word"
"""Fields of the code points of a text, and of whether a word begins; the model does not read them."""


@dataclass(frozen=True)
class LinkingCodec(TextCodec[LinkedText]):
    """Texts with mentions; `cleaning`, `min_links` and `description_length` are options of the config."""

    cleaning: float | None = 5.0
    min_links: int = 2
    description_length: int = 128

    @property
    def fields(self) -> Mapping[str, Field]:
        return {
            **super().fields,
            "matches": Field("uint8", (MATCHES,)),
            CODE: Field(),
            WORD: Field("uint8"),
            MENTION: Field(shape=(3,), sequence=MENTION),
        }

    def check(self, row: LinkedText) -> str | None:
        return None

    def count(self, row: LinkedText) -> Mapping[str, Iterable[str]]:
        entities = [row.knowledge[mention.kb_id] for mention in row.linked]
        described = (entity.shortened(self.description_length).description for entity in entities)
        return self.tokens(*map(self.normalizer.normalize, (row.text, *described)))

    @property
    def derived(self) -> tuple[str, ...]:
        return ENTITY, NAME, LINK

    def derive(self, rows: Iterable[LinkedText], vocabularies: Vocabularies) -> Vocabularies:
        return derived(rows, self.normalizer.normalize, self.cleaning, self.description_length)

    def encode(self, row: LinkedText, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        lookup = self.lookup(vocabularies)
        items = []
        for offset, piece in self.pieces(row.text):
            mentions = [
                (mention.offset - offset, mention.end - offset, lookup.places[mention.kb_id])
                for mention in row.linked
                if offset <= mention.offset and mention.end <= offset + len(piece)
            ]
            begins = np.zeros(len(piece), np.uint8)
            begins[[*accumulate(map(len, jieba_words(piece)), initial=0)][:-1]] = 1
            item = {
                **self.features_of(piece, vocabularies, lookup.dictionary),
                CODE: np.array([ord(char) for char in piece], np.int32),
                WORD: begins,
                MENTION: np.array(mentions, np.int32).reshape(-1, 3),
            }
            items.append(item)
        return items

    def keys(self, row: LinkedText) -> Iterable[str]:
        return (row.text,)

    def pieces(self, text: str) -> list[tuple[int, str]]:
        """A text, normalized and split at punctuation into pieces that are short enough, with offsets."""
        parts = cut(self.normalizer.normalize(text), self.max_length)
        return list(zip(accumulate(map(len, parts), initial=0), parts, strict=False))

    def features_of(self, piece: str, vocabularies: Vocabularies, dictionary: NameDictionary) -> Features:
        """`char` and `matches` of a normalized piece."""
        matches = np.zeros((len(piece), MATCHES), np.uint8)
        for start, end in dictionary.match(piece):
            matches[start, 0] = matches[end - 1, 1] = 1
        return {**self.features(piece, vocabularies), "matches": matches}

    def lookup(self, vocabularies: Vocabularies) -> Lookup:
        """The names and entities of a run."""
        return self._made(vocabularies)[0]

    def pairs(self, vocabularies: Vocabularies) -> PairFeatures:
        """The features of mentions with entities."""
        return self._made(vocabularies)[1]

    def _made(self, vocabularies: Vocabularies) -> tuple[Lookup, PairFeatures]:
        needed = [vocabularies[name] for name in ("char", ENTITY, NAME, LINK)]
        for known, made in self._kept:
            if all(one is other for one, other in zip(known, needed, strict=True)):
                return made
        normalize = self.normalizer.normalize
        lookup = Lookup(vocabularies, normalize, self.min_links)
        made = lookup, PairFeatures(lookup, normalize, vocabularies, self.description_length)
        self._kept[:] = [(needed, made)]
        return made

    @cached_property
    def _kept(self) -> list[tuple[Sequence[object], tuple[Lookup, PairFeatures]]]:
        """What was made of the last vocabularies, with these."""
        return []


def words_of(piece: str, begins: np.ndarray) -> list[str]:
    """The words of a piece, given where they begin."""
    places = [*np.flatnonzero(begins).tolist(), len(piece)]
    return [piece[start:end] for start, end in pairwise(places)]
