"""Vectors that are computed instead of trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nlpx.data.items import EncodedItems
from nlpx.tasks.vectors.config import Vectors
from nlpx.tasks.vectors.cooccurrence import cooccurrences, factors, weighted
from nlpx.tasks.vectors.subsampling import keep_probability

if TYPE_CHECKING:
    from nlpx.tasks.vectors.learner import VectorsLearner


def fit_counts(experiment: Vectors, learner: VectorsLearner, items: EncodedItems) -> None:
    """Set the tables to the factors of the weighted co-occurrences, and the bias to log frequencies.

    With ppmi, the scores are about log(p(w | c) / p(w)), so that the bias makes them log p(w | c).
    """
    section, size = experiment.model, len(learner.tokens)
    keep = None
    if section.subsampling is not None:
        keep = keep_probability(learner.counts, section.subsampling.threshold)
    counts = cooccurrences(items, size, section.window, keep)
    words, contexts = factors(
        weighted(counts, section.weighting), section.dim, section.power, experiment.seed
    )
    learner.model.words.embeddings.assign(words)
    learner.model.contexts.embeddings.assign(contexts)
    occurring = np.asarray(counts.sum(0)).ravel()
    learner.model.bias.assign(np.log(np.maximum(occurring, 1) / max(occurring.sum(), 1)))
