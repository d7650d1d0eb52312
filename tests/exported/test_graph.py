"""Graphs that anybody may have written."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nlpx.errors import DamagedRun, EnvironmentProblem
from nlpx.exported.graph import EndlessLoop, Graph, expect_runtime
from nlpx.exported.learner import scored
from nlpx.workflow.bundle import CheckedGraph
from tests.exported.test_onnx_file import LOOP, file

onnx = pytest.importorskip("onnx")
ROOT = Path(__file__).resolve().parents[2]


def gather(location: str = "") -> bytes:
    """y = w[x], with w in the graph, or in a file."""
    helper, table = onnx.helper, np.arange(6, dtype=np.float32).reshape(3, 2)
    weights = onnx.numpy_helper.from_array(table, "w")
    if location:
        weights.ClearField("raw_data")
        weights.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", "0"), ("length", "24")):
            entry = weights.external_data.add()
            entry.key, entry.value = key, value
    graph = helper.make_graph(
        [helper.make_node("Gather", ["w", "x"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", onnx.TensorProto.INT32, ["n"])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n", 2])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return bytes(model.SerializeToString())


def test_it_uses_the_arrays_that_it_has_inputs_for() -> None:
    (found,) = Graph(gather(), 1)({"x": np.array([2, 0], np.int32), "target": np.zeros(9)})
    assert found.tolist() == [[4, 5], [0, 1]]


def test_arrays_that_do_not_fit() -> None:
    graph = Graph(gather(), 1)
    for arrays in ({}, {"x": np.zeros((2, 2), np.int32)}, {"x": np.array([7], np.int32)}):
        with pytest.raises(ValueError, match=r"the input 'x'|onnxruntime"):
            graph(arrays)


@pytest.mark.parametrize("location", ["secret.bin", "../inside/secret.bin", "{folder}/secret.bin"])
def test_weights_in_other_files_are_not_read(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a folder, onnxruntime looks in the working directory, and above it."""
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "secret.bin").write_bytes(np.ones(6, np.float32).tobytes())
    monkeypatch.chdir(folder)
    with pytest.raises(ValueError, match="onnxruntime cannot read it"):
        Graph(gather(location.format(folder=folder)), 1)


@pytest.mark.parametrize("content", [b"", b"graph", gather()[:60]])
def test_what_is_no_graph(content: bytes) -> None:
    with pytest.raises(ValueError, match="onnxruntime cannot read it"):
        Graph(content, 1)


ROWS = np.zeros((2, 3, 4), np.float32)


@pytest.mark.parametrize(
    "output",
    [
        ROWS[0, 0, 0],
        ROWS[0],
        ROWS[:1],
        ROWS[:, :2],
        ROWS.astype(np.int64),
        ROWS.astype(str),
        np.where(np.arange(4) == 2, np.float32(np.nan), ROWS),
    ],
)
def test_outputs_have_the_form_that_predictors_need(output: np.ndarray) -> None:
    batch = {"mask": np.ones((2, 3), bool)}
    assert scored(lambda batch: [ROWS], batch)[0] is ROWS
    assert scored(lambda batch: [ROWS[:, 0]], batch)[1].tolist() == [0, 0]
    with pytest.raises(EnvironmentProblem, match=r"its output for a batch \(2, 3\) "):
        scored(lambda batch: [output], batch)


def test_a_graph_that_fails_for_some_batches(tmp_path: Path) -> None:
    graph = CheckedGraph(Graph(gather(), 1), tmp_path / "g.onnx")
    batch = {"x": np.array([1, 7], np.int32), "mask": np.ones((2, 3), bool)}
    with pytest.raises(DamagedRun, match="do not fit each other: onnxruntime: "):
        graph(batch)
    assert graph({**batch, "x": batch["x"] % 3})[0].shape == (2, 2)


def test_a_loop_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlpx.exported.graph.SECONDS", 0.1)
    graph = Graph(file(LOOP), 1)
    few, many = ({"x": np.ones(2, np.float32), "count": np.array(count)} for count in (3, 2**62))
    started = time.monotonic()
    with pytest.raises(EndlessLoop, match="has not ended after 0 seconds"):
        graph(many)
    with pytest.raises(DamagedRun, match=r"g\.onnx: damaged: a loop of it .* Export the run again\."):
        CheckedGraph(graph, tmp_path / "g.onnx")(many)
    assert time.monotonic() - started < 10
    assert graph(few)[0].tolist() == [8, 8]


def test_later_outputs_have_the_form_of_the_first(tmp_path: Path) -> None:
    made: list[np.ndarray] = []
    graph = CheckedGraph(lambda batch: made, tmp_path / "g.onnx")
    first, second = ({"x": np.zeros(shape)} for shape in ((2, 3), (5, 7)))
    made[:] = [np.zeros((2, 3, 9)), np.zeros((2, 4)), np.zeros(2)]
    assert graph(first) is made
    made[:] = [np.zeros((5, 7, 9)), np.zeros((5, 8)), np.zeros(5)]
    assert graph(second) is made
    for place, output in (
        (0, np.zeros((5, 7, 8))),
        (1, np.zeros((5, 9))),
        (0, np.zeros((5, 9))),
        (2, np.ones(5, bool)),
    ):
        kept, made[place] = made[place], output
        with pytest.raises(DamagedRun, match="golden examples"):
            graph(second)
        made[place] = kept
    with pytest.raises(DamagedRun, match="it has 2 outputs; the golden examples have 3"):
        del made[2]
        graph(second)


def test_a_runtime_that_does_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is installed, and importing it is an error."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setattr("nlpx.exported.graph.missing_modules", lambda extra: [])
    with pytest.raises(EnvironmentProblem, match=r"cannot be imported: ModuleNotFoundError: .*Reinstall it"):
        expect_runtime()


def test_onnxruntime_tells_nobody_about_graphs(tmp_path: Path) -> None:
    """Its telemetry would begin with files in the home directory."""
    code = "import sys; from nlpx.exported.graph import Graph; Graph(sys.stdin.buffer.read(), 1)"
    home = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    subprocess.run([sys.executable, "-c", code], input=gather(), env=home, cwd=ROOT, check=True)
    assert not list(tmp_path.iterdir())
