"""Every invariant of a layer, whatever it maps to what.

A layer is called as `layer(*inputs, mask=mask)`; a `Contract` says what inputs, mask and outputs are.
"""

from __future__ import annotations

import inspect
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import tree

Inputs = tuple[object, ...]
"""Positional arguments of a layer: arrays (B, T, ...) or (B, ...), or lists of them."""
MakeInputs = Callable[[np.random.Generator, int, int], Inputs]
LENGTHS = np.array([6, 4, 1, 0])
LARGEST = 500_000
"""Weights of a network that is saved, trained and compiled here; of a larger one the outputs are checked."""


@dataclass(frozen=True)
class Contract:
    """How layers of a kind are called, and what they promise.

    Attributes:
        inputs: (generator, B, T) -> positional arguments.
        mask: name of the argument that says what is real; None where everything is.
        sequence: inputs are (B, T, ...) and the mask (B, T), right-padded; else (B, ...) and (B,).
        positions: outputs are (B, T, ...).
        zeros: outputs are 0 where nothing is real; else they mean nothing there.
        float32: outputs are float32 under every policy.
        noise: size of what is added to every weight, so that none is 0.
        objective: (layer, outputs, mask) -> what to minimize, if not a distance of what is real from 1/2.
    """

    inputs: MakeInputs
    mask: str | None = "mask"
    sequence: bool = True
    positions: bool = True
    zeros: bool = True
    float32: bool = False
    noise: float = 0.1
    objective: Callable[[keras.layers.Layer, Any, tf.Tensor], tf.Tensor] | None = None


def normal(width: int) -> MakeInputs:
    """Sequences of vectors, (B, T, width)."""

    def make(rng: np.random.Generator, batch: int, length: int) -> Inputs:
        return (rng.normal(size=(batch, length, width)).astype(np.float32),)

    return make


def check_layer(factory: Callable[[], keras.layers.Layer], contract: Contract, compiled: bool = True) -> None:
    """Assert all that must hold for any layer.

    Args:
        factory: gives a new, unbuilt layer with random weights.
        contract: how it is called.
        compiled: compile it, too, which takes most of the time.
    """
    subject = Subject(factory, contract)
    _check_config(subject)
    layer = subject.built()
    _check_batches(subject, layer)
    if layer.count_params() > LARGEST:
        return
    _check_saving(subject, layer)
    _check_absent_mask(subject, layer)
    with policy("mixed_bfloat16"):
        mixed = subject.built()
    _check_names(mixed, layer)
    _check_precision(subject, layer, mixed)
    _check_gradient(subject, layer)
    if compiled:
        _check_compilation(subject, layer)
    _check_training(subject, layer)


@dataclass(frozen=True)
class Subject:
    """A kind of layer, and how it is called."""

    factory: Callable[[], keras.layers.Layer]
    contract: Contract

    def inputs(self, length: int = int(LENGTHS.max()), scale: float = 1.0) -> tuple[Inputs, np.ndarray]:
        """Inputs with arbitrary values where nothing is real, and their mask."""
        values = self.contract.inputs(np.random.default_rng(length), len(LENGTHS), length)
        values = tree.map_structure(lambda x: x * np.float32(scale) if x.dtype.kind == "f" else x, values)
        if not self.contract.mask:
            return values, np.ones(len(LENGTHS), bool)
        return values, np.arange(length) < LENGTHS[:, None] if self.contract.sequence else LENGTHS > 0

    def outputs(self, layer: keras.layers.Layer, inputs: Inputs, mask: object = None, **more: object) -> Any:
        """What the layer gives, as a flat list."""
        named = {self.contract.mask: mask} if self.contract.mask and mask is not None else {}
        return tree.flatten(layer(*inputs, **named, **more))

    def built(self) -> keras.layers.Layer:
        """A layer with its weights created; those that start as zeros are moved away from there."""
        keras.utils.set_random_seed(0)
        layer = self.factory()
        self.outputs(layer, *self.inputs())
        rng = np.random.default_rng(0)
        for weight in layer.trainable_weights:
            weight.assign_add(rng.normal(size=weight.shape, scale=self.contract.noise))
        return layer

    def real(self, mask: tf.Tensor) -> tf.Tensor:
        """1 for outputs that mean something, in a shape that outputs can be multiplied with."""
        if self.contract.mask is None or self.contract.sequence != self.contract.positions:
            return tf.ones(())
        return tf.cast(mask, tf.float32)[..., None]

    def objective(self, layer: keras.layers.Layer, outputs: list[tf.Tensor], mask: tf.Tensor) -> tf.Tensor:
        """A number to minimize, of what is real only."""
        if self.contract.objective is not None:
            return self.contract.objective(layer, outputs[0], mask)
        parts = [tf.square(tf.cast(x, tf.float32) - 0.5) * self.real(mask) for x in outputs]
        return tf.add_n([tf.reduce_sum(part) for part in parts])

    def gradients(
        self, layer: keras.layers.Layer, inputs: Inputs, mask: tf.Tensor, training: bool = False
    ) -> tuple[list[tf.Tensor], tf.Tensor, list[tf.Tensor], list[tf.Tensor]]:
        """Outputs, objective, and its gradients in the floating inputs and in the weights."""
        inputs = tree.map_structure(tf.convert_to_tensor, inputs)
        sources = [x for x in tree.flatten(inputs) if x.dtype.is_floating]
        weights = [weight.value for weight in layer.trainable_weights]
        knows = "training" in inspect.signature(layer.call).parameters
        with tf.GradientTape() as tape:
            tape.watch(sources)
            outputs = self.outputs(layer, inputs, mask, **({"training": True} if training and knows else {}))
            objective = self.objective(layer, outputs, mask)
        found = [tf.convert_to_tensor(g) for g in tape.gradient(objective, [*sources, *weights])]
        return outputs, objective, found[: len(sources)], found[len(sources) :]


