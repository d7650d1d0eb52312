"""How often an update is traced, which is most of the time of a short run."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.losses.base import Term
from nlpx.engine.update import Update
from tests.engine.toy import ToyLearner, make_batch


class Counted(ToyLearner):
    """Counts how often its terms are computed; with a term that is divided by the rows, if there are two."""

    def __init__(self, terms: int) -> None:
        super().__init__(dropout=0.0)
        self.terms = terms
        self.calls = 0

    def losses(self, batch: Mapping[str, tf.Tensor], step: tf.Tensor, training: bool) -> dict[str, Term]:
        self.calls += 1
        terms = super().losses(batch, step, training)
        rows = Term(tf.reduce_sum(self.model(batch["char"])), tf.cast(tf.shape(batch["char"])[0], tf.float32))
        return {**terms, "rows": rows} if self.terms == 2 else {**terms}


@pytest.mark.parametrize(("accumulation", "terms", "calls"), [(1, 1, 1), (2, 1, 1), (2, 2, 2)])
def test_once_and_again_only_to_see_that_terms_have_two_divisors(
    accumulation: int, terms: int, calls: int
) -> None:
    learner = Counted(terms)
    update = Update(learner, keras.optimizers.SGD(0.1), accumulation=accumulation)
    batch = make_batch(np.random.default_rng(0), 4, 6)
    for number in range(2):
        update([batch] * accumulation, number)
    assert learner.calls == calls
    update([make_batch(np.random.default_rng(0), 4, 7)] * accumulation, 2)
    assert learner.calls == calls + 1
