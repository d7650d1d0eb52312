"""Codec of the task sentiment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nlpx.components.sources.labelled_texts import LabelledText
from nlpx.data.codec import Vocabularies
from nlpx.data.items import Field
from nlpx.tasks.text_codec import Features, TextCodec
from nlpx.text.vocabulary import UNKNOWN

LABEL = "label"
"""Name of the vocabulary of classes, and of the field with their ids."""


@dataclass(frozen=True)
class SentimentCodec(TextCodec[LabelledText]):
    """Texts with a class."""

    keep: Literal["start", "end"] = "start"

    @property
    def fields(self) -> Mapping[str, Field]:
        return {**super().fields, LABEL: Field(sequence=None)}

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {**super().min_counts, LABEL: 1}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {**super().max_sizes, LABEL: None}

    def check(self, row: LabelledText) -> str | None:
        return f"a class cannot be called {UNKNOWN}" if row.label == UNKNOWN else None

    def class_of(self, row: LabelledText) -> str:
        return row.label

    def count(self, row: LabelledText) -> Mapping[str, Iterable[str]]:
        return {**self.tokens(self.normalized(row.text)), LABEL: (row.label,)}

    def encode(self, row: LabelledText, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        label = np.array(classes(vocabularies).index(row.label), np.int32)
        return [{**self.features(self.normalized(row.text), vocabularies), LABEL: label}]

    def keys(self, row: LabelledText) -> Iterable[str]:
        return (row.text,)

    def normalized(self, text: str) -> str:
        """A text as the model sees it, normalized and truncated."""
        whole = self.normalizer.normalize(text)
        return whole[: self.max_length] if self.keep == "start" else whole[-self.max_length :]

    def features_of(self, text: str, vocabularies: Vocabularies) -> Features:
        """Features of a text that is not normalized."""
        return self.features(self.normalized(text), vocabularies)


def classes(vocabularies: Vocabularies) -> list[str]:
    """The classes of the training split, sorted by name; the position of a class is its id."""
    return sorted(vocabularies[LABEL].tokens[1:])  # without the unknown token
