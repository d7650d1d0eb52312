"""Predictions in another precision than that of training."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from nlpx.data.pieces import pad
from nlpx.workflow.model import open_model
from tests.tasks.conftest import Command
from tests.trained import SEGMENTATION, TrainOnce

ASKED = ("--text", "研究生命的起源", "--text", "")
BFLOAT16 = ("--precision", "bfloat16")


@pytest.fixture(autouse=True)
def precision_of_other_tests() -> Iterator[None]:
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture
def run(trained_once: TrainOnce, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained_once(SEGMENTATION).path, tmp_path / "tiny"))


def test_it_computes_in_that_precision_and_stores_nothing(nlpx: Command, run: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    metrics = [
        json.loads(nlpx("eval", run, "--split", "valid", "--json", *more).out)["metrics"]["nll"]
        for more in ((), BFLOAT16)
    ]
    assert metrics[0] != metrics[1] == pytest.approx(metrics[0], rel=0.05)
    assert nlpx("predict", run, *ASKED, *BFLOAT16).out == nlpx("predict", run, *ASKED).out
    after = {path: path.stat().st_mtime_ns for path in run.rglob("*") if "eval" not in path.parts}
    assert {path for path in after if after[path] != before.get(path)} <= {run, run / "framework.log"}


def test_what_is_folded_equals_the_layers_to_rounding(run: Path) -> None:
    scores = {}
    for precision in ("float32", "mixed_bfloat16"):
        model = open_model(Path(), str(run), "best", (), [f"train.precision={precision}"])
        learner: Any = model.learner
        network = learner.model
        assert network.folded is not None
        features = model.codec.features_of("研究生命的起源", model.vocabularies)  # type: ignore[attr-defined]
        batch = pad(features, 9)
        scores[precision] = [learner.scores(batch)[0]]
        network.folded = None
        scores[precision].append(np.asarray(network(batch)))
    exact = scores["float32"][1]
    for folded, plain in scores.values():
        np.testing.assert_allclose(folded, plain, atol=0.02 * np.abs(exact).max())
    assert np.abs(scores["mixed_bfloat16"][0] - exact).max() > 0


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("bundle", ("--engine", "onnx", *BFLOAT16), "has no bundle"),
        ("tiny", ("--precision", "half"), "is not one of"),
    ],
)
def test_what_is_refused(nlpx: Command, run: Path, name: str, options: tuple[str, ...], message: str) -> None:
    shown = nlpx("predict", run, *ASKED, *options)
    assert (shown.code, message in shown.text) == (2, True), shown.text
