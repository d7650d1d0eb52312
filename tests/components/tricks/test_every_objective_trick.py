"""What every trick that evaluates the objective more than once must do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.tricks.adversarial import Adversarial
from nlpx.components.tricks.base import Trick, value_of
from nlpx.components.tricks.gradient_penalty import GradientPenalty
from nlpx.components.tricks.r_drop import RDrop
from nlpx.components.tricks.sam import SAM
from nlpx.components.tricks.virtual_adversarial import VirtualAdversarial
from nlpx.engine.loss_scale import LossScale
from nlpx.engine.update import Update
from tests.components.tricks.tapped import Evaluated, example, part, same, tapped

TRICKS: Sequence[Trick] = [
    Adversarial(epsilon=0.3),
    Adversarial(epsilon=0.3, steps=3, step_size=0.2, weight=0.5),
    GradientPenalty(epsilon=0.7),
    RDrop(),
    VirtualAdversarial(epsilon=0.4, iterations=2),
]
BATCH = example(6)


@pytest.fixture(autouse=True)
def _constant_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random directions are drawn for a whole micro-batch; here, they are the same for every row."""
    monkeypatch.setattr(keras.random, "normal", lambda shape, **_: tf.ones(shape))


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.type)
def test_micro_batches_are_exactly_one_batch(trick: Trick) -> None:
    """Also if one is filled up with empty rows. What nothing depends on has no gradient."""
    evaluated = Evaluated(tapped(), trick.model_copy())
    terms, gradients = evaluated(BATCH)
    parts = [evaluated(part(BATCH, slice(0, 4))), evaluated(part(BATCH, slice(4, 6), empty=2))]
    assert next(iter(terms)) == "plain_loss" and len(terms) == 2
    for name, (total, weight, coefficient) in terms.items():
        assert total == pytest.approx(sum(found[name][0] for found, _ in parts), rel=1e-5, abs=1e-6)
        assert weight == sum(found[name][1] for found, _ in parts)
        assert coefficient == parts[0][0][name][2]
    sums = [None if a is None or b is None else a + b for a, b in zip(parts[0][1], parts[1][1], strict=True)]
    same(sums, gradients)
    assert [gradient is None for gradient in gradients] == [False] * 5 + [True] * 2


@pytest.mark.parametrize("inner", [*TRICKS, SAM(rho=0.5)], ids=lambda trick: trick.type)
def test_a_divergence_is_that_of_the_first_of_several_passes(inner: Trick) -> None:
    """Listed after another trick, it has the term that it has alone, at the vectors and weights as they are."""
    both = Evaluated(tapped(), inner.model_copy(), VirtualAdversarial(epsilon=0.4))(BATCH)[0]
    alone = Evaluated(tapped(), VirtualAdversarial(epsilon=0.4))(BATCH)[0]
    names = [name for name in both if name.startswith("virtual_adversarial")]
    assert both[names[-1]] == pytest.approx(alone["virtual_adversarial"], rel=1e-5)


def test_an_update_is_that_of_the_terms() -> None:
    """Compiled by XLA, and with accumulation and a loss scale; the penalty has gradients of gradients."""
    whole, parts = tapped(), tapped()
    before = [value_of(variable) for variable in whole.model.trainable_variables]
    one = Update(whole, keras.optimizers.SGD(0.3), [TRICKS[2].model_copy()], xla=True)([BATCH])
    update = Update(
        parts, keras.optimizers.SGD(0.3), [TRICKS[2].model_copy()], accumulation=2, loss_scale=LossScale()
    )
    two = update([part(BATCH, slice(0, 4)), part(BATCH, slice(4, 6), empty=2)])
    assert list(one.sums.terms) == ["plain_loss", "gradient_penalty"]
    assert one.finite and two.finite
    for name, (total, weight) in one.sums.terms.items():
        assert two.sums.terms[name] == pytest.approx((total, weight), rel=1e-4, abs=1e-6)
    changed: list[Any] = [value_of(variable) for variable in whole.model.trainable_variables]
    for new, other, old in zip(changed, parts.model.trainable_variables, before, strict=True):
        np.testing.assert_allclose(new, value_of(other), rtol=1e-4, atol=1e-5)
        assert (new != old).any() == (new.shape not in [(4, 2), (2,)])
