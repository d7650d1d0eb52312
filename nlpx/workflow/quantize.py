"""Weights of ONNX graphs as int8: products with matrices, and convolutions over positions.

A product x W with float32 weights becomes a product of integers:

    y_ij = s_i c_j sum_k a_ik w_kj,   w_kj = round(W_kj / c_j),   a_ik = round(x_ik / s_i)

c_j is max_k |W_kj| / 63 of a column, and s_i is max_k |x_ik| / 127 of a row, found during prediction. Weights
have 7 bits, because sums of two products with 8 bits overflow on processors without instructions for them,
and predictions would then depend on the machine.

A convolution becomes the product of the concatenated inputs of every position, because it is slower with
integers than with float32. It has one scale s for a text, in which padding, which is 0, changes nothing. So a
prediction never depends on the other texts of its batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import onnx

DOMAIN = "nlpx"
LARGEST = 63
"""The largest integer of a weight."""
FEWEST = 1 << 14
"""Weights of the smallest matrices that are quantized: for others, rounding takes longer than it saves."""
HEAD = f'<domain: "{DOMAIN}", opset_import: ["": 18]>'
ROUNDED = """
    tiny = Constant <value_float = 1e-20> ()
    most = Constant <value_float = 127.0> ()
    middle = Constant <value_float = 128.0> ()
    sizes = Abs (x)
    largest = ReduceMax <keepdims = 1> (sizes, axes)
    bounded = Max (largest, tiny)
    factor = Div (most, bounded)
    scaled = Mul (x, factor)
    rounded = Round (scaled)
    shifted = Add (rounded, middle)
    unsigned = Cast <to = 2> (shifted)
    scale = Div (bounded, most)
    zero = Cast <to = 2> (middle)"""
"""x = scale * (unsigned - zero), with one scale for the axes `axes`; 2 is the type uint8."""
SUMMED = """
    sums = MatMulInteger (rows, integers, zero)
    numbers = Cast <to = 1> (sums)
    scales = Mul (scale, columns)
    result = Mul (numbers, scales)"""
"""rows (..., K) uint8, integers (K, N) int8, columns (N,) float32 -> (..., N); 1 is the type float32."""
PRODUCT = f"""{HEAD} product (x, integers, columns) => (result) {{
    axes = Constant <value_ints = [-1]> (){ROUNDED}
    rows = Identity (unsigned){SUMMED}
}}"""


def quantize_files(folder: Path) -> None:
    """Quantize the weights of all ONNX files in a folder."""
    for path in folder.iterdir():
        path.write_bytes(quantized(path.read_bytes()))


def quantized(content: bytes) -> bytes:
    """An ONNX file with int8 weights; the same graph if it contains no such products."""
    import onnx

    model = onnx.load_model_from_string(content)
    graph = model.graph
    weights = {each.name: each for each in graph.initializer}
    nodes: list[onnx.NodeProto] = []
    functions: dict[str, onnx.FunctionProto] = {}
    for node in graph.node:
        weight = weights.get(node.input[1]) if len(node.input) > 1 else None
        nodes += (weight is not None and _replaced(node, weight, graph, functions)) or [node]
    if not functions:
        return content
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in _all_nodes(graph) for name in node.input}
    for each in weights.values():
        if each.name not in used:
            graph.initializer.remove(each)
    model.functions.extend(functions.values())
    model.opset_import.append(onnx.helper.make_opsetid(DOMAIN, 1))
    return bytes(model.SerializeToString())


def _replaced(
    node: onnx.NodeProto,
    weight: onnx.TensorProto,
    graph: onnx.GraphProto,
    functions: dict[str, onnx.FunctionProto],
) -> list[onnx.NodeProto]:
    """Nodes that compute the same with integers; none if the node is not such a product.

    Args:
        node: any node of the graph.
        weight: its second input.
        graph: receives constants.
        functions: receives the functions that are called.
    """
    from onnx import helper, numpy_helper

    array = numpy_helper.to_array(weight)
    if array.dtype != np.float32 or array.size < FEWEST:
        return []
    if node.op_type == "MatMul" and array.ndim == 2:
        function, text = "product", PRODUCT
    elif node.op_type == "Conv" and (window := _window(node, array.shape)):
        array = array[:, :, 0].transpose(2, 1, 0).reshape(-1, len(array))
        function = "convolution_{}_{}_{}_{}".format(*window)
        text = _convolution(function, *window)
    else:
        return []
    columns = np.maximum(np.abs(array).max(0), 1e-20) / np.float32(LARGEST)
    constants = {
        f"{weight.name}.integers": np.rint(array / columns).astype(np.int8),
        f"{weight.name}.columns": columns,
    }
    known = {each.name for each in graph.initializer}
    graph.initializer.extend(
        numpy_helper.from_array(value, key) for key, value in constants.items() if key not in known
    )
    functions[function] = _function(text)
    biased = node.op_type == "Conv" and len(node.input) == 3
    result = f"int8.{node.output[0]}" if biased else node.output[0]
    made = [helper.make_node(function, [node.input[0], *constants], [result], domain=DOMAIN)]
    if biased:
        shape, bias = f"{result}.axes", f"{result}.bias"
        graph.initializer.append(numpy_helper.from_array(np.array([1, 2], np.int64), shape))
        made.append(helper.make_node("Unsqueeze", [node.input[2], shape], [bias]))
        made.append(helper.make_node("Add", [result, bias], node.output[:1]))
    return made


def _window(node: onnx.NodeProto, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Width, dilation, and zeros before and after of a convolution over positions; None for any other."""
    from onnx import helper

    options: Mapping[str, Any] = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    pads = options.get("pads", [0, 0, 0, 0])
    if (
        (len(shape), shape[2:3]) != (4, (1,))
        or options.get("group", 1) != 1
        or any(step != 1 for step in options.get("strides", []))
        or pads[0]
        or pads[2]
    ):
        return None
    width, step = shape[3], options.get("dilations", [1, 1])[1]
    reach = (width - 1) * step
    ends = {b"SAME_UPPER": (reach // 2, -(-reach // 2)), b"SAME_LOWER": (-(-reach // 2), reach // 2)}
    return (width, step, *ends.get(options.get("auto_pad", b""), (pads[1], pads[3])))


def _convolution(name: str, width: int, step: int, before: int, after: int) -> str:
    """A function of x (B, C, 1, T): the products of the inputs of every position, (B, N, 1, T')."""
    reach = (width - 1) * step
    parts = "".join(
        f"""
    first{place} = Constant <value_ints = [{place * step}]> ()
    end{place} = Constant <value_ints = [{place * step - reach or np.iinfo(np.int64).max}]> ()
    part{place} = Slice (padded, first{place}, end{place}, axis)"""
        for place in range(width)
    )
    names = ", ".join(f"part{place}" for place in range(width))
    return f"""{HEAD} {name} (x, integers, columns) => (y) {{
    axes = Constant <value_ints = [1, 2, 3]> (){ROUNDED}
    axis = Constant <value_ints = [2]> ()
    ends = Constant <value = int64[8] {{0, 0, {before}, 0, 0, 0, {after}, 0}}> ()
    moved = Transpose <perm = [0, 2, 3, 1]> (unsigned)
    padded = Pad (moved, ends, zero){parts}
    rows = Concat <axis = -1> ({names}){SUMMED}
    y = Transpose <perm = [0, 3, 1, 2]> (result)
}}"""


def _function(text: str) -> onnx.FunctionProto:
    from onnx import parser

    return parser.parse_function(text)


def _all_nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        yield node
        for each in node.attribute:
            if each.HasField("g"):
                yield from _all_nodes(each.g)
