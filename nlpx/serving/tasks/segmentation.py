"""Segmentation: words of the request, and the words of jieba."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, field_validator

from nlpx.serving.calls import Options
from nlpx.serving.tasks.base import TaskApi
from nlpx.specs.predictor import Prediction
from nlpx.text.dictionary import UserDictionary
from nlpx.text.jieba_words import jieba_words

MOST_WORDS, LONGEST_WORD = 1000, 50
LETTERS = 10
"""Of the longest word of a dictionary for which a text counts as another row."""
Word = Annotated[str, Field(min_length=1, max_length=LONGEST_WORD)]
Factor = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class SegmentationOptions(Options):
    """Options of a request.

    Attributes:
        dictionary: words with factors, as in a user dictionary; replaces that of the config.
        jieba: also give the words of jieba.
    """

    dictionary: Annotated[dict[Word, Factor], Field(max_length=MOST_WORDS)] | None = None
    jieba: bool = False

    @field_validator("dictionary")
    @classmethod
    def _without_blanks(cls, words: dict[str, float] | None) -> dict[str, float] | None:
        for word in words or ():
            if word.split() != [word]:
                raise ValueError(f"{word!r} contains a blank, but blanks always separate words")
        return words


class SegmentationApi(TaskApi):
    options = SegmentationOptions

    def cost(self, options: SegmentationOptions) -> int:
        """Nested words are looked for at every character, which takes as long as the longest of them."""
        return 1 + max(map(len, options.dictionary or ()), default=0) // LETTERS

    def predict(self, inputs: Sequence[str], options: SegmentationOptions) -> list[Prediction]:
        predictor = self.predictor
        if options.dictionary is not None:
            predictor = predictor.with_words(UserDictionary(options.dictionary))
        found: list[Prediction] = predictor.predict(inputs)
        if options.jieba:
            found = [
                Prediction(made.text, {**made.fields, "jieba": list(jieba_words(text))})
                for text, made in zip(inputs, found, strict=True)
            ]
        return found
