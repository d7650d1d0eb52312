"""The divergence of two passes against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import rel_entr, softmax

from nlpx.components.losses.cross_entropy import CrossEntropy
from nlpx.components.tricks.r_drop import RDrop
from tests.components.tricks.tapped import Evaluated, example, tapped


def test_two_passes() -> None:
    rng = np.random.default_rng(0)
    passes = [rng.normal(size=(2, 3, 5)) * 3 for _ in range(2)]
    mask, target = np.array([[True, True, False], [True, False, False]]), np.zeros((2, 3), np.int32)
    values = {"target": tf.constant(target), "mask": tf.constant(mask)}
    logits = iter(passes)
    terms = RDrop(alpha=0.4).objective(
        lambda batch: CrossEntropy()({**batch, "logits": tf.constant(next(logits), tf.float32)}, 0), []
    )(values)
    p, q = (softmax(found, -1) for found in passes)
    divergence = (rel_entr(p, q) + rel_entr(q, p)).sum(-1)[mask].sum() / 2
    assert [float(x) for x in terms["r_drop"]] == pytest.approx([divergence, 3.0, 0.4], rel=1e-5)
    losses = -(np.log(p) + np.log(q))[..., 0][mask].sum() / 2
    assert [float(x) for x in terms["plain_loss"]] == pytest.approx([losses, 3.0, 1.0], rel=1e-5)


def test_without_dropout_there_is_no_divergence() -> None:
    batch = example(4)
    still, noisy = (Evaluated(tapped(dropout), RDrop())(batch)[0] for dropout in (0.0, 0.5))
    assert still["r_drop"][0] == 0.0 < noisy["r_drop"][0]
    assert noisy["plain_loss"][1] == noisy["r_drop"][1] == 4.0


def test_outputs_of_probability_zero() -> None:
    extreme = [np.array([[1e4, -1e4]]), np.array([[-1e4, 1e4]])]
    logits = iter(extreme)
    values = {"target": tf.constant([0]), "mask": tf.constant([True])}
    objective = RDrop().objective(
        lambda batch: CrossEntropy()({**batch, "logits": tf.constant(next(logits), tf.float32)}, 0), []
    )
    assert float(objective(values)["r_drop"].sum) == pytest.approx(2e4)
