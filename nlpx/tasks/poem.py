"""Verses (诗): what a good row is, how it becomes arrays, which model learns it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from nlpx.components.metrics.novelty import Novelty
from nlpx.data.rows import Verse
from nlpx.specs.losses import ELBO
from nlpx.specs.tasks.poem import Poem
from nlpx.tasks.base import Task, Vocabularies
from nlpx.tasks.examples import VerseExample
from nlpx.tasks.poem_predictor import PoemPredictor
from nlpx.text.normalize import Normalizer
from nlpx.text.punctuation import is_punctuation
from nlpx.text.verse import lines, written_out

if TYPE_CHECKING:
    from nlpx.models.vae import AutoencoderProblem

KEPT_BIGRAMS = 2
"""Rarer bigrams count for the probability of a character alone."""


class PoemTask(Task[Verse, "AutoencoderProblem", VerseExample]):
    """Verses of one length in, the same verses out, through a latent vector."""

    experiment: Poem

    def __init__(self, experiment: Poem) -> None:
        super().__init__(experiment)
        normalize = experiment.data.normalize
        self.normalizer = Normalizer(normalize.width, normalize.case, normalize.digits)
        self.length: int = experiment.data.length
        self.judges_novelty = any(isinstance(metric, Novelty) for metric in experiment.metrics)

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

    def problem(self, vocabularies: Vocabularies) -> AutoencoderProblem:
        from nlpx.models.vae import AutoencoderProblem, build_autoencoder

        characters = len(vocabularies["char"])
        loss = self.experiment.loss
        model = build_autoencoder(
            self.experiment.model,
            characters=characters,
            length=self.length,
            counts=isinstance(loss, ELBO) and loss.anneal > 0,
        )
        return AutoencoderProblem(model, loss)

    def predictor(self, problem: AutoencoderProblem, vocabularies: Vocabularies) -> PoemPredictor:
        return PoemPredictor(self.experiment, self.normalizer.normalize, problem, vocabularies)

    def describe(self, example: VerseExample) -> str:
        return f"{written_out(example.text)} → {written_out(example.answer)}"

    severity_is = "negative elbo in nats"

    def severity(self, example: VerseExample) -> float:
        return example.nelbo
