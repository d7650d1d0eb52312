"""Codec of segmented sentences: characters with tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

from nlpx.data.codec import Vocabularies
from nlpx.data.files import fingerprint, read_lines
from nlpx.data.items import MAIN, EncodedItems, Extent, Field
from nlpx.data.records import Sentence
from nlpx.tasks.segmentation.config import LexiconSection
from nlpx.tasks.text_codec import Features, TextCodec
from nlpx.text.accessor_variety import VARIETIES, AccessorVariety, accessor_varieties
from nlpx.text.lexicon import STRETCHES, WORDS, Lexicon, lexicon_words
from nlpx.text.pieces import cut, piece_ends
from nlpx.text.spans import spans
from nlpx.text.tags import tags_of, words_of
from nlpx.text.vocabulary import Vocabulary

LEVELS = "lexicon"
"""Name of the feature of levels."""


@dataclass(frozen=True)
class SegmentationCodec(TextCodec[Sentence]):
    """Segmented sentences, with the tags s, b, m, e for every character."""

    lexicon: LexiconSection | None = None

    def cache_key(self) -> object:
        text = self.lexicon and self.lexicon.text
        return super().cache_key(), fingerprint(Path(text)) if text else None

    @property
    def fields(self) -> Mapping[str, Field]:
        levels = {LEVELS: Field("uint8", (self.lexicon.fields,))} if self.lexicon else {}
        return {**super().fields, **levels, "target": Field()}

    def check(self, row: Sentence) -> str | None:
        return None if row.words else "no words"

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {**super().min_counts, **({WORDS: 1} if self.lexicon else {})}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {**super().max_sizes, **({WORDS: None} if self.lexicon else {})}

    def count(self, row: Sentence) -> Mapping[str, Iterable[str]]:
        counted = self.tokens(self.normalizer.normalize(row.text))
        return {**counted, WORDS: lexicon_words(self._normalized(row))} if self.lexicon else counted

    @property
    def derived(self) -> tuple[str, ...]:
        if not self.lexicon:
            return ()
        return (STRETCHES, VARIETIES) if self.lexicon.text else (STRETCHES,)

    def derive(self, rows: Iterable[Sentence], vocabularies: Vocabularies) -> Vocabularies:
        extended = super().derive(rows, vocabularies)
        if not self.lexicon:
            return extended
        words, counter = vocabularies[WORDS], Counter[str]()
        for row in rows:
            found = spans(self.normalizer.normalize(row.text))
            counter.update(span for _, span in found if span in words)
        derived = {**extended, STRETCHES: Vocabulary.build(counter)}
        if self.lexicon.text:
            lines = map(self.normalizer.normalize, read_lines(Path(self.lexicon.text)))
            derived[VARIETIES] = Vocabulary.build(Counter(accessor_varieties(lines)))
        return derived

    def encode(self, row: Sentence, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        # Words of a training row are excluded from the lexicon.
        own = self._normalized(row) if self.lexicon else None
        return self._targeted(row, self.features_of(row.text, vocabularies, own))

    def scored_items(self, row: Sentence, vocabularies: Vocabularies) -> list[Features]:
        """The features and targets of a row as in prediction."""
        return self._targeted(row, self.features_of(row.text, vocabularies))

    def keys(self, row: Sentence) -> Iterable[str]:
        return row.words

    def pieces(self, text: str) -> list[str]:
        """A text split at punctuation into pieces that are short enough for the model."""
        return cut(text, self.max_length)

    def pieces_of(self, texts: Sequence[str]) -> list[str]:
        """The pieces of all texts, in order."""
        return [piece for text in texts for piece in self.pieces(text)]

    def features_of(
        self, text: str, vocabularies: Vocabularies, own: Sequence[str] | None = None
    ) -> list[Features]:
        """Features of every piece of a text; `own` are the words of a training row."""
        normalized = self.normalizer.normalize(text)
        if self.lexicon:
            levels = self._lexicon(vocabularies).features(normalized, own)
            levels = np.concatenate([levels, *(v.features(normalized) for v in self._varieties)], axis=1)
        items, start = [], 0
        for piece in self.pieces(text):
            stop = start + len(piece)
            features = self.features(normalized[start:stop], vocabularies)
            items.append({**features, LEVELS: levels[start:stop]} if self.lexicon else features)
            start = stop
        return items

    def encode_texts(self, texts: Sequence[str], vocabularies: Vocabularies) -> EncodedItems:
        """The features of all pieces of texts, one after another, as `features_of` gives them."""
        codes = self.normalizer.code_points("".join(texts))
        whole = np.fromiter(map(len, texts), np.int64, len(texts))
        ends = (piece_ends(text, self.max_length) for text in texts)
        lengths = np.array([stop - start for row in ends for start, stop in pairwise([0, *row])], np.int32)
        arrays = self.features_of_texts(codes, lengths, vocabularies)
        if self.lexicon:
            arrays[LEVELS] = self._levels(codes, whole, vocabularies)
        fields = {name: field for name, field in self.fields.items() if name in arrays}
        return EncodedItems(fields, arrays, {MAIN: Extent.of(lengths)})

    def _targeted(self, row: Sentence, items: Sequence[Features]) -> list[Features]:
        """The items with their tags; a word that is split counts as two, so that tags are legal."""
        tags, result, start = tags_of(row.words), [], 0
        for piece, item in zip(self.pieces(row.text), items, strict=True):
            stop = start + len(piece)
            result.append({**item, "target": tags_of(words_of(piece, tags[start:stop]))})
            start = stop
        return result

    def _levels(self, codes: np.ndarray, lengths: np.ndarray, vocabularies: Vocabularies) -> np.ndarray:
        """The levels of normalized texts."""
        levels = self._lexicon(vocabularies).features_of_texts(codes, lengths)
        varieties = (table.features_of_texts(codes, lengths) for table in self._varieties)
        return np.concatenate([levels, *varieties], axis=1)

    def _lexicon(self, vocabularies: Vocabularies) -> Lexicon:
        if not self._lexicons:
            self._lexicons.append(Lexicon.of(vocabularies))
            if VARIETIES in vocabularies:
                self._varieties.append(AccessorVariety(vocabularies[VARIETIES]))
        return self._lexicons[0]

    @cached_property
    def _lexicons(self) -> list[Lexicon]:
        """One, made of the first vocabularies that are given."""
        return []

    @cached_property
    def _varieties(self) -> list[AccessorVariety]:
        """One if raw text was counted."""
        return []

    def _normalized(self, row: Sentence) -> list[str]:
        return [self.normalizer.normalize(word) for word in row.words]
