"""What ONNX files of strangers may contain, and what is refused before onnxruntime reads them."""

from __future__ import annotations

import numpy as np
import pytest

from nlpx.exported.graph import Graph
from nlpx.exported.onnx_file import has_loops

onnx = pytest.importorskip("onnx")

HEAD = '<ir_version: 10, opset_import: ["": 18, "f": 1]>'
OWN = '<domain: "f", opset_import: ["": 18, "f": 1]>'
LOOP = f"""{HEAD} g (float[n] x, int64 count) => (float[n] y) {{
    yes = Constant <value = bool {{1}}> ()
    y = Loop (count, yes, x) <body = b (int64 i, bool c, float[n] a) => (bool d, float[n] z) {{
        d = Identity (c)
        z = Add (a, a)
    }}>
}}"""


def file(text: str) -> bytes:
    return bytes(onnx.parser.parse_model(text).SerializeToString())


def calls(body: str, others: str = "", times: int = 1) -> bytes:
    """A graph that calls the function f.a."""
    nodes = "\n".join(f"y{i} = f.a (x)" for i in range(times))
    text = f"{HEAD} g (float[n] x) => (float[n] y0) {{ {nodes} }} {OWN} a (x) => (y) {{ {body} }}"
    return file(text + others)


def constant(**where: str) -> bytes:
    """A node with numbers, which may be in another file."""
    tensor = onnx.numpy_helper.from_array(np.ones(2, np.float32), "w")
    for key, value in where.items():
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        tensor.external_data.add(key=key, value=value)
    helper = onnx.helper
    graph = helper.make_graph([helper.make_node("Constant", [], ["y"], value=tensor)], "g", [], [])
    return bytes(helper.make_model(graph).SerializeToString())


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (file(LOOP), True),
        (calls("y = Add (x, x)"), False),
        (calls(LOOP.partition("{")[2].rpartition("}")[0].replace("count, ", '"", ')), True),
        (constant(), False),
    ],
)
def test_graphs_in_nodes_are_found(content: bytes, found: bool) -> None:
    assert has_loops(content) is found


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (calls("y = f.b (x)", f"{OWN} b (x) => (y) {{ y = Add (x, x) }}"), "functions call functions"),
        (calls("y = f.a (x)"), "functions call functions"),
        (calls("\n".join(f"y{i} = Add (x, x)" for i in range(9)) + " y = Add (x, x)", times=4), "40 nodes"),
        (constant(location="secret.bin"), "weights in another file"),
        (file(LOOP)[:-3], "not an ONNX file"),
        (b"\x0b" + file(LOOP), "not an ONNX file"),
        (b"\xff" * 11, "not an ONNX file"),
    ],
)
def test_what_is_refused(content: bytes, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions that call each other ten times would become billions of nodes in ten steps."""
    monkeypatch.setattr("nlpx.exported.onnx_file.MOST", 30)
    with pytest.raises(ValueError, match=reason.replace("40", "more than 30")):
        has_loops(content)
    pytest.importorskip("onnxruntime")
    with pytest.raises(ValueError, match="onnxruntime cannot read it: it"):
        Graph(content, 1)


def test_every_part_of_the_format_that_contains_graphs_or_tensors_is_followed() -> None:
    """By the fields of onnx.proto."""
    from nlpx.exported import onnx_file as module

    kinds = {
        "ModelProto": module.MODEL,
        "GraphProto": module.GRAPH,
        "FunctionProto": module.FUNCTION,
        "NodeProto": module.NODE,
        "AttributeProto": module.ATTRIBUTE,
        "SparseTensorProto": module.SPARSE,
        "TensorProto": module.TENSOR,
    }
    for name, kind in kinds.items():
        fields = getattr(onnx, name).DESCRIPTOR.fields
        parts = {
            field.number: kinds[field.message_type.name]
            for field in fields
            if field.message_type and field.message_type.name in kinds
        }
        assert module.PARTS[kind] == parts, name
    assert onnx.TensorProto.DESCRIPTOR.fields_by_name["external_data"].number == module.EXTERNAL
