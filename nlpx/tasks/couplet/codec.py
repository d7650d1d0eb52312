"""Codec of couplets (对联): each character of the lower line is a label; blanks are copied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from nlpx.data.codec import Vocabularies
from nlpx.data.items import Field
from nlpx.data.records import Pair
from nlpx.tasks.text_codec import Features, TextCodec
from nlpx.text.blanks import blank_places, without_blanks


@dataclass(frozen=True)
class CoupletCodec(TextCodec[Pair]):
    """Pairs of lines of equal length, which the model sees without blanks."""

    @property
    def fields(self) -> Mapping[str, Field]:
        return {**super().fields, "target": Field()}

    def check(self, row: Pair) -> str | None:
        upper, lower = len(without_blanks(row.first)), len(without_blanks(row.second))
        if upper != lower:
            return (
                f"the upper line has {upper} characters and the lower {lower}; "
                f"both must have the same number: {row.first} / {row.second}"
            )
        if blank_places(row.first) != blank_places(row.second):
            return (
                "the two lines have blanks at different places; put each blank against another, or set "
                f"data.source.blanks: true to drop them all: {row.first} / {row.second}"
            )
        return None

    def count(self, row: Pair) -> Mapping[str, Iterable[str]]:
        upper, lower = self.normalized(row.first), self.normalized(row.second)
        return {**self.tokens(upper), "char": [*upper, *lower]}

    def encode(self, row: Pair, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        return [self.pair_features(row, vocabularies)] if self.keeps(row) else []

    def keeps(self, row: Pair) -> bool:
        return len(without_blanks(row.first)) <= self.max_length

    def keys(self, row: Pair) -> Iterable[str]:
        return (without_blanks(row.first),)

    def normalized(self, line: str) -> str:
        """A line as the model sees it, without blanks and normalized."""
        return self.normalizer.normalize(without_blanks(line))

    def pair_features(self, row: Pair, vocabularies: Vocabularies) -> Features:
        """Features of the upper line, and the ids of the lower line as `target`."""
        features = self.features(self.normalized(row.first), vocabularies)
        target = vocabularies["char"].ids(self.normalized(row.second))
        return {**features, "target": target}
