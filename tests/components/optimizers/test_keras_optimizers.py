"""Optimizers of Keras against their formulas in float64, and their options against Keras's signatures."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest

from nlpx.components.optimizers.base import Optimizer
from nlpx.core.component import builtin_registry

RATE, STEPS = 0.1, 3
START = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
GRADIENTS = np.random.default_rng(5).normal(size=(STEPS, 2, 3))

Array = np.ndarray
Formula = Callable[..., Iterator[Array]]


def rms(x: Array) -> float:
    return float(np.sqrt(np.mean(x**2)))


def sgd(w: Array, momentum: float, nesterov: bool) -> Iterator[Array]:
    v = np.zeros_like(w)
    for g in GRADIENTS:
        v = momentum * v - RATE * g
        yield (w := w + (momentum * v - RATE * g if nesterov else v))


def rmsprop(w: Array, rho: float, momentum: float, epsilon: float, centered: bool) -> Iterator[Array]:
    v, mean, velocity = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)
    for g in GRADIENTS:
        v, mean = rho * v + (1 - rho) * g**2, rho * mean + (1 - rho) * g
        velocity = momentum * velocity + RATE * g / np.sqrt(v - centered * mean**2 + epsilon)
        yield (w := w - velocity)


def moments(beta_1: float, beta_2: float) -> Iterator[tuple[int, Array, Array, Array]]:
    m = v = np.zeros_like(START)
    for t, g in enumerate(GRADIENTS, 1):
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g**2
        yield t, g, m / (1 - beta_1**t), v


def adam(
    w: Array, beta_1: float, beta_2: float, epsilon: float, amsgrad: bool = False, weight_decay: float = 0
) -> Iterator[Array]:
    largest = np.zeros_like(w)
    for t, _, mean, v in moments(beta_1, beta_2):
        largest = np.maximum(largest, v) if amsgrad else v
        # Keras divides by the root before it corrects the bias, so its epsilon is relative to that.
        root = (np.sqrt(largest) + epsilon) / np.sqrt(1 - beta_2**t)
        w = w - RATE * weight_decay * w
        yield (w := w - RATE * mean / root)


def adamax(w: Array, beta_1: float, beta_2: float, epsilon: float) -> Iterator[Array]:
    u = np.zeros_like(w)
    for _, g, mean, _ in moments(beta_1, beta_2):
        u = np.maximum(beta_2 * u, abs(g))
        yield (w := w - RATE * mean / (u + epsilon))


def nadam(w: Array, beta_1: float, beta_2: float, epsilon: float) -> Iterator[Array]:
    c = [beta_1 * (1 - 0.5 * 0.96**t) for t in range(1, STEPS + 2)]
    for t, g, mean, v in moments(beta_1, beta_2):
        m = mean * (1 - beta_1**t)
        d = c[t] * m / (1 - np.prod(c[: t + 1])) + (1 - c[t - 1]) * g / (1 - np.prod(c[:t]))
        yield (w := w - RATE * d / (np.sqrt(v / (1 - beta_2**t)) + epsilon))


def adagrad(w: Array, initial_accumulator_value: float, epsilon: float) -> Iterator[Array]:
    v = np.full_like(w, initial_accumulator_value)
    for g in GRADIENTS:
        v = v + g**2
        yield (w := w - RATE * g / np.sqrt(v + epsilon))


def adadelta(w: Array, rho: float, epsilon: float) -> Iterator[Array]:
    u = v = np.zeros_like(w)
    for g in GRADIENTS:
        v = rho * v + (1 - rho) * g**2
        d = g * np.sqrt(u + epsilon) / np.sqrt(v + epsilon)
        u = rho * u + (1 - rho) * d**2
        yield (w := w - RATE * d)


def adafactor(
    w: Array, beta_2_decay: float, epsilon_1: float, epsilon_2: float, clip_threshold: float
) -> Iterator[Array]:
    column, row = np.zeros(w.shape[0]), np.zeros(w.shape[1])
    for t, g in enumerate(GRADIENTS, 1):
        decay, square = 1 - t**beta_2_decay, g**2 + epsilon_1
        column = decay * column + (1 - decay) * square.mean(1)
        row = decay * row + (1 - decay) * square.mean(0)
        d = g / np.sqrt(np.outer(column, row) / column.mean())
        step = max(epsilon_2, rms(w)) * min(RATE, 1 / np.sqrt(t))
        yield (w := w - step * d / max(1, rms(d) / clip_threshold))


def ftrl(
    w: Array,
    learning_rate_power: float,
    initial_accumulator_value: float,
    l1_regularization_strength: float,
    l2_regularization_strength: float,
    l2_shrinkage_regularization_strength: float,
    beta: float,
) -> Iterator[Array]:
    p, l1, l2 = -learning_rate_power, l1_regularization_strength, l2_regularization_strength
    v, z = np.full_like(w, initial_accumulator_value), np.zeros_like(w)
    for g in GRADIENTS:
        n = v + g**2
        z = z + g + 2 * l2_shrinkage_regularization_strength * w - (n**p - v**p) / RATE * w
        v = n
        yield (w := (np.clip(z, -l1, l1) - z) / (n**p / RATE + 2 * l2 + beta / RATE))


def lion(w: Array, beta_1: float, beta_2: float, weight_decay: float) -> Iterator[Array]:
    m = np.zeros_like(w)
    for g in GRADIENTS:
        w = w - RATE * weight_decay * w
        w = w - RATE * np.sign(beta_1 * m + (1 - beta_1) * g)
        m = beta_2 * m + (1 - beta_2) * g
        yield w


def lamb(w: Array, beta_1: float, beta_2: float, epsilon: float, weight_decay: float) -> Iterator[Array]:
    for t, _, mean, v in moments(beta_1, beta_2):
        w = w - RATE * weight_decay * w
        d = mean / (np.sqrt(v / (1 - beta_2**t)) + epsilon)
        yield (w := w - RATE * np.linalg.norm(w) / np.linalg.norm(d) * d)


def muon(
    w: Array, momentum: float, nesterov: bool, ns_steps: int, rms_rate: float, weight_decay: float
) -> Iterator[Array]:
    m = np.zeros_like(w)
    for g in GRADIENTS:
        w = w - RATE * weight_decay * w
        m = momentum * m + g
        x = g + momentum * m if nesterov else m
        x = x / np.linalg.norm(x)
        for _ in range(ns_steps):
            a = x @ x.T
            x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
        yield (w := w - RATE * rms_rate * np.sqrt(max(w.shape)) * x)


MOMENTS = {"beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}
CASES: list[tuple[str, Formula, dict[str, Any]]] = [
    ("sgd", sgd, {"momentum": 0.5, "nesterov": False}),
    ("sgd", sgd, {"momentum": 0.5, "nesterov": True}),
    ("rmsprop", rmsprop, {"rho": 0.8, "momentum": 0.5, "epsilon": 1e-3, "centered": True}),
    ("rmsprop", rmsprop, {"rho": 0.8, "momentum": 0.0, "epsilon": 1e-3, "centered": False}),
    ("adam", adam, {**MOMENTS, "amsgrad": True}),
    ("adamw", adam, {**MOMENTS, "amsgrad": False, "weight_decay": 0.5}),
    ("adamax", adamax, MOMENTS),
    ("nadam", nadam, MOMENTS),
    ("adagrad", adagrad, {"initial_accumulator_value": 0.2, "epsilon": 1e-3}),
    ("adadelta", adadelta, {"rho": 0.8, "epsilon": 1e-3}),
    (
        "adafactor",
        adafactor,
        {"beta_2_decay": -0.7, "epsilon_1": 1e-4, "epsilon_2": 0.01, "clip_threshold": 0.5},
    ),
    (
        "ftrl",
        ftrl,
        {
            "learning_rate_power": -0.4,
            "initial_accumulator_value": 0.2,
            "l1_regularization_strength": 0.3,
            "l2_regularization_strength": 0.1,
            "l2_shrinkage_regularization_strength": 0.05,
            "beta": 0.5,
        },
    ),
    ("lion", lion, {"beta_1": 0.8, "beta_2": 0.95, "weight_decay": 0.5}),
    ("lamb", lamb, {**MOMENTS, "weight_decay": 0.5}),
    (
        "muon",
        muon,
        {"momentum": 0.9, "nesterov": True, "ns_steps": 3, "rms_rate": 0.3, "weight_decay": 0.5},
    ),
]


def options_of(name: str, **options: object) -> Optimizer:
    found = builtin_registry().find("optimizer", name).component.model_validate({"type": name, **options})
    assert isinstance(found, Optimizer)
    return found


@pytest.mark.parametrize(("name", "formula", "options"), CASES)
def test_steps_follow_the_formula(name: str, formula: Formula, options: dict[str, Any]) -> None:
    weight = keras.Variable(START.astype(np.float32), name="kernel")
    optimizer = options_of(name, learning_rate=RATE, **options).build(None)
    optimizer.build([weight])
    for gradient, expected in zip(GRADIENTS, formula(START, **options), strict=True):
        optimizer.apply([keras.ops.convert_to_tensor(gradient, "float32")])
        np.testing.assert_allclose(weight.numpy(), expected, rtol=2e-4, atol=1e-6)


@pytest.mark.parametrize("name", sorted({name for name, _, _ in CASES}))
def test_all_state_is_in_the_variables(name: str) -> None:
    """A fresh optimizer with the variables of another one makes the same step, bit for bit."""
    results = []
    first = [keras.Variable(START.astype(np.float32)), keras.Variable(START[0].astype(np.float32))]
    made = options_of(name).build(None)
    made.build(first)
    for gradient in GRADIENTS[:2]:
        made.apply([keras.ops.convert_to_tensor(g, "float32") for g in (gradient, gradient[0])])
    second = [keras.Variable(weight.numpy()) for weight in first]
    again = options_of(name).build(None)
    again.build(second)
    for variable, saved in zip(again.variables, made.variables, strict=True):
        variable.assign(saved.numpy())
    for optimizer, weights in ((made, first), (again, second)):
        optimizer.apply([keras.ops.convert_to_tensor(g, "float32") for g in (GRADIENTS[2], GRADIENTS[2][0])])
        results.append([weight.numpy() for weight in weights])
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


def test_every_optimizer_of_keras_has_a_name_and_its_defaults() -> None:
    """Losses are scaled and variables distributed by nlpx itself."""
    found = {}
    for entry in builtin_registry():
        keras_class = getattr(entry.component, "keras_class", "").rpartition(":")[2]
        if keras_class and keras_class.lower() == entry.name.replace("_", ""):
            found[keras_class] = entry
    shipped = {
        name
        for name, value in vars(keras.optimizers).items()
        if inspect.isclass(value) and issubclass(value, keras.optimizers.Optimizer)
    }
    own = {"Optimizer", "LossScaleOptimizer", "MultiOptimizer"}
    assert shipped - own == set(found)
    for name, entry in found.items():
        signature = inspect.signature(getattr(keras.optimizers, name)).parameters
        fields = entry.component.model_fields
        for option in set(fields) & set(signature) - ({"learning_rate"} if entry.name == "sgd" else set()):
            assert fields[option].default == signature[option].default, f"{entry.name}.{option}"
        assert set(fields) - {"type", "schedule"} <= set(signature)


def test_each_is_tested() -> None:
    names = builtin_registry().names("optimizer")
    classes = {
        n: getattr(builtin_registry().find("optimizer", n).component, "keras_class", "") for n in names
    }
    of_keras = {name for name, keras_class in classes.items() if keras_class.lower() == name}
    assert of_keras <= {name for name, _, _ in CASES}


def test_muon_leaves_embeddings_and_vectors_to_adam() -> None:
    table = keras.layers.Embedding(4, 3, name="embedding")
    table.build()
    bias, kernel = keras.Variable(np.ones(3, np.float32)), keras.Variable(np.ones((2, 3), np.float32))
    weights = [table.embeddings, bias, kernel]
    optimizer = options_of("muon", learning_rate=RATE, weight_decay=0.0, adam_weight_decay=0.0).build(None)
    optimizer.build(weights)
    before = [weight.numpy() for weight in weights]
    optimizer.apply([keras.ops.ones(weight.shape) for weight in weights])
    moved = [float(np.abs(w.numpy() - old).mean()) for w, old in zip(weights, before, strict=True)]
    assert moved[:2] == pytest.approx([RATE, RATE], rel=1e-3)  # the first step of Adam
    assert moved[2] != pytest.approx(RATE, rel=0.1)
