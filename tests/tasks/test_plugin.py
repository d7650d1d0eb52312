"""The plugin that the documentation shows, used as it says."""

from __future__ import annotations

from pathlib import Path

from tests.tasks.conftest import Command

PLUGINS = Path(__file__).resolve().parents[2] / "docs" / "plugins"


def test_the_documented_plugin_trains_and_answers(nlpx: Command, tmp_path: Path) -> None:
    small = ["data.limit=200", "train.epochs=1", "model.embedding.dim=8", "model.encoder.0.repeat=1"]
    options = [word for setting in small for word in ("--set", setting)]
    shown = nlpx("train", PLUGINS / "squeeze.yaml", "--output", tmp_path, "--name", "squeezed", *options)
    assert shown.code == 0, shown.err
    run = tmp_path / "couplet" / "squeezed"
    answered = nlpx("predict", run, "--text", "今天天气不错", "--include", PLUGINS / "squeeze.py")
    assert answered.code == 0, answered.err
    assert len(answered.out.strip()) == 6


def test_a_run_with_a_plugin_says_which_one_is_missing(nlpx: Command, tmp_path: Path) -> None:
    small = ["data.limit=60", "train.steps=1", "model.embedding.dim=8", "model.encoder.0.repeat=1"]
    options = [word for setting in small for word in ("--set", setting)]
    assert nlpx("train", PLUGINS / "squeeze.yaml", "--output", tmp_path, "--name", "s", *options).code == 0
    shown = nlpx("predict", tmp_path / "couplet" / "s", "--text", "春风")
    assert shown.code == 2
    assert "squeeze_excite" in shown.text
