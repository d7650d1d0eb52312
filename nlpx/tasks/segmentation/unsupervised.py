"""Segmentation without segmented text: a language model of characters, as a reference."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from nlpx.components.decoders.viterbi import viterbi
from nlpx.data.codec import Vocabularies
from nlpx.data.records import Sentence
from nlpx.specs.predictor import Prediction, Predictor, Say, unheard
from nlpx.tasks.segmentation.codec import SegmentationCodec
from nlpx.tasks.segmentation.example import SegmentationExample, example
from nlpx.text.character_model import CharacterModel

ORDER, BATCH = 4, 256
FIRST = 0
"""States are the first, second, third and a later character of a word."""
WEIGHTS = ((1, 0.15, 0, 0), (1, 0, 0.01, 0), (1, 0, 0, 0.01), (1, 0, 0, 0.001))
"""Weights of the transitions, from row to column, those of kexue.fm archive 3956."""


class LanguageModelPredictor(Predictor[Sentence, SegmentationExample]):
    """Words are runs of characters that predict one another (kexue.fm archive 3956).

    The state of a character is its place in a word, from first to fourth or later. Its score is its
    probability given as many characters before it, at most three, times the weight of the transition; the
    best sequence of states gives the words. The language model is made of the training split, whose words it
    does not read.

    Args:
        codec: normalizes texts.
        vocabularies: of characters.
    """

    def __init__(self, codec: SegmentationCodec, vocabularies: Vocabularies) -> None:
        self._codec = codec
        self._characters = vocabularies["char"]
        with np.errstate(divide="ignore"):
            self._transitions = np.log(WEIGHTS)

    def prepare(
        self,
        rows: Callable[[str], Iterable[Sentence]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        texts = (self._ids(row.text) for row in rows("train"))
        self._model = CharacterModel(texts, len(self._characters), ORDER)

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [Prediction(" ".join(words), {"words": list(words)}) for words in self._words(texts)]

    def examples(self, rows: Sequence[Sentence], known: Container[str]) -> list[SegmentationExample]:
        answers = self._words([row.text for row in rows])
        return [example(row, words, math.nan, known) for row, words in zip(rows, answers, strict=True)]

    def _ids(self, text: str) -> np.ndarray:
        return self._characters.ids(self._codec.normalizer.normalize(text))

    def _words(self, texts: Sequence[str]) -> Iterator[tuple[str, ...]]:
        for start in range(0, len(texts), BATCH):
            part = texts[start : start + BATCH]
            lengths = [len(text) for text in part]
            scores = np.full((len(part), max(lengths), ORDER), -np.inf)
            for row, text in zip(scores, part, strict=True):
                row[: len(text)] = self._model.log_probabilities(self._ids(text))
            paths, _ = viterbi(scores, lengths, self._transitions)
            for text, path in zip(part, paths, strict=True):
                blank = np.array([char.isspace() for char in text], bool)
                begins = (path == FIRST) | blank | np.concatenate([[False], blank[:-1]])[: len(text)]
                bounds = [*np.flatnonzero(begins).tolist(), len(text)]
                yield tuple(text[i:j] for i, j in pairwise(bounds))
