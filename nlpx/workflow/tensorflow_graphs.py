"""Inference graphs of a learner as SavedModels, and as files of LiteRT."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nlpx.core.scratch import scratch
from nlpx.errors import UsageError
from nlpx.exported.learner import Call
from nlpx.runs.framework import framework

if TYPE_CHECKING:
    from nlpx.models.learner import InferenceGraph

SIGNATURE = "serving_default"
SHOWN = 300


def saved_name(name: str) -> str:
    """The name of an input or output in a signature, where it is a name of Python."""
    return name.replace(".", "_")


def write_saved_model(name: str, graph: InferenceGraph, folder: Path) -> Call:
    """Write a graph as the SavedModel `name`, with one signature; returns the function that is read back."""
    with framework(None):
        import tensorflow as tf
    path = folder / name
    _save(graph, path)
    loaded = tf.saved_model.load(str(path))

    def call(batch: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        given = {saved_name(each): tf.constant(batch[each]) for each in graph.inputs}
        found = loaded.signatures[SIGNATURE](**given)
        return [found[saved_name(each)].numpy() for each in graph.outputs]

    return call


def write_litert(name: str, graph: InferenceGraph, folder: Path) -> Call:
    """Write a graph as the file `name.tflite`, with one signature; returns the function that is read back.

    Raises:
        UsageError: it contains something that LiteRT lacks.
    """
    from nlpx.layers.portable import portable

    path = folder / f"{name}.tflite"
    with scratch() as saved, framework(None):
        import tensorflow as tf

        with portable(lists=False):
            _save(graph, saved)
        try:
            converter = tf.lite.TFLiteConverter.from_saved_model(str(saved), signature_keys=[SIGNATURE])
            path.write_bytes(converter.convert())
            # Memory is allocated for the shapes of a call: free axes have the size 1 until then, of which
            # pooling leaves nothing.
            interpreter = tf.lite.Interpreter(str(path))
        except Exception as error:
            raise _impossible(f"the graph {name} does not convert to LiteRT", error) from error
    runner: Any = interpreter.get_signature_runner(SIGNATURE)

    def call(batch: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        given = {saved_name(each): batch[each] for each in graph.inputs}
        try:
            found = runner(**given)
        except (RuntimeError, ValueError) as error:
            shapes = {each: array.shape for each, array in given.items()}
            raise _impossible(f"LiteRT cannot run the graph {name} for the shapes {shapes}", error) from error
        return [found[saved_name(each)] for each in graph.outputs]

    return call


def _save(graph: InferenceGraph, path: Path) -> None:
    import tensorflow as tf

    names = list(graph.inputs)

    def signature(*tensors: tf.Tensor) -> dict[str, tf.Tensor]:
        found = graph.call(dict(zip(names, tensors, strict=True)))
        outputs = found if isinstance(found, tuple | list) else (found,)
        return dict(zip(map(saved_name, graph.outputs), outputs, strict=True))

    specs = [tf.TensorSpec(spec.shape, spec.dtype, saved_name(name)) for name, spec in graph.inputs.items()]
    function = tf.function(signature, input_signature=specs, autograph=False).get_concrete_function()
    module = tf.Module()
    module.weights = list(function.graph.variables)  # those that are not of the module are not saved
    tf.saved_model.save(module, str(path), signatures={SIGNATURE: function})


def _impossible(what: str, error: Exception) -> UsageError:
    reason = " ".join(str(error).split())[:SHOWN]
    return UsageError(
        f"this run cannot be exported: {what}: {reason}. Use --to bundle, --to onnx or --to savedmodel."
    )
