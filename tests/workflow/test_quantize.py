"""Products of integers are close to those of numbers, and every row is computed by itself."""

from __future__ import annotations

import numpy as np
import pytest

from nlpx.exported.graph import Graph
from nlpx.workflow.quantize import quantized

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Matrices of a test are small."""
    monkeypatch.setattr("nlpx.workflow.quantize.FEWEST", 1 << 10)


RANDOM = np.random.default_rng(5)


def model(text: str, **weights: np.ndarray) -> bytes:
    """A graph as text, with float32 weights."""
    made = onnx.parser.parse_model(f'<ir_version: 8, opset_import: ["": 18]> {text}')
    made.graph.initializer.extend(onnx.numpy_helper.from_array(w, name) for name, w in weights.items())
    return bytes(made.SerializeToString())


def weights(*shape: int) -> np.ndarray:
    return RANDOM.normal(size=shape).astype(np.float32)


def by_integers(x: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The formula in float64, for rows (n, K)."""
    columns = np.abs(matrix.astype(np.float64)).max(0) / 63
    rows = np.maximum(np.abs(x.astype(np.float64)).max(1, keepdims=True), 1e-20) / 127
    return np.rint(x / rows) @ np.rint(matrix / columns) * rows * columns


def test_a_product() -> None:
    matrix, x = weights(48, 30), weights(2, 5, 48)
    x[0, 3] = 0
    content = model("g (float[b, t, 48] x) => (float[b, t, 30] y) { y = MatMul (x, w) }", w=matrix)
    small = quantized(content)
    assert len(small) < 0.6 * len(content)
    (found,) = Graph(small)({"x": x})
    expected = by_integers(x.reshape(-1, 48), matrix).reshape(2, 5, 30)
    # A number in the middle between two integers may be rounded to either.
    step = np.abs(x).max(-1, keepdims=True) / 127 * np.abs(matrix).max(0)
    assert (np.abs(found - expected) <= step * 1.001).all()
    assert np.median(np.abs(found - expected)) < 1e-5
    assert np.corrcoef(found.ravel(), (x @ matrix).ravel())[0, 1] > 0.999
    alone = np.concatenate([Graph(small)({"x": row[None]})[0] for row in x])
    assert np.array_equal(found, alone)
    assert (found[0, 3] == 0).all()


@pytest.mark.parametrize(
    ("options", "width"),
    [
        ('auto_pad = "SAME_UPPER", kernel_shape = [1, 3]', 3),
        ('auto_pad = "SAME_UPPER", kernel_shape = [1, 4]', 4),
        ('auto_pad = "SAME_LOWER", kernel_shape = [1, 4]', 4),
        ("pads = [0, 2, 0, 1], kernel_shape = [1, 3]", 3),
        ("pads = [0, 4, 0, 4], kernel_shape = [1, 3], dilations = [1, 4]", 3),
        ("kernel_shape = [1, 1]", 1),
    ],
)
def test_a_convolution(options: str, width: int) -> None:
    """It is as close to the one with numbers as to be expected, for any length."""
    kernel, bias = weights(40, 32, 1, width), weights(40)
    content = model(
        f"g (float[b, 32, 1, t] x) => (float[b, 40, 1, u] y) {{ y = Conv <{options}> (x, w, c) }}",
        w=kernel,
        c=bias,
    )
    small = quantized(content)
    assert onnx.load_model_from_string(small).graph.node[0].domain == "nlpx"
    exact, fast = Graph(content), Graph(small)
    for batch, length in ((1, 9), (3, 17)):
        x = weights(batch, 32, 1, length)
        (expected,), (found,) = exact({"x": x}), fast({"x": x})
        assert found.shape == expected.shape
        assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.999
        assert np.array_equal(found[:1], fast({"x": x[:1]})[0])
        longer = np.pad(x, [(0, 0), (0, 0), (0, 0), (0, 5)])
        assert np.array_equal(found, fast({"x": longer})[0][..., : found.shape[-1]])


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("g (float[b, 8] x) => (float[b, 9] y) { y = MatMul (x, w) }", (8, 9)),  # small
        ("g (float[b, 40, 40] x) => (float[b, 40, 40] y) { y = MatMul (x, w) }", (1, 40, 40)),
        ("g (float[b, 32, h, t] x) => (float[b, 40, h, t] y) { y = Conv (x, w) }", (40, 32, 3, 3)),
        ("g (float[b, 32, h, t] x) => (float[b, 40, h, t] y) { y = Conv <strides = [1, 2]> (x, w) }", (40, 32, 1, 3)),
        ("g (float[b, 64, h, t] x) => (float[b, 40, h, t] y) { y = Conv <group = 2> (x, w) }", (40, 32, 1, 3)),
    ],
)  # fmt: skip
def test_other_operations_stay(text: str, shape: tuple[int, ...]) -> None:
    content = model(text, w=weights(*shape))
    assert quantized(content) == content


def test_two_products_share_weights() -> None:
    matrix = weights(40, 40)
    text = "g (float[b, 40] x) => (float[b, 40] y, float[40, 40] z) { u = MatMul (x, w) y = MatMul (u, w) z = Neg (w) }"
    found, negative = Graph(quantized(model(text, w=matrix)))({"x": weights(3, 40)})
    assert found.shape == (3, 40)
    assert np.array_equal(negative, -matrix)  # which is used elsewhere
