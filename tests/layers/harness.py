"""Every invariant of a layer that maps a sequence to a sequence of the same length.

A layer is called as `layer(*inputs, mask=mask)` with inputs (B, T, ...) and mask (B, T) bool, right-padded.
"""

from __future__ import annotations

import inspect
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import tree

Inputs = tuple[object, ...]
"""Positional arguments of a layer: arrays (B, T, ...), or lists of them."""
MakeInputs = Callable[[np.random.Generator, int, int], Inputs]
LENGTHS = np.array([6, 4, 1, 0])


def check_layer(
    factory: Callable[[], keras.layers.Layer],
    input_dim: int,
    *,
    head: bool = False,
    inputs: MakeInputs | None = None,
) -> None:
    """Assert all that must hold for any layer.

    Args:
        factory: gives a new, unbuilt layer with random weights.
        input_dim: D of the input (B, T, D); not used where `inputs` is given.
        head: the layer has `nll(outputs, targets, mask) -> (B,)`, is float32 under every policy, and its
            outputs outside the mask mean nothing. Outputs of other layers must be 0 there.
        inputs: (generator, B, T) -> positional arguments, for layers that take something else.
    """
    subject = Subject(factory, inputs or _normal(input_dim), head)
    _check_config(subject)
    _check_names(subject)
    _check_saving(subject)
    _check_padding(subject)
    _check_absent_mask(subject)
    _check_precision(subject)
    _check_gradient(subject)
    _check_training(subject)
    _check_compilation(subject)


