"""`--set`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.optimizers.base import Optimizer
from nlpx.config.nodes import MappingNode, Plain
from nlpx.config.overrides import apply_overrides
from nlpx.config.parse import parse
from nlpx.config.problems import Problem
from nlpx.config.source import Source
from tests.config.conftest import Load, Problems

BASE = """
task: couplet
optimizer: {type: adam, learning_rate: 0.1, beta_1: 0.8}
model:
  encoder:
    - {type: gated_conv, repeat: 6}
    - conv
metrics: [nll]
seed: 3
"""


def applied(text: str, *arguments: str) -> tuple[Plain, list[Problem]]:
    tree, _ = parse(Source("c.yaml", text, Path()))
    assert isinstance(tree, MappingNode)
    changed, problems = apply_overrides(tree, arguments)
    return changed.plain(), problems


def value(*arguments: str) -> dict[str, Plain]:
    tree, problems = applied(BASE, *arguments)
    assert not problems
    assert isinstance(tree, dict)
    return tree


def test_values_are_yaml() -> None:
    assert value("seed=5")["seed"] == 5
    assert value("train.epochs=1e3")["train"] == {"epochs": 1000.0}
    assert value("metrics=[nll, {type: bleu}]")["metrics"] == ["nll", {"type": "bleu"}]
    assert value("name=no")["name"] == "no"
    assert value("name='5'")["name"] == "5"
    assert value("name=")["name"] is None
    assert value("name=a=b")["name"] == "a=b"


def test_a_value_takes_the_place_of_what_is_there() -> None:
    assert value("optimizer={type: adam}")["optimizer"] == {"type": "adam"}


def test_list_items() -> None:
    assert value("model.encoder.0.repeat=2")["model"] == {
        "encoder": [{"type": "gated_conv", "repeat": 2}, "conv"]
    }


def test_options_of_a_bare_name() -> None:
    assert value("model.encoder.1.filters=8")["model"] == {
        "encoder": [{"type": "gated_conv", "repeat": 6}, {"type": "conv", "filters": 8}]
    }


def test_a_new_type_drops_the_options_of_the_old_one() -> None:
    assert value("optimizer.type=sgd")["optimizer"] == {"type": "sgd"}
    assert value("optimizer.type=adam")["optimizer"] == {"type": "adam", "learning_rate": 0.1, "beta_1": 0.8}


def test_the_order_of_type_and_options_does_not_matter() -> None:
    one = value("optimizer.momentum=0.9", "optimizer.type=sgd")
    assert one == value("optimizer.type=sgd", "optimizer.momentum=0.9")
    assert one["optimizer"] == {"type": "sgd", "momentum": 0.9}


def test_the_last_of_two_wins() -> None:
    assert value("seed=4", "seed=5")["seed"] == 5


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("seed", "KEY=VALUE"),
        ("=3", "KEY=VALUE"),
        ("a..b=3", "KEY=VALUE"),
        ("model.encoder.2.repeat=1", "from 0 to 1"),
        ("model.encoder.-1.repeat=1", "from 0 to 1"),
        ("model.encoder.x=1", "from 0 to 1"),
        ("seed.x=1", "has no keys"),
        ("extends=b.yaml", "edit the file"),
    ],
)
def test_overrides_that_cannot_be_applied(argument: str, words: str) -> None:
    _, (problem,) = applied(BASE, argument)
    assert problem.code == "C011"
    assert words in str(problem)
    assert str(problem).startswith(f"--set {argument}: error C011: ")


def test_a_value_that_is_not_yaml() -> None:
    _, (problem,) = applied(BASE, "metrics=[nll")
    assert problem.code == "C004"


def test_problems_are_told_like_those_of_a_line(problems: Problems) -> None:
    (problem,) = problems("task: couplet\n", ["train.epochs=三"])
    assert str(problem).splitlines() == [
        '--set train.epochs=三: error C103: train.epochs: wrong type; got the string "三", expected an integer',
        "    --set train.epochs=三",
        "                       ^",
    ]


def test_the_caret_of_an_unknown_key_is_under_the_key(problems: Problems) -> None:
    (problem,) = problems("task: couplet\n", ["train.epocs=3"])
    assert problem.mark.source.text[problem.mark.index :] == "epocs=3"
    assert problem.advice == "did you mean epochs?"


@pytest.mark.parametrize("depth", [20, 1200, 100_000])
def test_a_key_is_no_deeper_than_a_file(problems: Problems, depth: int) -> None:
    (problem,) = problems("task: couplet\n", ["a" + ".b" * (depth - 1) + "=1"])
    assert (problem.code, problem.what) == ("C008", "it is nested deeper than 20 levels")


@given(
    st.sampled_from(
        [
            ("train.epochs", 7),
            ("train.early_stopping.patience", 2),
            ("optimizer.beta_1", 0.5),
            ("model.encoder.0.kernel_size", 5),
            ("samples", ["晚风", "a: b", "# no comment", "null", "1e3"]),
            ("data.on_bad_line", "skip"),
            ("vocabulary", {"min_count": 3, "max_size": 100}),
            ("train.buckets", [8, 16]),
            ("tricks", [{"type": "ema", "momentum": 0.5}, "clip_gradients"]),
        ]
    ),
    st.data(),
)
def test_set_equals_editing_the_file(change: tuple[str, Plain], data: st.DataObject) -> None:
    path, new = change
    tree, _ = parse(Source("c.yaml", BASE, Path()))
    assert isinstance(tree, MappingNode)
    edited = tree.plain()
    place: Plain = edited
    *parents, last = path.split(".")
    for key in parents:
        if isinstance(place, list):
            place = place[int(key)]
        else:
            assert isinstance(place, dict)
            place = place.setdefault(key, {})
    assert isinstance(place, dict)
    place[last] = new
    indent = data.draw(st.sampled_from([None, 1]))
    argument = f"{path}={json.dumps(new, ensure_ascii=data.draw(st.booleans()), indent=indent)}"
    changed, problems = apply_overrides(tree, [argument])
    assert (changed.plain(), problems) == (edited, [])


def test_set_reaches_the_experiment(load: Load) -> None:
    optimizer = load(BASE, ["optimizer.learning_rate=1e-4"]).optimizer
    assert isinstance(optimizer, Optimizer)
    assert optimizer.learning_rate == 1e-4
