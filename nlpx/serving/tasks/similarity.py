"""Sentences: the cosines with lines of the request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from nlpx.serving.calls import Options
from nlpx.serving.tasks.base import TaskApi
from nlpx.specs.predictor import Prediction
from nlpx.tasks.similarity.pair_predictor import PairPredictor

MOST_LINES, LONGEST_LINE = 200, 1000
Line = Annotated[str, Field(max_length=LONGEST_LINE)]


class SimilarityOptions(Options):
    """Options of a request.

    Attributes:
        lines: sentences to compare with instead of those of the training split; blank ones are skipped.
    """

    lines: Annotated[tuple[Line, ...], Field(max_length=MOST_LINES)] = ()


class SimilarityApi(TaskApi):
    options = SimilarityOptions

    def cost(self, options: SimilarityOptions) -> int:
        return 1 + len(options.lines)

    def predict(self, inputs: Sequence[str], options: SimilarityOptions) -> list[Prediction]:
        lines = [line for line in dict.fromkeys(line.strip() for line in options.lines) if line]
        if not lines:
            return super().predict(inputs, options)
        predictor = self.predictor
        sentences = predictor.sentences if isinstance(predictor, PairPredictor) else predictor
        vectors: np.ndarray = sentences.vectors([*inputs, *lines])
        units = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        cosines = units[: len(inputs)] @ units[len(inputs) :].T
        return [_ranked(lines, row.tolist()) for row in cosines]


def _ranked(lines: Sequence[str], cosines: Sequence[float]) -> Prediction:
    """All lines, the most similar first; of equal ones, the earlier first."""
    order = sorted(range(len(lines)), key=lambda place: -cosines[place])
    found = [{"text": lines[place], "cosine": cosines[place]} for place in order]
    return Prediction("  ".join(f"{lines[place]} {cosines[place]:.3f}" for place in order), {"lines": found})
