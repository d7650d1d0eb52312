"""Sweep files are checked with their config before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.config.load import load_experiment
from nlpx.config.problems import ConfigProblems
from nlpx.sweeps.load import is_sweep, load_sweep
from nlpx.sweeps.space import grid
from tests.cli.program import Nlpx, nlpx
from tests.sweeps.making import GRID, load, write

__all__ = ["nlpx"]

ROOT = Path(__file__).resolve().parents[2]
BROKEN = [
    ("space: {optimizer.learning_rat: [1e-3]}", "2:19: error C101: optimizer.learning_rat: unknown key", "did you mean learning_rate?"),
    ("space: {optimizer.learning_rate: [1e-3, many]}", "2:41: error C103: optimizer.learning_rate: wrong type", ""),
    ("space: {optimizer: [adam, {type: sgd, momentum: 2}]}", "2:49: error C105: optimizer.momentum: out of range", ""),
    ("space: {model.encoder.7.repeat: [1]}", "2:23: error C103: model.encoder: wrong type", ""),
    ("space: {model.embedding.dropout: {range: [0, 2], points: 2}}", "2:42: error C105: model.embedding.dropout: out of range; got the number 2.0", ""),
    ("space: {train.epochs: {range: [1, 4], points: 2}}", "2:31: error C103: train.epochs", "add `integer: true`"),
    ("space: {train.epochs: {range: [1, 4], lgo: true}}", "2:39: error C101: space.train.epochs.lgo: unknown key", "did you mean log?"),
    ("space: {train.epochs: []}", "2:23: error C107: space.train.epochs", "at least 1 item"),
    ("space: {}", "2:8: error C107: space", ""),
    ("spase: {train.epochs: [1]}", "2:1: error C101: spase: unknown key", "did you mean space?"),
    ("space: {train.epochs: [1]}\nset: {train.epoch: 3}", "3:13: error C101: train.epoch: unknown key", ""),
    ("space: {train.epochs: [1]}\nmetric: valid/nlll", "3:9: error C207: metric: valid/nlll is not computed", "did you mean valid/nll?"),
    ("space: {train.epochs: {range: [4, 1], integer: true}}", "2:24: error C301", "the first number is not less"),
    ("space: {train.epochs: {range: [1, 4]}}", "2:24: error C301", "expected `points`, `step` or `integer: true`"),
    ("space: {optimizer.learning_rate: {range: [0, 1], log: true, points: 3}}", "2:35: error C301", "begins above 0"),
    ("space: {train.epochs: {range: [1, .inf], integer: true}}", "2:35: error C105", "expected a finite number"),
    ("space: {train.epochs: {range: [1, 1e9], integer: true}}", "2:24: error C301", "1,000,000,000 values is too large"),
    ("space: {optimizer.learning_rate: {range: [0.1, 1], step: 1e-300}}", "2:35: error C301", "the step is too short"),
    ("space: {optimizer.learning_rate: {range: [1e-308, 1e308], log: true, points: 3}}", "2:35: error C301", "too far apart"),
    ("space: {a..b: [1]}", "2:9: error C011", "expected a.b or a.0.b"),
    ("space: {train.epochs: [1]}\nset: {extends: x.yaml}", "3:7: error C011: extends", "edit the file"),
    (f"space: {{train.epochs: [1]}}\nname: {'a' * 61}", "3:7: error C108: name", "at most 60 characters"),
    ("space: {train.epochs: [1, 1]}", "2:9: error C210: space.train.epochs", ""),
    ("space: {a: {choice: [1], key: train.epochs, when: {b: 1}}}", "2:52: error C302: space.a.when.b", "there is no dimension b above"),
    ("space: {train.xla: [true], a: {choice: [1], key: train.epochs, when: {train.xla: 1.5}}}", "2:71: error C302", "1.5 is no value of train.xla"),
    ("space: {train.epochs: [1], a: {choice: [2], key: train.epochs}}", "2:28: error C303: space.a", "train.epochs also changes"),
    ("space: {seed: [1, 2]}", "2:9: error C303: space.seed", "`seeds`"),
    ("sampler: random\nspace: {train.epochs: [1]}", "2:1: error C304: sampler", "budget: {trials: 20}"),
    ("space: {model.head: [crf]}", "2:15: error C201: model.head: the loss cross_entropy needs", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "start", "words"), BROKEN)
def test_problems_have_their_place(tmp_path: Path, text: str, start: str, words: str) -> None:
    with pytest.raises(ConfigProblems) as caught:
        load(tmp_path, f"config: c.yaml\n{text}\n")
    messages = [str(problem) for problem in caught.value.problems]
    assert any(start in message and words in message for message in messages), messages


def test_a_sweep_without_its_config(tmp_path: Path) -> None:
    path = write(tmp_path, GRID.replace("c.yaml", "gone.yaml"))
    with pytest.raises(ConfigProblems, match=r"s.yaml:1:9: error C001: config: there is no file .*gone.yaml"):
        load_sweep(path)


def test_a_value_that_does_not_fit_the_config_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "config: c.yaml\nspace: {model.head: [crf]}\n")
    (tmp_path / "c.yaml").write_text("task: couplet\nloss: focal\n", encoding="utf-8")
    with pytest.raises(ConfigProblems, match=r'c.yaml:2:1: error C201: loss: .*s.yaml sets model.head="crf"'):
        load_sweep(path)


def test_a_config_is_no_sweep(tmp_path: Path) -> None:
    path = write(tmp_path)
    assert [is_sweep(path), is_sweep(tmp_path / "c.yaml"), is_sweep(tmp_path / "no")] == [True, False, False]
    with pytest.raises(ConfigProblems, match="this is a config: train it with `nlpx train`"):
        load_sweep(tmp_path / "c.yaml")


def test_defaults_are_those_of_the_config(tmp_path: Path) -> None:
    sweep = load(
        tmp_path, "config: c.yaml\nspace: {optimizer: [adam, sgd], optimizer.learning_rate: [0.1]}\n"
    )
    assert (sweep.name, sweep.metric, sweep.direction, sweep.seeds) == ("s", "valid/nll", "min", (2026,))
    point = {"optimizer.learning_rate": 0.1, "optimizer": "sgd"}
    assert sweep.arguments(point) == ['optimizer="sgd"', "optimizer.learning_rate=0.1"]
    optimizer = sweep.experiment(point).optimizer.model_dump()  # type: ignore[union-attr]  # not by phase
    assert (optimizer["type"], optimizer["learning_rate"]) == ("sgd", 0.1)


def test_ranges_of_one_key_under_different_conditions(tmp_path: Path) -> None:
    text = """\
