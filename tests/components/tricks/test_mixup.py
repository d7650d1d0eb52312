"""Mixtures of rows, against a softmax computed by NumPy; partners and shares against their distributions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_softmax
from scipy.stats import beta, kstest

from nlpx.components.losses.base import Term
from nlpx.components.tricks.mixup import Mixup
from nlpx.errors import ConfigError
from nlpx.layers.taps import tap
from nlpx.models.text_classifier import TextClassifierLearner
from nlpx.workflow.trial import open_trial

SENTIMENT = Path(__file__).resolve().parents[3] / "configs" / "sentiment.yaml"
SETS = ["model.hidden=null", "model.encoder=[]", "model.embedding={dim: 4}", "data.limit=40", "metrics=[nll]"]
KERNEL = np.random.default_rng(0).normal(size=(12, 3)).astype(np.float32)


def objective(batch: Mapping[str, tf.Tensor]) -> dict[str, Term]:
    """The cross entropy of a linear classifier of images of 2 x 2 pixels with three channels."""
    logits = tf.reshape(tap("image", batch["image"]), (-1, 12)) @ KERNEL
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(batch["label"], logits)
    return {"loss": Term(tf.reduce_sum(losses), tf.cast(tf.shape(losses)[0], tf.float32))}


def images(rows: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(rows)
    return {
        "image": rng.normal(size=(rows, 2, 2, 3)).astype(np.float32),
        "label": rng.integers(0, 3, rows).astype(np.int32),
    }


@pytest.mark.parametrize("rows", [1, 2, 7])
def test_the_loss_is_that_of_both_classes_at_the_mixture(rows: int) -> None:
    batch = Mixup().data(images(rows), np.arange(rows), 3, 1)
    partners, share = batch["mixup.partner"], float(batch["mixup.share"][0])
    (term,) = Mixup().objective(objective, [])({k: tf.constant(v) for k, v in batch.items()}).values()
    x = batch["image"].astype(np.float64).reshape(rows, 12)
    log_p = log_softmax((share * x + (1 - share) * x[partners]) @ KERNEL, 1)
    classes, everybody = batch["label"], np.arange(rows)
    losses = -share * log_p[everybody, classes] - (1 - share) * log_p[everybody, classes[partners]]
    assert float(term.sum) == pytest.approx(losses.sum(), rel=1e-5)
    assert float(term.weight) == rows


def test_each_row_has_another_partner_and_empty_rows_none() -> None:
    mask = np.ones((9, 4), bool)
    mask[6:] = False
    batch = {"mask": mask, "label": np.arange(9)}
    seen = set()
    for epoch in range(40):
        partners = Mixup(at="feature").data(batch, np.arange(9), epoch, 0)["mixup.partner"]
        assert sorted(partners[:6]) == list(range(6)) and all(partners[:6] != np.arange(6))
        np.testing.assert_array_equal(partners[6:], [6, 7, 8])
        seen |= set(enumerate(partners[:6].tolist()))
    assert len(seen) == 30


def test_shares_are_those_of_a_beta_distribution_and_the_same_again() -> None:
    shares = [Mixup(alpha=0.4).data(images(2), np.arange(2), epoch, 5)["mixup.share"] for epoch in range(500)]
    assert kstest([share[0] for share in shares], beta(0.4, 0.4).cdf).pvalue > 0.01
    again = Mixup(alpha=0.4).data(images(2), np.arange(2), 499, 5)["mixup.share"]
    np.testing.assert_array_equal(again, shares[-1])


def test_features_of_texts_are_mixed() -> None:
    """A classifier without hidden layer is linear, so that its logits are mixed as well."""
    trial = open_trial(SENTIMENT, SETS, [], lambda message: None)
    learner = trial.learner
    assert isinstance(learner, TextClassifierLearner)
    batch = trial.stages().rounds.update(0, 0)[0][0]
    trick = Mixup(at="feature")
    mixed = trick.data(batch, np.arange(len(batch["label"])), 0, 1)
    found: list[tf.Tensor] = []

    def seen(tensors: Mapping[str, tf.Tensor]) -> Mapping[str, Term]:
        found.append(learner.values(tensors, training=False)["logits"])
        return {}

    tensors = {name: tf.constant(array) for name, array in mixed.items()}
    seen(tensors)
    trick.objective(seen, [])(tensors)
    share, partners = mixed["mixup.share"][0], mixed["mixup.partner"]
    plain = found[0].numpy()
    np.testing.assert_allclose(found[1], share * plain + (1 - share) * plain[partners], rtol=1e-4, atol=1e-5)


def test_a_model_without_the_tap_is_refused() -> None:
    batch = {k: tf.constant(v) for k, v in Mixup().data(images(3), np.arange(3), 0, 0).items()}
    with pytest.raises(ConfigError, match="no tap `feature`"):
        Mixup(at="feature").objective(objective, [])(batch)