@dataclass(frozen=True)
class Subject:
    """A kind of layer, and how it is called."""

    factory: Callable[[], keras.layers.Layer]
    make_inputs: MakeInputs
    head: bool

    def inputs(self, length: int = int(LENGTHS.max()), scale: float = 1.0) -> tuple[Inputs, np.ndarray]:
        """Inputs with arbitrary values in the padding, and their mask."""
        values = self.make_inputs(np.random.default_rng(length), len(LENGTHS), length)
        return _scaled(values, scale), np.arange(length) < LENGTHS[:, None]

    def built(self) -> keras.layers.Layer:
        """A layer with its weights created; those that start as zeros are moved away from there."""
        keras.utils.set_random_seed(0)
        layer = self.factory()
        inputs, mask = self.inputs()
        layer(*inputs, mask=mask)
        rng = np.random.default_rng(0)
        for weight in layer.trainable_weights:
            weight.assign_add(rng.normal(size=weight.shape, scale=0.1))
        return layer

    def objective(self, layer: keras.layers.Layer, outputs: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """A number to make small, of the real positions only; the target of a head is 0 everywhere."""
        if self.head:
            return tf.reduce_sum(layer.nll(outputs, tf.zeros_like(mask, tf.int32), mask))
        real = tf.cast(mask, tf.float32)[..., None]
        return tf.reduce_sum(tf.square(tf.cast(outputs, tf.float32) - 0.5) * real)

    def gradients(
        self, layer: keras.layers.Layer, inputs: Inputs, mask: tf.Tensor, training: bool = False
    ) -> tuple[tf.Tensor, tf.Tensor, list[tf.Tensor], list[tf.Tensor]]:
        """Outputs, objective, and its gradients in the floating inputs and in the weights."""
        inputs = tree.map_structure(tf.convert_to_tensor, inputs)
        sources = [x for x in tree.flatten(inputs) if x.dtype.is_floating]
        weights = [weight.value for weight in layer.trainable_weights]
        mode = (
            {"training": True} if training and "training" in inspect.signature(layer.call).parameters else {}
        )
        with tf.GradientTape() as tape:
            tape.watch(sources)
            outputs = layer(*inputs, mask=mask, **mode)
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


def _check_names(subject: Subject) -> None:
    """Names of weights do not depend on what the process has built before, and are unique."""
    first, second = ([w.path.partition("/")[2] for w in subject.built().weights] for _ in range(2))
    names = [name for name in first if "seed_generator" not in name]
    assert names == [name for name in second if "seed_generator" not in name]
    assert len(set(names)) == len(names)


def _check_saving(subject: Subject) -> None:
    """A functional model with the layer in it; shapes and dtypes are announced as they come."""
    layer = subject.built()
    inputs, mask = subject.inputs()
    symbols = tree.map_structure(lambda x: keras.Input((None, *x.shape[2:]), dtype=str(x.dtype)), inputs)
    mask_symbol = keras.Input((None,), dtype="bool")
    outputs = layer(*symbols, mask=mask_symbol)
    model = keras.Model([*tree.flatten(symbols), mask_symbol], outputs)
    arguments = [*tree.flatten(inputs), mask]
    expected = model(arguments)
    assert outputs.shape == (None, None, *expected.shape[2:])
    assert outputs.dtype == expected.dtype.name
    first_shape = tuple(tree.flatten(inputs)[0].shape)
    assert tuple(layer.compute_output_shape(first_shape)) == tuple(expected.shape)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        loaded = keras.models.load_model(path)
    np.testing.assert_array_equal(loaded(arguments), expected)
    assert [w.shape for w in loaded.weights] == [w.shape for w in model.weights]


def _check_padding(subject: Subject) -> None:
    """A padded row gives what the row gives alone; padding gives 0."""
    layer = subject.built()
    inputs, mask = subject.inputs()
    outputs = np.asarray(layer(*inputs, mask=mask))
    assert np.isfinite(outputs).all()
    if not subject.head:
        assert not outputs[~mask].any()
    for row, length in enumerate(LENGTHS):
        if length:
            alone = layer(*tree.map_structure(lambda x, r=row, n=length: x[r : r + 1, :n], inputs))
            np.testing.assert_allclose(alone[0], outputs[row, :length], rtol=1e-5, atol=1e-6)
    longer, longer_mask = subject.inputs(int(LENGTHS.max()) + 3)
    tree.map_structure(lambda old, new: np.copyto(new[:, : old.shape[1]], old), inputs, longer)
    again = np.asarray(layer(*longer, mask=longer_mask))
    np.testing.assert_allclose(again[longer_mask], outputs[mask], rtol=1e-5, atol=1e-6)


def _check_absent_mask(subject: Subject) -> None:
    layer = subject.built()
    inputs, mask = subject.inputs()
    expected = layer(*inputs, mask=np.ones_like(mask))
    np.testing.assert_allclose(layer(*inputs), expected, rtol=1e-6, atol=1e-6)


def _check_precision(subject: Subject) -> None:
    layer = subject.built()
    inputs, mask = subject.inputs()
    expected = np.asarray(layer(*inputs, mask=mask))
    assert expected.dtype == np.float32
    with _policy("mixed_bfloat16"):
        mixed = subject.built()
        mixed.set_weights(layer.get_weights())
        outputs = mixed(*inputs, mask=mask)
        announced = mixed.compute_output_spec(*tree.map_structure(_symbol, inputs))
        _, objective, _, gradients = subject.gradients(mixed, inputs, tf.constant(mask))
    assert outputs.dtype.name == announced.dtype == ("float32" if subject.head else "bfloat16")
    assert all(weight.dtype == "float32" for weight in mixed.trainable_weights)
    difference = np.abs(np.asarray(tf.cast(outputs, tf.float32)) - expected).max()
    assert difference <= 0.03 * np.abs(expected).max()
    assert all(np.isfinite(value).all() for value in (objective, *gradients))


def _check_gradient(subject: Subject) -> None:
    """Finite at extreme inputs; 0 in the padding."""
    layer = subject.built()
    for scale in (1.0, 1e3):
        inputs, mask = subject.inputs(scale=scale)
        outputs, objective, of_inputs, of_weights = subject.gradients(layer, inputs, tf.constant(mask))
        assert all(np.isfinite(value).all() for value in (outputs, objective, *of_inputs, *of_weights))
        for gradient in of_inputs:
            assert not gradient.numpy()[~mask].any()
            # Inputs that are extreme may saturate every activation.
            assert scale > 1 or gradient.numpy()[mask].any()


def _check_training(subject: Subject) -> None:
    """A few updates change every weight and make the objective smaller."""
    layer = subject.built()
    inputs, mask = subject.inputs()
    before = [weight.numpy() for weight in layer.trainable_weights]
    optimizer = keras.optimizers.Adam(1e-2)
    losses = [float(subject.objective(layer, layer(*inputs, mask=mask), tf.constant(mask)))]
    for _ in range(5):
        gradients = subject.gradients(layer, inputs, tf.constant(mask), training=True)[3]
        optimizer.apply_gradients(zip(gradients, layer.trainable_weights, strict=True))
    losses.append(float(subject.objective(layer, layer(*inputs, mask=mask), tf.constant(mask))))
    assert losses[1] < losses[0] or not before
    for weight, old in zip(layer.trainable_weights, before, strict=True):
        assert (weight.numpy() != old).any(), f"{weight.path} is not trained"


def _check_compilation(subject: Subject) -> None:
    """Graph with unknown lengths, and XLA, agree with eager: outputs, objective, gradients."""
    layer = subject.built()
    inputs, mask = subject.inputs()

    def compute(inputs: Inputs, mask: tf.Tensor) -> list[tf.Tensor]:
        outputs, objective, of_inputs, of_weights = subject.gradients(layer, inputs, mask)
        return [outputs * tf.cast(mask, outputs.dtype)[..., None], objective, *of_inputs, *of_weights]

    expected = compute(inputs, tf.constant(mask))
    unknown = tree.map_structure(lambda x: tf.TensorSpec((None, None, *x.shape[2:]), x.dtype), inputs)
    graph = tf.function(compute, [unknown, tf.TensorSpec((None, None), tf.bool)], autograph=False)
    xla = tf.function(compute, jit_compile=True, autograph=False)
    for compiled in (graph, xla):
        for value, reference in zip(compiled(inputs, tf.constant(mask)), expected, strict=True):
            np.testing.assert_allclose(value, reference, rtol=1e-4, atol=1e-5)


def _normal(input_dim: int) -> MakeInputs:
    def make(rng: np.random.Generator, batch: int, length: int) -> Inputs:
        return (rng.normal(size=(batch, length, input_dim)).astype(np.float32),)

    return make


def _scaled(inputs: Inputs, scale: float) -> Inputs:
    return tree.map_structure(lambda x: x * x.dtype.type(scale) if x.dtype.kind == "f" else x, inputs)


def _symbol(x: np.ndarray) -> keras.KerasTensor:
    return keras.KerasTensor((None, None, *x.shape[2:]), str(x.dtype))


@contextmanager
def _policy(name: str) -> Iterator[None]:
    previous = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(previous)