config: c.yaml
sampler: random
budget: {hours: 1}
space:
  optimizer.type: [adam, sgd]
  adam: {key: optimizer.learning_rate, range: [1e-4, 1e-2], log: true, when: {optimizer.type: adam}}
  sgd: {key: optimizer.learning_rate, range: [1e-2, 1], log: true, when: {optimizer.type: sgd}}
"""
    assert load(tmp_path, text).arguments({"optimizer.type": "sgd", "sgd": 0.5}) == [
        'optimizer.type="sgd"',
        "optimizer.learning_rate=0.5",
    ]


def test_check_knows_sweeps(nlpx: Nlpx, tmp_path: Path) -> None:
    path = write(tmp_path)
    assert nlpx("check", path, path.with_name("c.yaml")).out.count(": ok\n") == 2
    write(tmp_path, GRID.replace("1e-2", "-1"))
    done = nlpx("check", path)
    assert (done.code, "s.yaml:4:35: error C105: optimizer.learning_rate: out of range" in done.err) == (
        2,
        True,
    )


def test_paths_are_relative_to_the_sweep_file(tmp_path: Path) -> None:
    """The process of a run is given values on its command line, where paths are relative to the current folder."""
    (tmp_path / "words.tsv").write_text("结婚\t5\n", encoding="utf-8")
    text = """\
config: c.yaml
set: {data.root: corpora}
space:
  decode: [{type: viterbi, dictionary: words.tsv}]
"""
    path = write(tmp_path, text)
    (tmp_path / "c.yaml").write_text("task: segmentation\n", encoding="utf-8")
    sweep = load_sweep(path)
    (point,) = grid(sweep.spec.space)
    arguments = sweep.arguments(point)
    assert arguments == [
        f'decode={{"type": "viterbi", "dictionary": "{tmp_path / "words.tsv"}"}}',
        f'data.root="{tmp_path / "corpora"}"',
    ]
    assert load_experiment(tmp_path / "c.yaml", arguments).experiment == sweep.experiment(point)
