"""Vectors of rows, which the bundle of a run computes."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np

from nlpx.report.facts import Facts
from nlpx.specs.predictor import unheard
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.engine import open_with
from nlpx.workflow.model import OpenModel

ROWS = 300
BEST = "best"


def vectors_of_rows(facts: Facts) -> tuple[list[Any], np.ndarray]:
    """Examples of the evaluated split and their vectors (N, D); none without a bundle of the run.

    Raises:
        NlpxError: the data, or the bundle, cannot be used.
    """
    config, measured = facts.experiment, facts.main
    nothing: tuple[list[Any], np.ndarray] = [], np.zeros((0, 0))
    if config is None or measured is None or not measured.examples or not _has_vectors(measured.examples[0]):
        return nothing
    model = bundle_of(facts)
    if model is None:
        return nothing
    corpus = open_corpus(config)
    rows = list(islice(corpus.rows(measured.record.split), ROWS))
    model.predictor.prepare(corpus.rows)  # which stores nothing in the run
    model.predictor.survey(rows)
    examples = model.predictor.examples(rows, model.keys)
    vectors = np.array([_vector(example) for example in examples], np.float64)
    return list(examples), vectors


def bundle_of(facts: Facts) -> OpenModel | None:
    """The model of the bundle in a run, if it is the one that was evaluated.

    Raises:
        NlpxError: the bundle cannot be used.
    """
    model = open_with("auto", facts.run, BEST, (), (), unheard)
    return model if model and facts.main and model.step == facts.main.record.step else None


def _has_vectors(example: Any) -> bool:
    """Whether the predictor gives examples with vectors, which predictions files lack."""
    return "point" in type(example).unwritten or hasattr(example, "elbo")


def _vector(example: Any) -> np.ndarray:
    found = example.point.dense if hasattr(example, "point") else example.elbo.mean
    return np.asarray(found, np.float64).ravel()
