"""nlpx in Python: what commands do, with values instead of text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import nlpx
from nlpx.errors import ConfigError
from tests.trained import COUPLET


def test_a_config_is_trained_loaded_and_listed(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(COUPLET, encoding="utf-8")
    told: list[str] = []
    overrides: dict[str, object] = {
        "train.steps": 2,
        "train.epochs": None,
        "tricks": [],
        "decode": {"type": "argmax"},
    }
    done = nlpx.train(config, overrides, output=tmp_path / "runs", name="a", say=told.append)
    assert (done.path, done.task, done.split) == (tmp_path / "runs" / "couplet" / "a", "couplet", "test")
    assert 0 < done.step <= 2
    assert done.metrics["nll"] > 0
    assert f"run {done.path}" in told
    model = nlpx.load(done.path, overrides={"decode": "couplet_rules"})
    assert [len(prediction.text) for prediction in model.predict(["春风", ""])] == [2, 0]
    (tmp_path / "runs" / "couplet" / "b").mkdir()
    (tmp_path / "runs" / "couplet" / "b" / "snapshot.json").write_text("{", encoding="utf-8")
    listed = {run.id: run for run in nlpx.list_runs(tmp_path / "runs")}
    assert (listed["a"].status, listed["a"].monitor, listed["a"].best_step) == (
        "finished",
        "valid/nll",
        done.step,
    )
    assert listed["b"].status == "broken" and listed["b"].problem
    assert nlpx.list_runs(tmp_path / "runs", "poem") == []


def test_wrong_overrides(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(COUPLET, encoding="utf-8")
    with pytest.raises(ConfigError, match="learning_rate"):
        nlpx.train(config, {"optimizer.learning_rte": 1}, output=tmp_path / "runs")
    with pytest.raises(TypeError, match="a mapping or a list"):
        nlpx.train(config, "train.steps=2", output=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_importing_it_imports_nothing_else() -> None:
    code = (
        "import sys, nlpx; nlpx.__version__; "
        "print(sorted({'numpy', 'pydantic', 'tensorflow', 'keras', 'nlpx.api'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        _ = nlpx.lod
