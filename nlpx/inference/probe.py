"""Record what a model computes: outputs of layers, and tapped tensors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from nlpx.core.variable_names import VariableNames, named_layers
from nlpx.layers.taps import recording

if TYPE_CHECKING:
    import keras

TAP, WEIGHT = "tap/", "weight/"


@contextmanager
def recorded(model: keras.Model) -> Iterator[dict[str, np.ndarray]]:
    """What the layers of a model compute in this block, by name; complete after the block.

    Names are those of layers, such as `encoder_0_0`, with `/0`, `/1` for one of several outputs; and
    `tap/NAME`. Later calls are NAME#2, NAME#3. In the block, compiled functions run operation by operation.
    """
    import keras
    import tensorflow as tf

    names: dict[int, str] = {}
    for name, layer in named_layers(model):
        names.setdefault(id(layer), name)
    found: dict[str, np.ndarray] = {}
    calls: Counter[str] = Counter()
    original, eager = keras.layers.Layer.__call__, tf.config.functions_run_eagerly()

    def call(layer: keras.layers.Layer, *args: Any, **options: Any) -> Any:
        result = original(layer, *args, **options)
        name = names.get(id(layer))
        if name is not None:
            calls[name] += 1
            later = "" if calls[name] == 1 else f"#{calls[name]}"
            for place, tensor in _tensors(result):
                found[f"{name}{place}{later}"] = np.array(keras.ops.convert_to_numpy(tensor))
        return result

    tf.config.run_functions_eagerly(True)
    keras.layers.Layer.__call__ = call
    try:
        with recording(all_threads=True) as taps:
            yield found
    finally:
        keras.layers.Layer.__call__ = original
        tf.config.run_functions_eagerly(eager)
    for name, result in taps.items():
        for place, tensor in _tensors(result):
            found[f"{TAP}{name}{place}"] = np.array(keras.ops.convert_to_numpy(tensor))


def weights(model: keras.Model) -> dict[str, np.ndarray]:
    """The floating-point variables of a model, as `weight/NAME`."""
    names = VariableNames([model])
    return {
        f"{WEIGHT}{names[variable]}": np.array(variable.value.numpy())
        for variable in names.variables
        if "float" in str(variable.dtype)
    }


def _tensors(result: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """The tensors in an output with their places: `/0` is the first one of several."""
    if isinstance(result, Sequence):
        for number, part in enumerate(result):
            yield from _tensors(part, f"{place}/{number}")
    elif hasattr(result, "shape"):
        yield place, result
