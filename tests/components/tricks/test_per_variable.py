"""Tricks around the update of a variable, against optimizers of their own for every group."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest

from nlpx.components.tricks.base import Course, value_of
from nlpx.components.tricks.freeze import Freeze
from nlpx.components.tricks.gradient_clip import GradientClip
from nlpx.components.tricks.layer_decay import LayerDecay
from nlpx.components.tricks.lr_multipliers import LrMultipliers
from nlpx.components.tricks.weight_decay import WeightDecay
from nlpx.errors import ConfigError
from tests.components.tricks.harness import Updates, copies, weight

Make = Callable[[float], keras.optimizers.Optimizer]

OPTIMIZERS: dict[str, Make] = {
    "sgd": keras.optimizers.SGD,
    "nesterov": lambda rate: keras.optimizers.SGD(rate, momentum=0.9, nesterov=True),
    **{
        name: getattr(keras.optimizers, name)
        for name in (
            "Adadelta", "Adafactor", "Adagrad", "Adam", "Adamax", "AdamW", "Ftrl", "Lamb", "Lion", "Muon",
            "Nadam", "RMSprop", "ScheduleFreeAdamW",
        )
    },
}  # fmt: skip
RNG = np.random.default_rng(0)
GRADIENTS = RNG.standard_normal((3, 2, 3, 4)).astype(np.float32)
"""Of three updates, of two matrices."""


def two() -> list[keras.Variable]:
    rng = np.random.default_rng(1)
    return [weight(rng.standard_normal((3, 4)), name) for name in ("a", "b")]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_multiplied_group_is_trained_as_by_an_optimizer_of_its_own(name: str) -> None:
    """Bit for bit, with the weight decay of adamw and muon."""
    a, b = two()
    other_a, other_b = copies([a, b])
    both = Updates([a, b], OPTIMIZERS[name](0.1), LrMultipliers(multipliers={"b": 0.5, "?": 1.0}))
    alone = [Updates([w], OPTIMIZERS[name](r)) for w, r in ((other_a, 0.1), (other_b, 0.05))]
    for gradients in GRADIENTS:
        both(*gradients)
        for updates, gradient in zip(alone, gradients, strict=True):
            updates(gradient)
    np.testing.assert_array_equal(value_of(a), value_of(other_a))
    np.testing.assert_array_equal(value_of(b), value_of(other_b))


@pytest.mark.parametrize(
    ("make", "adaptive", "tolerance"),
    [
        (keras.optimizers.SGD, False, 1e-6),
        (lambda rate: keras.optimizers.SGD(rate, momentum=0.9), False, 1e-6),
        (keras.optimizers.Adam, True, 1e-6),
        (keras.optimizers.RMSprop, True, 5e-4),
    ],
)
def test_f15_reparameterization(make: Make, adaptive: bool, tolerance: float) -> None:
    """w = c * v by a linear regression: the rate of w is c^2 times as high, with adaptive optimizers c times."""
    c = 0.1
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((16, 3)), rng.standard_normal(16)
    start = rng.standard_normal(3)
    w, v = weight(start), weight(start / c, "v")
    direct = Updates([w], make(0.05), LrMultipliers(multipliers={"w": c if adaptive else c**2}))
    hidden = Updates([v], make(0.05))
    for _ in range(5):
        direct(x.T @ (x @ value_of(w) - y) / 16)
        hidden(c * (x.T @ (x @ (c * value_of(v)) - y) / 16))
    assert np.abs(value_of(w) - start).max() > 1e-4
    np.testing.assert_allclose(value_of(w), c * value_of(v), atol=tolerance)


def test_the_first_pattern_that_matches_counts() -> None:
    trick = LrMultipliers(multipliers={"a": 0.0, "*": 2.0})
    a, b = two()
    before = [value_of(a), value_of(b)]
    after = Updates([a, b], keras.optimizers.SGD(0.1), trick)(*GRADIENTS[0])
    np.testing.assert_array_equal(after[0], before[0])
    np.testing.assert_allclose(after[1], before[1] - 0.2 * GRADIENTS[0][1], rtol=1e-6)
    assert trick.describe() == [
        "lr_multipliers: a x 0: 1 variable: a",
        "lr_multipliers: * x 2: 1 variable: b",
    ]


def test_a_pattern_that_matches_nothing_lists_the_names() -> None:
    for trick in (LrMultipliers(multipliers={"c": 2.0}), Freeze(only=["c"]), WeightDecay(exclude=["c"])):
        with pytest.raises(ConfigError, match=r"no variable matches 'c'.* a, b"):
            Updates(two(), keras.optimizers.SGD(0.1), trick)


def parts_and_course(frozen: int = 0) -> tuple[list[keras.Variable], Course]:
    """Four parts, the third without weights, the first ones frozen; and a bias that is in no part."""
    names = ("embedding", "block", "head", "bias")
    weights = [weight(1.0, name, trainable=i >= frozen) for i, name in enumerate(names)]
    return weights, Course(parts=[weights[:1], weights[1:2], [], weights[2:3]])


def test_layer_decay_begins_below_the_head() -> None:
    weights, course = parts_and_course()
    trick = LayerDecay(factor=0.5)
    Updates(weights, keras.optimizers.SGD(0.1), trick, course=course)(1.0, 1.0, 1.0, 1.0)
    changes = [1 - float(variable.value) for variable in weights]
    np.testing.assert_allclose(changes, [0.025, 0.05, 0.1, 0.1], rtol=1e-5)
    assert trick.describe() == [
        "layer_decay: x 0.25: 1 variable: embedding",
        "layer_decay: x 0.5: 1 variable: block",
        "layer_decay: x 1: 1 variable: head",
    ]
    trick = LayerDecay.model_validate(
        {"factor": {"value": 0.5, "schedule": {"type": "linear", "final": 0.5}}}
    )
    Updates(weights, keras.optimizers.SGD(0.1), trick, course=course)
    assert trick.describe()[1:] == [
        "layer_decay: x 0.5 (linear): 1 variable: block",
        "layer_decay: x 1: 1 variable: head",
    ]


def test_layer_decay_and_multipliers_multiply() -> None:
    weights, course = parts_and_course(frozen=1)
    tricks = (LayerDecay(factor=0.5), LrMultipliers(multipliers={"block": 3.0}))
    Updates(weights, keras.optimizers.SGD(0.1), *tricks, course=course)(1.0, 1.0, 1.0)
    assert [round(1 - float(v.value), 6) for v in weights] == [0.0, 0.15, 0.1, 0.1]


@pytest.mark.parametrize("name", ["sgd", "nesterov", "Adam", "RMSprop"])
def test_weight_decay_is_that_of_keras(name: str) -> None:
    """Of optimizers that are given it, and of adamw: bit for bit; vectors and exclusions as without."""
    for trick, decayed in (
        (WeightDecay(rate=0.1), "ab"),
        (WeightDecay(rate=0.1, exclude=["b"]), "a"),
        (WeightDecay(rate=0.1, vectors=True), "abc"),
    ):
        weights = [*two(), weight([1.0, 2.0], "c")]
        others = copies(weights)
        updates = Updates(weights, OPTIMIZERS[name](0.1), trick)
        make: Make = keras.optimizers.AdamW if name == "Adam" else OPTIMIZERS[name]
        alone = [Updates([other], make(0.1)) for other in others]
        for other, one in zip(others, alone, strict=True):
            one.optimizer.weight_decay = 0.1 if other.name in decayed else None
        for gradients in GRADIENTS:
            given = [*gradients, gradients[0, 0, :2]]
            updates(*given)
            for one, gradient in zip(alone, given, strict=True):
                one(gradient)
        for mine, other in zip(weights, others, strict=True):
            np.testing.assert_array_equal(value_of(mine), value_of(other))


def test_weight_decay_is_multiplied_like_the_rate_in_any_order() -> None:
    for order in (1, -1):
        tricks = (WeightDecay(rate=0.5), LrMultipliers(multipliers={"b": 0.1}))[::order]
        a, b = weight([[1.0]], "a"), weight([[1.0]], "b")
        Updates([a, b], keras.optimizers.SGD(0.2), *tricks)([[0.0]], [[0.0]])
        assert (float(a.value[0, 0]), float(b.value[0, 0])) == pytest.approx((0.9, 0.99))


def test_what_has_no_gradient_does_not_decay() -> None:
    a, b = two()
    before = value_of(b)
    Updates([a, b], keras.optimizers.SGD(0.1), WeightDecay(rate=0.5))(GRADIENTS[0][0], None)
    np.testing.assert_array_equal(value_of(b), before)


@pytest.mark.parametrize("name", ["nesterov", "AdamW", "Adafactor", "ScheduleFreeAdamW"])
def test_frozen_variables_and_their_state_stay_bit_for_bit(name: str) -> None:
    """From the second update to the first of the second epoch, with a decay of weights and other variables moving."""
    a, b = two()
    updates = Updates(
        [a, b],
        OPTIMIZERS[name](0.1),
        Freeze(only=["b"], start=1, until="2 epochs"),
        course=Course(updates_per_epoch=2),
    )
    seen: list[bool] = []
    for step in range(6):
        state = [v for v in updates.optimizer.variables if v.name.startswith("b_")]
        before, kept = [value_of(a), value_of(b)], [value_of(v) for v in state]
        after = updates(*GRADIENTS[step % 3])
        assert (after[0] != before[0]).all()
        same = [np.array_equal(old, value_of(v)) for old, v in zip(kept, state, strict=True)]
        assert same
        frozen = np.array_equal(after[1], before[1])
        assert all(same) == frozen
        seen.append(frozen)
    assert seen == [False, True, True, True, False, False]


def test_a_frozen_variable_has_no_part_in_the_joint_norm() -> None:
    a, b = weight([0.0], "a"), weight([0.0], "b")
    tricks = (Freeze(only=["b"]), GradientClip(norm=1.0))
    updates = Updates([a, b], keras.optimizers.SGD(1.0), *tricks)
    updates([3.0], [4.0])
    assert (float(a.value[0]), float(b.value[0])) == (-1.0, 0.0)
    assert tricks[0].describe() == ["freeze: frozen: 1 variable: b"]


def test_freeze_tells_when() -> None:
    trick = Freeze(only=["b"], start=1500, until="3 epochs")
    Updates(two(), keras.optimizers.SGD(0.1), trick)
    assert trick.describe() == ["freeze: frozen from 1,500 updates until 3 epochs: 1 variable: b"]
