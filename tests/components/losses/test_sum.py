"""Weighted sums of objectives: names, weights, variables, and resuming a training run with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.losses.base import Loss
from nlpx.components.losses.centred_cross_entropy import CentredCrossEntropy
from nlpx.components.losses.crf_nll import CRFNegativeLogLikelihood
from nlpx.components.losses.cross_entropy import CrossEntropy
from nlpx.components.losses.sum import Sum
from nlpx.components.varying import at
from nlpx.engine.state import Progress, State
from nlpx.engine.step import TrainStep
from nlpx.engine.update import Update
from nlpx.models.text_classifier import TextClassifier, TextClassifierLearner
from nlpx.specs.text_classifier import TextClassifierSection
from tests.components.losses.harness import fresh, measured, random_values


def sum_of(*losses: object, weights: Sequence[float] = ()) -> Sum:
    members = [
        {"loss": {"type": loss} if isinstance(loss, str) else loss, "weight": weight}
        for loss, weight in zip(losses, weights or [1.0] * len(losses), strict=True)
    ]
    return Sum.model_validate({"type": "sum", "losses": members})


@pytest.mark.parametrize("member", [CrossEntropy(label_smoothing=0.1), CentredCrossEntropy()])
def test_a_member_of_weight_1_alone_is_itself_bit_for_bit(member: Loss) -> None:
    alone, whole = fresh(member), fresh(sum_of(member))
    values = random_values(member, "rows")
    (one, gradients), (other, same) = measured(alone, values), measured(whole, values)
    assert one == other
    for gradient, equal in zip(gradients, same, strict=True):
        np.testing.assert_array_equal(gradient, equal)


def test_weights_are_factors() -> None:
    losses = [CentredCrossEntropy(), CrossEntropy(), CentredCrossEntropy(label_smoothing=0.2)]
    whole = fresh(sum_of(*losses, weights=[0.5, 0.0, 3.0]))
    assert isinstance(whole, Sum)
    values = random_values(whole, "rows")
    found, gradients = measured(whole, values)
    first, _, last = (measured(part, values) for part in whole._members)
    assert found == pytest.approx(0.5 * first[0] + 3 * last[0], rel=1e-6)
    floats = sum(value.dtype.is_floating for value in values.values())
    for i in range(floats):
        np.testing.assert_allclose(gradients[i], 0.5 * first[1][i] + 3 * last[1][i], rtol=1e-5, atol=1e-7)
    for gradient, part, weight in zip(gradients[floats:], (first, last), (0.5, 3.0), strict=True):
        np.testing.assert_allclose(gradient, weight * part[1][-1], rtol=1e-5)


def test_terms_are_named_after_members_and_properties_are_those_of_members() -> None:
    inner = {"type": "sum", "losses": [{"loss": {"type": "cross_entropy"}, "weight": 0.5}]}
    loss = sum_of(
        "cross_entropy", inner, "centred_cross_entropy", {"type": "cross_entropy"}, weights=[1, 3, 2, 1]
    )
    terms = fresh(loss)(random_values(loss, "rows"), 0)
    coefficients = {
        "cross_entropy": 1.0,
        "sum/cross_entropy": 1.5,
        "centred_cross_entropy/main": 2.0,
        "centred_cross_entropy/auxiliary": 0.5,
        "centred_cross_entropy/centre": 0.5,
        "cross_entropy_2": 1.0,
    }
    assert {name: term.coefficient for name, term in terms.items()} == coefficients
    assert loss.reads == {"logits", "target", "auxiliary_logits", "feature"}
    assert [place for place, _ in loss.members][1] == ("losses", 1, "loss", "losses", 0, "loss")
    assert (loss.unit, loss.compares) == ("", False)
    assert (sum_of(CRFNegativeLogLikelihood(per="sentence"), "elbo").unit) == "sentences"
    assert sum_of("triplet", "am_softmax").compares


def test_a_weight_follows_a_schedule() -> None:
    """Half of 0.6 after all updates but the last, of a member that has a weight of its own."""
    weight = {"value": 0.6, "schedule": {"type": "linear", "final": 0.5}}
    members = [
        {"loss": {"type": "cross_entropy"}},
        {"loss": {"type": "centred_cross_entropy"}, "weight": weight},
    ]
    loss = fresh(Sum.model_validate({"type": "sum", "losses": members}))
    with at(0, 8):
        terms = loss(random_values(loss, "rows"), 7)
    assert terms["cross_entropy"].coefficient == 1.0
    assert float(terms["centred_cross_entropy/main"].coefficient) == pytest.approx(0.3)
    assert float(terms["centred_cross_entropy/centre"].coefficient) == pytest.approx(0.3 * 0.25)


SPEC = TextClassifierSection.model_validate({"embedding": {"dim": 4}, "dropout": 0.3})
BATCH: Mapping[str, np.ndarray] = {
    "char": np.random.default_rng(0).integers(0, 9, (6, 5)).astype(np.int32),
    "mask": np.ones((6, 5), bool),
    "label": np.array([0, 1, 2, 2, 1, 0], np.int32),
}


def state(seed: int) -> tuple[Update, State]:
    """A classifier with centres and class probabilities, ready to train."""
    keras.utils.set_random_seed(seed)
    model = TextClassifier(SPEC, characters=9, ngram_sizes={}, classes=3)
    learner = TextClassifierLearner(model, sum_of("cross_entropy", "center", weights=[1.0, 0.5]))
    update = Update(learner, keras.optimizers.Adam(0.1))
    return update, State(TrainStep(learner, [update]))


def test_resuming_restores_the_variables_of_members_bit_for_bit() -> None:
    update, running = state(1)
    for number in range(2):
        result = update([BATCH], number)
    assert set(result.sums.term_means()) == {"cross_entropy", "center"}
    saved = running.arrays()
    assert saved["objective/0000"].shape == (3, 8)
    update([BATCH], 2)
    again, resumed = state(2)
    resumed.restore(saved, Progress())
    again([BATCH], 2)
    expected, found = running.arrays(), resumed.arrays()
    assert sorted(expected) == sorted(found)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)
    assert (saved["objective/0000"] != expected["objective/0000"]).all()


def test_two_learners_of_one_config_share_nothing() -> None:
    loss = sum_of("center", "center")
    one, two = fresh(loss), fresh(loss)
    assert len({id(variable) for made in (one, two) for variable in made.variables}) == 4
    assert not loss.variables
    assert [layer.name for layer in one.layers] == ["centres", "centres"]
    assert all(isinstance(variable.value, tf.Variable) for variable in one.trainable_variables)
