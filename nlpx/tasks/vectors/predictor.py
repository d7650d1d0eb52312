"""Predictor of the task vectors: neighbours of words, likelihood of texts, and files of vectors."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from nlpx.components.sources.builtin import Builtin
from nlpx.components.sources.raw_text import RawTexts, segmented
from nlpx.data.codec import Vocabularies
from nlpx.data.vector_files import vector_file
from nlpx.data.word_vectors import WordVectors, principal_plane
from nlpx.layers.taps import tap
from nlpx.specs.predictor import Prediction, Predictor, UnconditionalPredictor
from nlpx.tasks.vectors.codec import WORD, VectorsCodec, WordText
from nlpx.tasks.vectors.config import Vectors
from nlpx.tasks.vectors.example import Questions, WordTextExample
from nlpx.tasks.vectors.map import word_map
from nlpx.tasks.vectors.windows import whole_windows

if TYPE_CHECKING:
    from nlpx.exported.word_vectors import ExportedWordVectors
    from nlpx.tasks.vectors.learner import VectorsLearner

NEIGHBOURS, MAPPED = 10, 150
"""Neighbours of a word, and words of a map."""
SCORES_AT_ONCE, ROWS_AT_ONCE = 1 << 24, 16


class VectorsPredictor(Predictor[WordText, WordTextExample], UnconditionalPredictor):
    """Trained vectors.

    Args:
        experiment: how texts are segmented; the width of windows.
        codec: normalizes words.
        learner: the vectors.
        vocabularies: the words.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".vec", ".bin", ".npz", ".svg")

    def __init__(
        self,
        experiment: Vectors,
        codec: VectorsCodec,
        learner: VectorsLearner | ExportedWordVectors,
        vocabularies: Vocabularies,
    ) -> None:
        source = experiment.data.source
        self._segmentation = source.segment if isinstance(source, RawTexts) else "blanks"
        self._of_sample = isinstance(source, Builtin)
        self._window, self._length = experiment.model.window, experiment.train.length
        self._codec = codec
        self._learner = learner
        self._vocabularies = vocabularies
        self._tokens = vocabularies[WORD].tokens
        fitting = SCORES_AT_ONCE // (self._length * len(self._tokens))
        self._rows_at_once = min(max(fitting, 1), ROWS_AT_ONCE)
        self._latest: WordVectors | None = None

    @property
    def vectors(self) -> WordVectors:
        """All words but the unknown one with their vectors."""
        table = self._learner.table
        if self._latest is None or self._latest.vectors is not table:
            self._latest = WordVectors(self._tokens[1:], table)
        return self._latest

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        vectors = self.vectors
        rows = [self._rows(text, vectors) for text in texts]
        known = [own for own in rows if own]
        found = iter(_neighbours(vectors, known, NEIGHBOURS))
        return [next(found) if own else _unknown(text) for text, own in zip(texts, rows, strict=True)]

    def compute(self, text: str) -> None:
        """The vectors of the words of a text and of their neighbours; the tap `map` has two dimensions."""
        vectors = self.vectors
        rows = self._rows(text, vectors)
        if rows:
            near, _ = vectors.neighbours(_centre(vectors, rows)[None], 2 * NEIGHBOURS, np.array([rows]))
            found = self._learner.looked_up([*rows, *near[0].tolist()])
            tap("map", principal_plane(found))

    def generate(self, count: int, seed: int) -> list[Prediction]:
        """The most frequent words with their neighbours, whatever the seed."""
        vectors = self.vectors
        rows = [[row] for row in range(min(count, len(vectors.tokens)))]
        self._learner.looked_up(rows)
        found = _neighbours(vectors, rows, NEIGHBOURS)
        return [
            Prediction(f"{' '.join(map(str, made.fields['words']))}: {made.text}", made.fields)  # type: ignore[call-overload]  # a list
            for made in found
        ]

    def file(self, suffix: str, count: int, seed: int) -> bytes:
        vectors = self.vectors
        return word_map(vectors, MAPPED) if suffix == ".svg" else vector_file(vectors, suffix)

    def files(self) -> Mapping[str, bytes]:
        return {"map.svg": self.file(".svg", 0, 0)}

    def results(self) -> Mapping[str, bytes]:
        return {"vectors.npz": self.file(".npz", 0, 0)}

    def examples(self, rows: Sequence[WordText], known: Container[str]) -> list[WordTextExample]:
        asked = self._questions(self.vectors)
        return [self._example(row, asked) for row in rows]

    def _example(self, row: WordText, asked: Questions) -> WordTextExample:
        words = row.words
        ids = self._codec.ids(row, self._vocabularies)
        total, count = 0.0, 0
        for batch in whole_windows(ids, self._window, self._length, self._rows_at_once):
            likelihood, targets = self._learner.log_likelihood(batch)
            total, count = total - likelihood, count + targets
        return WordTextExample(" ".join(words), total, count, len(words) - len(ids), asked)

    def _questions(self, vectors: WordVectors) -> Questions:
        if not self._of_sample:
            return Questions(vectors)
        from nlpx.tasks.vectors.sample.vectors import analogies, pairs

        return Questions(vectors, pairs(), analogies())

    def _rows(self, text: str, vectors: WordVectors) -> list[int]:
        """The rows of a word, or of the known words of a text."""
        normal = self._codec.normalizer.normalize(text.strip())
        words = [normal] if normal in vectors.ids else segmented(normal, self._segmentation)
        return [vectors.ids[word] for word in words if word in vectors.ids]


def _unknown(text: str) -> Prediction:
    """The prediction for a text without a known word, which is no mistake if it is blank."""
    reason = f"{text.strip():.40}: no word of it has a vector; it is rare or missing in the training text"
    blank = not text.strip()
    return Prediction("" if blank else reason, {"words": [], "neighbours": []}, failed=not blank)


def _centre(vectors: WordVectors, rows: Sequence[int]) -> np.ndarray:
    """The mean of the vectors of some words, scaled to length 1."""
    centre: np.ndarray = vectors.units[rows].mean(0)
    return centre


def _neighbours(vectors: WordVectors, texts: Sequence[Sequence[int]], count: int) -> list[Prediction]:
    """The nearest words of every text, as text and as fields."""
    made = []
    for rows in texts:
        near, cosines = vectors.neighbours(_centre(vectors, rows)[None], count, np.array([rows]))
        pairs = [
            (vectors.tokens[row], float(cosine))
            for row, cosine in zip(near[0].tolist(), cosines[0].tolist(), strict=True)
            if np.isfinite(cosine)
        ]
        fields = {
            "words": [vectors.tokens[row] for row in rows],
            "neighbours": [{"word": word, "cosine": round(cosine, 6)} for word, cosine in pairs],
        }
        made.append(Prediction(" ".join(f"{word} {cosine:.3f}" for word, cosine in pairs), fields))
    return made