def _check_config(subject: Subject) -> None:
    layer = subject.factory()
    config = layer.get_config()
    json.dumps(config)
    assert type(layer).from_config(config).get_config() == config
    options = set(inspect.signature(type(layer).__init__).parameters) - {"self", "kwargs"}
    assert options <= set(config), f"not in get_config: {options - set(config)}"


def _check_names(again: keras.layers.Layer, layer: keras.layers.Layer) -> None:
    """Names of weights do not depend on what the process has built before, and are unique."""
    paths = [[w.path.partition("/")[2] for w in one.weights] for one in (layer, again)]
    names, others = ([name for name in found if "seed_generator" not in name] for found in paths)
    assert names == others
    assert len(set(names)) == len(names)


def _check_saving(subject: Subject, layer: keras.layers.Layer) -> None:
    """A functional model with the layer in it; shapes and dtypes are announced as they come."""
    inputs, mask = subject.inputs()
    free = 2 if subject.contract.sequence else 1
    symbols, mask_symbol = tree.map_structure(
        lambda x: keras.Input((None,) * (free - 1) + x.shape[free:], dtype=str(x.dtype)), (inputs, mask)
    )
    announced = subject.outputs(layer, symbols, mask_symbol)
    model = keras.Model([*tree.flatten(symbols), mask_symbol], announced)
    arguments = [*tree.flatten(inputs), mask]
    expected = tree.flatten(model(arguments))
    for symbol, values in zip(announced, expected, strict=True):
        known = 2 if subject.contract.positions else 1
        assert symbol.shape[:known] == (None,) * known
        assert symbol.dtype == values.dtype.name
        assert [b for a, b in zip(symbol.shape, values.shape, strict=True) if a not in (None, b)] == []
        assert symbol.shape[1:][-1:] == values.shape[1:][-1:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        loaded = keras.models.load_model(path)
    for value, wanted in zip(tree.flatten(loaded(arguments)), expected, strict=True):
        np.testing.assert_array_equal(value, wanted)
    assert [w.shape for w in loaded.weights] == [w.shape for w in model.weights]


def _check_batches(subject: Subject, layer: keras.layers.Layer) -> None:
    """A row gives what it gives alone and without padding; what is not real gives 0 or nothing."""
    contract = subject.contract
    inputs, mask = subject.inputs()
    outputs = [np.asarray(x) for x in subject.outputs(layer, inputs, mask)]
    assert all(np.isfinite(x).all() for x in outputs)
    if contract.zeros and contract.mask:
        nothing = ~mask if contract.positions else ~mask.any(axis=tuple(range(1, mask.ndim)))
        assert not any(x[nothing].any() for x in outputs)
    for row, length in enumerate(LENGTHS):
        if length:
            part = (slice(row, row + 1), slice(length)) if contract.sequence else slice(row, row + 1)
            alone = subject.outputs(layer, tree.map_structure(lambda x, part=part: x[part], inputs))
            for value, wanted in zip(alone, outputs, strict=True):
                here = wanted[row, :length] if contract.positions else wanted[row]
                _equal(value[0], here)
    if contract.sequence:
        longer, longer_mask = subject.inputs(int(LENGTHS.max()) + 3)
        tree.map_structure(lambda old, new: np.copyto(new[:, : old.shape[1]], old), inputs, longer)
        for value, wanted in zip(subject.outputs(layer, longer, longer_mask), outputs, strict=True):
            found = np.asarray(value)
            _equal(found[longer_mask], wanted[mask]) if contract.positions else _equal(found, wanted)


def _equal(value: Any, wanted: Any) -> None:
    np.testing.assert_allclose(value, wanted, rtol=1e-5, atol=1e-6 * max(1, float(np.abs(wanted).max())))


def _check_absent_mask(subject: Subject, layer: keras.layers.Layer) -> None:
    inputs, mask = subject.inputs()
    pairs = zip(
        subject.outputs(layer, inputs), subject.outputs(layer, inputs, np.ones_like(mask)), strict=True
    )
    for value, wanted in pairs:
        np.testing.assert_allclose(value, wanted, rtol=1e-6, atol=1e-6)


def _check_precision(subject: Subject, layer: keras.layers.Layer, mixed: keras.layers.Layer) -> None:
    inputs, mask = subject.inputs()
    mixed.set_weights(layer.get_weights())
    with policy("mixed_bfloat16"):
        outputs = subject.outputs(mixed, inputs, mask)
        symbols = tree.map_structure(lambda x: keras.KerasTensor((None, *x.shape[1:]), str(x.dtype)), inputs)
        announced = subject.outputs(mixed, symbols)
        _, objective, _, gradients = subject.gradients(mixed, inputs, tf.constant(mask))
    for value, symbol, wanted in zip(outputs, announced, subject.outputs(layer, inputs, mask), strict=True):
        assert wanted.dtype.name == "float32"
        assert value.dtype.name == symbol.dtype == ("float32" if subject.contract.float32 else "bfloat16")
        expected = np.asarray(wanted)
        difference = np.abs(np.asarray(tf.cast(value, tf.float32)) - expected).max()
        # 16 units in the last place of bfloat16; how deep networks round depends on the processor.
        assert difference <= 16 * 2.0**-8 * np.abs(expected).max()
    assert all(weight.dtype == "float32" for weight in mixed.trainable_weights)
    assert all(np.isfinite(value).all() for value in (objective, *gradients))


def _check_gradient(subject: Subject, layer: keras.layers.Layer) -> None:
    """Finite at extreme inputs; 0 where nothing is real."""
    for scale in (1.0, 1e3):
        inputs, mask = subject.inputs(scale=scale)
        outputs, objective, of_inputs, of_weights = subject.gradients(layer, inputs, tf.constant(mask))
        assert all(np.isfinite(value).all() for value in (*outputs, objective, *of_inputs, *of_weights))
        for gradient in of_inputs:
            assert not gradient.numpy()[~mask].any()
            # Inputs that are extreme may saturate every activation.
            assert scale > 1 or gradient.numpy()[mask].any()


def _check_training(subject: Subject, layer: keras.layers.Layer) -> None:
    """Two updates change every weight and make the objective smaller."""
    inputs, mask = subject.inputs()
    before = [weight.numpy() for weight in layer.trainable_weights]
    if not before:
        return
    optimizer = keras.optimizers.Adam(1e-3)

    def objective() -> float:
        return float(subject.objective(layer, subject.outputs(layer, inputs, mask), tf.constant(mask)))

    losses = [objective()]
    for _ in range(2):
        gradients = subject.gradients(layer, inputs, tf.constant(mask), training=True)[3]
        optimizer.apply_gradients(zip(gradients, layer.trainable_weights, strict=True))
    losses.append(objective())
    # Moving averages follow slowly: for a while, training and use are different functions.
    assert losses[1] < losses[0] or any("moving" in w.path for w in layer.weights)
    for weight, old in zip(layer.trainable_weights, before, strict=True):
        assert (weight.numpy() != old).any(), f"{weight.path} is not trained"


def _check_compilation(subject: Subject, layer: keras.layers.Layer) -> None:
    """Graph with unknown lengths, and XLA, agree with eager: outputs, objective, gradients."""
    inputs, mask = subject.inputs()
    free = 2 if subject.contract.sequence else 1

    def compute(inputs: Inputs, mask: tf.Tensor) -> list[tf.Tensor]:
        outputs, objective, of_inputs, of_weights = subject.gradients(layer, inputs, mask)
        real = [x * tf.cast(subject.real(mask), x.dtype) for x in outputs]
        return [*real, objective, *of_inputs, *of_weights]

    expected = compute(inputs, tf.constant(mask))
    unknown = tree.map_structure(
        lambda x: tf.TensorSpec((None,) * free + x.shape[free:], x.dtype), (inputs, mask)
    )
    graph = tf.function(compute, unknown, autograph=False)
    xla = tf.function(compute, jit_compile=True, autograph=False)
    for compiled in (graph, xla):
        try:
            values = compiled(inputs, tf.constant(mask))
        except tf.errors.UnimplementedError as error:
            # Where a test of this process has asked for deterministic operations, XLA refuses some.
            if "deterministic XLA" not in str(error):
                raise
            continue
        for value, reference in zip(values, expected, strict=True):
            allowed = 1e-5 * max(1.0, float(np.abs(reference).max()))
            np.testing.assert_allclose(value, reference, rtol=1e-4, atol=allowed)


@contextmanager
def policy(name: str) -> Iterator[None]:
    """The dtype policy of layers in a block."""
    previous = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(previous)
