"""The likelihood of texts by exported vectors, compared with one window at a time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax

from nlpx.exported.word_vectors import ExportedWordVectors
from nlpx.tasks.vectors.windows import whole_windows

WORDS, DIM, WINDOW = 7, 4, 2


def tables(tied: bool) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    made = {name: random.normal(size=(WORDS, DIM)).astype(np.float32) for name in ("words", "contexts")}
    if tied:
        del made["contexts"]
        return made
    return {**made, "bias": random.normal(size=WORDS).astype(np.float32)}


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize(("skip_gram", "mean"), [(True, True), (False, True), (False, False)])
def test_windows_by_definition(tied: bool, skip_gram: bool, mean: bool) -> None:
    made = tables(tied)
    ids = np.random.default_rng(1).integers(1, WORDS, 11)
    constants = {**made, "skip_gram": np.array(float(skip_gram)), "mean": np.array(float(mean))}
    learner = ExportedWordVectors({}, constants)
    batches = [learner.log_likelihood(batch) for batch in whole_windows(ids, WINDOW, 4, 2)]
    words = made["words"].astype(float)
    contexts, bias = made.get("contexts", words).astype(float), made.get("bias", np.zeros(WORDS))

    def log_p(hidden: np.ndarray) -> np.ndarray:
        scores = contexts @ hidden + bias
        scores[0] = -np.inf
        return np.asarray(log_softmax(scores))

    total, count = 0.0, 0
    for place, word in enumerate(ids):
        near = [ids[i] for i in range(len(ids)) if 0 < abs(i - place) <= WINDOW]
        if skip_gram:
            total += sum(log_p(words[word])[other] for other in near)
            count += len(near)
        else:
            hidden = words[near].mean(0) if mean else words[near].sum(0)
            total += log_p(hidden)[word]
            count += 1
    assert sum(found for found, _ in batches) == pytest.approx(total, rel=1e-5)
    assert sum(targets for _, targets in batches) == count
