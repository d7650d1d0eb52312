"""Graphs alone, read by the libraries that they are for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from nlpx.errors import UsageError
from nlpx.workflow.model import OpenModel, open_model
from tests.tasks.conftest import Command, nlpx
from tests.trained import COUPLET, TrainOnce

__all__ = ["nlpx"]

pytest.importorskip("tf2onnx")
onnxruntime = pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def model(trained_once: TrainOnce) -> OpenModel:
    return open_model(Path(), str(trained_once(COUPLET).path), "best")


def scores_of(form: str, folder: Path, batch: dict[str, np.ndarray]) -> np.ndarray:
    import tensorflow as tf

    graph = folder / "graphs" / "scores"
    if form == "onnx":
        (found,) = onnxruntime.InferenceSession(f"{graph}.onnx").run(None, batch)
    elif form == "savedmodel":
        tensors = {name: tf.constant(array) for name, array in batch.items()}
        found = tf.saved_model.load(str(graph)).signatures["serving_default"](**tensors)["scores"].numpy()
    else:
        found = tf.lite.Interpreter(f"{graph}.tflite").get_signature_runner()(**batch)["scores"]
    return np.asarray(found)


def test_every_form(model: OpenModel, tmp_path: Path, nlpx: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """All give the scores of the model for any batch size and length."""
    monkeypatch.setattr("nlpx.cli.export._open", lambda *arguments: model)
    monkeypatch.setattr("nlpx.workflow.convert.rows_of", lambda model: [])
    random = np.random.default_rng(1)
    for form in ("onnx", "savedmodel", "litert"):
        shown = nlpx("export", model.run.path, "--to", form, "--output", tmp_path / form, "--json")
        assert (shown.code, json.loads(shown.out)["texts"] > 5) == (0, True)
        described = json.loads((tmp_path / form / "graphs.json").read_text(encoding="utf-8"))
        assert (described["form"], described["task"], described["step"]) == (form, "couplet", model.step)
        assert described["graphs"]["scores"] == {
            "inputs": {
                "char": {"dtype": "int32", "shape": [None, None]},
                "mask": {"dtype": "bool", "shape": [None, None]},
            },
            "outputs": ["scores"],
        }
        for rows, length in ((1, 3), (4, 9)):
            batch = {
                "char": random.integers(0, 50, (rows, length)).astype(np.int32),
                "mask": np.arange(length) < random.integers(1, length + 1, (rows, 1)),
            }
            expected, _ = cast(Any, model.learner).scores(batch)
            found = scores_of(form, tmp_path / form, batch)
            assert np.abs(found - expected)[batch["mask"]].max() < 1e-4
    for changed in (("--to", "litert", "--quantize", "int8"), ("--to", "npz"), ("--to", "tflite")):
        assert nlpx("export", model.run.path, "--output", tmp_path / "other", *changed).code == 2
    again = nlpx("export", model.run.path, "--to", "savedmodel", "--output", tmp_path / "onnx")
    assert (again.code, "already exists" in again.text) == (2, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["litert", "onnx", "savedmodel"]


def test_what_litert_lacks(tmp_path: Path) -> None:
    import tensorflow as tf

    from nlpx.models.learner import InferenceGraph
    from nlpx.workflow.tensorflow_graphs import write_litert

    spec = tf.TensorSpec((None, None), tf.bool)
    graph = InferenceGraph(
        lambda batch: tf.cast(batch["mask"][..., None], tf.float32), {"mask": spec}, ("y",)
    )
    with pytest.raises(
        UsageError, match=r"graph wide does not convert to LiteRT: .* Use --to bundle, --to onnx"
    ):
        write_litert("wide", graph, tmp_path)
    assert list(tmp_path.iterdir()) == []
