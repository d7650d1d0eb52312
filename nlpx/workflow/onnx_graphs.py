"""Inference graphs of a learner as ONNX files."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nlpx.core.extras import how_to_install, missing_modules
from nlpx.errors import EnvironmentProblem, UsageError
from nlpx.exported.graph import Graph
from nlpx.exported.learner import Call
from nlpx.runs.framework import framework, threads

if TYPE_CHECKING:
    import tensorflow as tf

    from nlpx.models.learner import InferenceGraph

EXTRA = "export"
OPSET = 18
SHOWN = 300


def expect_exporter() -> None:
    """Raise EnvironmentProblem if a package that exports need is not installed."""
    if missing := missing_modules(EXTRA):
        raise EnvironmentProblem(
            f"{', '.join(missing)}: not installed, but needed for exports. Install: {how_to_install(EXTRA)}"
        )


def write_onnx(name: str, graph: InferenceGraph, folder: Path) -> Call:
    """Write a graph as the file `name.onnx`; returns the function that it computes.

    Raises:
        UsageError: it contains something that ONNX or onnxruntime lacks.
    """
    content = to_onnx(name, graph)
    (folder / f"{name}.onnx").write_bytes(content)
    try:
        return Graph(content, threads())
    except ValueError as error:
        raise UsageError(f"this run cannot be exported: the graph {name}: {error}") from error


def to_onnx(name: str, graph: InferenceGraph) -> bytes:
    """The content of an ONNX file with the inputs and outputs of a graph.

    Raises:
        UsageError: it contains something that ONNX lacks.
    """
    with framework(None):  # the converter prints what it does
        import tensorflow as tf
        import tf2onnx

        from nlpx.layers.portable import portable

        logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)
        names = list(graph.inputs)

        def flat(*tensors: tf.Tensor) -> tuple[tf.Tensor, ...]:
            found = graph.call(dict(zip(names, tensors, strict=True)))
            return tuple(found) if isinstance(found, tuple | list) else (found,)

        specs = [tf.TensorSpec(spec.shape, spec.dtype, name) for name, spec in graph.inputs.items()]
        try:
            with portable():
                model, _ = tf2onnx.convert.from_function(
                    tf.function(flat, autograph=False),
                    input_signature=specs,
                    opset=OPSET,
                    custom_op_handlers={"Erfc": (_erfc, [])},
                )
        except Exception as error:
            reason = " ".join(str(error).split())[:SHOWN]
            raise UsageError(
                f"this run cannot be exported: the graph {name} does not convert to ONNX: {reason}"
            ) from error
    given = {each.name for each in model.graph.input}
    if not given <= set(names):
        # Arrays that are not variables are not part of the graph.
        raise RuntimeError(f"the graph {name} has the inputs {sorted(given)}, expected {sorted(names)}")
    _rename_outputs(model.graph, graph.outputs)
    return bytes(model.SerializeToString())


def _erfc(graph: Any, node: Any, name: str, arguments: object) -> None:
    """erfc(x) = 1 - erf(x), of which ONNX has the latter only."""
    one = graph.make_const(f"{name}_one", np.array(1, np.float32))
    node.type = "Erf"
    (output,) = node.output
    graph.insert_new_node_on_output("Sub", output, f"{name}_complement", [one.output[0], output])


def _rename_outputs(graph: object, names: tuple[str, ...]) -> None:
    new = {output.name: name for output, name in zip(graph.output, names, strict=True)}  # type: ignore[attr-defined]
    for output in graph.output:  # type: ignore[attr-defined]
        output.name = new[output.name]
    for node in graph.node:  # type: ignore[attr-defined]
        for part in (node.input, node.output):
            for i, name in enumerate(part):
                part[i] = new.get(name, name)
