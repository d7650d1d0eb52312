"""Chinese word segmentation: from sentences in words to characters with tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from nlpx.data.records import Sentence
from nlpx.specs.codec import Vocabularies
from nlpx.tasks.segmentation.config import Segmentation
from nlpx.tasks.text_codec import Features, TextCodec
from nlpx.text.lexicon import STRETCHES, WORDS, Lexicon, lexicon_words, stretches
from nlpx.text.pieces import cut
from nlpx.text.tags import tags_of, words_of
from nlpx.text.vocabulary import Vocabulary

LEVELS = "lexicon"
"""Name of the feature of packed levels."""


class SegmentationCodec(TextCodec[Sentence]):
    """Sentences in words: tags s, b, m, e for every character."""

    experiment: Segmentation

    def __init__(self, experiment: Segmentation) -> None:
        super().__init__(experiment, experiment.model)
        self._uses_lexicon = experiment.model.embedding.lexicon is not None
        self._lexicon: Lexicon | None = None

    def check(self, row: Sentence) -> str | None:
        return None if row.words else "no words"

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {**super().min_counts, **({WORDS: 1} if self._uses_lexicon else {})}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {**super().max_sizes, **({WORDS: None} if self._uses_lexicon else {})}

    def settings(self) -> str:
        return f"{super().settings()} lexicon={self._uses_lexicon}"

    def count(self, row: Sentence) -> Mapping[str, Iterable[str]]:
        counted = self.tokens(self.normalizer.normalize(row.text))
        return {**counted, WORDS: lexicon_words(self._normalized(row))} if self._uses_lexicon else counted

    def derive(self, rows: Iterable[Sentence], vocabularies: Vocabularies) -> Vocabularies:
        if not self._uses_lexicon:
            return {}
        words, counter = vocabularies[WORDS], Counter[str]()
        for row in rows:
            found = stretches(self.normalizer.normalize(row.text))
            counter.update(stretch for _, stretch in found if stretch in words)
        return {STRETCHES: Vocabulary.build(counter)}

    def encode(self, row: Sentence, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        # The lexicon must not know a training row by itself.
        own = self._normalized(row) if self._uses_lexicon else None
        return self._targeted(row, self.features_of(row.text, vocabularies, own))

    def scored_items(self, row: Sentence, vocabularies: Vocabularies) -> list[Features]:
        """The features and targets of a row as the model sees them in use."""
        return self._targeted(row, self.features_of(row.text, vocabularies))

    def keys(self, row: Sentence) -> Iterable[str]:
        return row.words

    def pieces(self, text: str) -> list[str]:
        """A text cut at punctuation into pieces that are short enough for the model."""
        return cut(text, self.experiment.data.max_length)

    def features_of(
        self, text: str, vocabularies: Vocabularies, own: Sequence[str] | None = None
    ) -> list[Features]:
        """Features of every piece of a text; `own` are the words of a training row."""
        normalized = self.normalizer.normalize(text)
        if self._uses_lexicon:
            if self._lexicon is None:
                self._lexicon = Lexicon.of(vocabularies)
            levels = self._lexicon.features(normalized, own)
        items, start = [], 0
        for piece in self.pieces(text):
            stop = start + len(piece)
            features = self.features(normalized[start:stop], vocabularies)
            items.append({**features, LEVELS: levels[start:stop]} if self._uses_lexicon else features)
            start = stop
        return items

    def _targeted(self, row: Sentence, items: Sequence[Features]) -> list[Features]:
        """The items with their tags; a word that a cut goes through counts as two, so that tags are legal."""
        tags, result, start = tags_of(row.words), [], 0
        for piece, item in zip(self.pieces(row.text), items, strict=True):
            stop = start + len(piece)
            result.append({**item, "target": tags_of(words_of(piece, tags[start:stop]))})
            start = stop
        return result

    def _normalized(self, row: Sentence) -> list[str]:
        return [self.normalizer.normalize(word) for word in row.words]
