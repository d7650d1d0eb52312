"""The program that compares the network of every shipped config with its conversion; an operation it found."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import erf

from tests.test_benchmarks import ROOT, benchmark

pytest.importorskip("tf2onnx")
pytest.importorskip("onnxruntime")


def test_some_configs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["vectors", "gan/grid", "sentiment", "ode", "similarity/stsb"]
    configs = [f"{ROOT}/configs/{name}.yaml" for name in names]
    code = benchmark(monkeypatch, "exports", *configs, "--limit", "40")
    lines = capsys.readouterr().out.splitlines()
    assert code == 0, lines
    assert [line.split()[0] for line in lines] == [f"configs/{name}.yaml" for name in names]
    assert "no graph: " in lines[0] and "generate, score: 16 inputs, 40 rows" in lines[1]
    assert "probabilities: " in lines[2] and "no network" in lines[3] and "without data" in lines[4]


def test_gelu_is_converted() -> None:
    """TensorFlow computes it by erfc, which ONNX lacks."""
    import tensorflow as tf
    from keras import ops

    from nlpx.exported.graph import Graph
    from nlpx.models.learner import InferenceGraph
    from nlpx.workflow.onnx_graphs import to_onnx

    inputs = {"x": tf.TensorSpec((None, None), tf.float32)}
    graph = InferenceGraph(lambda batch: ops.gelu(batch["x"], approximate=False), inputs, ("y",))
    x = np.linspace(-9, 9, 101, dtype=np.float32)[None]
    (found,) = Graph(to_onnx("gelu", graph))({"x": x})
    np.testing.assert_allclose(found, x * (1 + erf(x / np.sqrt(2.0))) / 2, atol=1e-5)
