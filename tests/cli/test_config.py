"""`nlpx config`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlpx.components.optimizers.adam import Adam
from tests.cli.program import Nlpx, nlpx
from tests.runs.making import couplet, make_run

__all__ = ["nlpx"]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    base = (
        "task: couplet\nvars: {n: 7}\nmodel:\n  head: softmax\ntrain: {epochs: 9, batch_size: '${vars.n}'}\n"
    )
    Path("base.yaml").write_text(base, encoding="utf-8")
    Path("c.yaml").write_text(
        "extends: base.yaml\n\nsamples: [晚风, 春雨]\ntrain: {epochs: 3}\n", encoding="utf-8"
    )
    return Path("c.yaml")


def test_show(nlpx: Nlpx, config: Path) -> None:
    shown = json.loads(nlpx("config", "show", "c.yaml", "--set", "seed=5", "--json").out)
    found = {row["key"]: (row["value"], row["where"]) for row in shown}
    assert found["task"] == ("couplet", "base.yaml:1")
    assert found["seed"] == (5, "--set seed=5")
    assert found["train.epochs"] == (3, "c.yaml:4")
    assert found["train.batch_size"] == (7, "base.yaml:5")
    assert found["model.head.type"] == ("softmax", "base.yaml:4")
    assert found["samples.1"] == ("春雨", "c.yaml:3")
    assert found["optimizer.type"] == ("adam", "default")
    written = nlpx("config", "show", "c.yaml", "--written").out.splitlines()
    assert [line.split()[0] for line in written] == [
        *("key", "task", "train.epochs", "train.batch_size", "samples.0", "samples.1", "model.head.type")
    ]


def test_diff(nlpx: Nlpx, config: Path) -> None:
    make_run(Path("runs"), "tiny", experiment=couplet(optimizer=Adam(learning_rate=0.5)))
    assert json.loads(nlpx("config", "diff", "base.yaml", "c.yaml", "--json").out) == {
        "train.epochs": [9, 3],
        "samples": [[], None],
        "samples.0": [None, "晚风"],
        "samples.1": [None, "春雨"],
    }
    lines = nlpx("config", "diff", "couplet/tiny", "base.yaml").out.splitlines()
    assert lines[0].split() == ["key", "couplet/tiny", "base.yaml"]
    assert ["optimizer.learning_rate", "0.5", "0.001"] in [line.split() for line in lines]
    assert nlpx("config", "diff", "c.yaml", "c.yaml").err == "the configs are equal\n"


def test_migrate_shows_first(nlpx: Nlpx, config: Path) -> None:
    old = "# 我的配置\ntask: couplet\ntricks: [clip_gradients]\n"
    config.write_text(old, encoding="utf-8")
    done = nlpx("config", "migrate", "c.yaml")
    assert "-tricks: [clip_gradients]\n+tricks: [gradient_clip]\n" in done.out
    assert done.err == "c.yaml: nothing is changed yet; add --write\n"
    assert config.read_text(encoding="utf-8") == old
    config.chmod(0o600)
    (config.parent / "link.yaml").symlink_to(config)
    assert nlpx("config", "migrate", "link.yaml", "--write").code == 0
    assert ((config.parent / "link.yaml").is_symlink(), config.stat().st_mode & 0o777) == (True, 0o600)
    assert config.read_text(encoding="utf-8") == old.replace("clip_gradients", "gradient_clip")
    assert nlpx("config", "migrate", "c.yaml").out == "c.yaml: all names are the present ones\n"
