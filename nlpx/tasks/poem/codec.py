"""Verses (诗): what a good row is, and how it becomes arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np

from nlpx.data.records import Verse
from nlpx.specs.codec import Codec, Vocabularies
from nlpx.tasks.poem.config import Poem
from nlpx.text.normalize import Normalizer
from nlpx.text.punctuation import is_punctuation
from nlpx.text.verse import lines

KEPT_BIGRAMS = 2
"""Rarer bigrams count for the probability of a character alone."""


class PoemCodec(Codec[Verse]):
    """Verses of one length."""

    experiment: Poem

    def __init__(self, experiment: Poem) -> None:
        self.experiment = experiment
        normalize = experiment.data.normalize
        self.normalizer = Normalizer(normalize.width, normalize.case, normalize.digits)
        self.length: int = experiment.data.length
        self.judges_novelty = any("familiarity" in metric.needs for metric in experiment.metrics)

    @property
    def min_counts(self) -> Mapping[str, int]:
        counts = {"char": self.experiment.vocabulary.min_count}
        return {**counts, "bigram": KEPT_BIGRAMS} if self.judges_novelty else counts

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {"char": self.experiment.vocabulary.max_size, "bigram": None}

    def settings(self) -> str:
        return f"PoemTask 1 {self.experiment.data.normalize!r} length={self.length} {self.judges_novelty}"

    def check(self, row: Verse) -> str | None:
        return None if row.text else "the verse is empty"

    def keeps(self, row: Verse) -> bool:
        return len(row.text) == self.length and not any(map(is_punctuation, row.text))

    def count(self, row: Verse) -> Mapping[str, Iterable[str]]:
        text = self.normalizer.normalize(row.text)
        if not self.judges_novelty:
            return {"char": text}
        pairs = [a + b for line in lines(text) for a, b in pairwise(line)]
        return {"char": text, "bigram": pairs}

    def encode(self, row: Verse, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        return (
            [{"char": vocabularies["char"].ids(self.normalizer.normalize(row.text))}]
            if self.keeps(row)
            else []
        )

    def keys(self, row: Verse) -> Iterable[str]:
        return (row.text,)
