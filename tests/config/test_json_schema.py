"""The JSON Schema and `nlpx check` say the same about what a file may hold, key by key."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from nlpx.config.json_schema import INTERPOLATION, json_schema
from nlpx.config.nodes import Plain
from nlpx.config.parse import parse
from nlpx.config.source import Source
from nlpx.core.component import builtin_registry
from nlpx.core.registry import load_registry
from tests.config.conftest import Problems
from tests.config.test_validate import CASES

ROOT = Path(__file__).resolve().parents[2]
SWEEPS = set((ROOT / "configs" / "sweeps").glob("*.yaml"))
SHIPPED = sorted(
    [*{*(ROOT / "configs").rglob("*.yaml")} - SWEEPS, *(ROOT / "nlpx" / "tasks").glob("*/template.yaml")]
)

BEYOND_JSON = {"train: {steps: 1e4}", "optimizer: {type: adam, learning_rate: .nan}"}
"""In JSON Schema 10000.0 is an integer; JSON has no NaN."""
BROKEN = [f"task: couplet\n{case[0]}\n" for case in CASES if case[0] not in BEYOND_JSON] + [
    "seed: 1\n",
    "task: cuplet\n",
    "task: 3\n",
    "task: [couplet]\n",
    "task: couplet\nvars: 3\n",
    "task: couplet\nextends: {a: 1}\n",
    "task: segmentation\nmodel: {embedding: {lexicon: {dropout: 2}}}\n",
    "task: segmentation\ndecode: {type: viterbi, dictionary: 3}\n",
    "task: segmentation\nmodel: {head: {type: crf, constrain: maybe}}\n",
]

SOUND = [
    "task: couplet\n",
    "task: segmentation\nseed: 5\nname: a.b-c\n",
    "task: couplet\nvars: {n: 3, deep: {x: [1]}}\ntrain: {epochs: '${vars.n}', steps: ~, buckets: [8, 16]}\n",
    "task: couplet\nvars: {gate: highway}\nmodel: {encoder: [{type: gated_conv, gate: '${vars.gate}'}]}\n",
    "task: couplet\nvars: {o: adam}\noptimizer: {type: '${vars.o}', learning_rate: 1e-3}\n",
    "task: couplet\nvars: {o: adam, x: true}\noptimizer: ${vars.o}\ntrain: {xla: '${vars.x}'}\n",
    "task: couplet\nvars: {s: [晚风]}\nsamples: ${vars.s}\n",
    "task: couplet\nvars: {t: {epochs: 3}}\ntrain: ${vars.t}\n",
    "task: couplet\noptimizer: {type: adamw, schedule: {type: cosine, final: 0}}\ntricks: [ema, {type: clip_gradients}]\n",
    "task: couplet\nobservers: [tensorboard, {type: keras_callback, callback: 'a:B', arguments: {x: 1, y: no}}]\n",
    "task: segmentation\nmodel: {embedding: {ngrams: [{}, {size: 3}], lexicon: {}}}\n",
    "task: couplet\ndata: {root: ., limit: 5, on_bad_line: skip, normalize: {case: lower}}\n",
    "task: couplet\ntrain: {stages: [{epochs: 1, frozen: [a, b]}, {steps: 9, trainable_from: x, optimizer: adam}]}\n",
    "task: couplet\nvars: {o: adam, s: [{epochs: 1}]}\ntrain: {stages: '${vars.s}'}\n",
    "task: couplet\nvars: {o: adam}\ntrain: {stages: [{epochs: 1, optimizer: '${vars.o}'}, {steps: 1, optimizer: ~}]}\n",
    "task: couplet\ntrain: {epochs: ~, stages: [{steps: 1, optimizer: {type: sgd, momentum: 0.9}}]}\n",
    "task: title\nmodel: {coverage: 1.0}\n",
    "task: dogs\nseed: 3\n",
    "task: couplet\ninclude: []\ntrain: {evaluate_every: 100, early_stopping: {patience: 2}}\n",
]


@cache
def validator() -> Draft202012Validator:
    schema = json_schema(builtin_registry())
    Draft202012Validator.check_schema(without_repetitions(schema, set()))
    return Draft202012Validator(schema)


def without_repetitions(part: Any, seen: set[str]) -> Any:
    """A schema with `{}`, which may stand for any object, where something stands for another time.

    What is sound in one place is sound in another, and most of the 16,000 parts repeat each other.
    """
    if isinstance(part, list):
        return [without_repetitions(each, seen) for each in part]
    if not isinstance(part, dict):
        return part
    text = json.dumps(part)
    if text in seen:
        return {}
    seen.add(text)
    return {key: without_repetitions(value, seen) for key, value in part.items()}


def plain(text: str) -> Plain:
    return parse(Source("c.yaml", text, Path()))[0].plain()


def accepts(text: str) -> bool:
    return bool(validator().is_valid(plain(text)))


def test_shipped_configs_are_valid(subtests: pytest.Subtests) -> None:
    assert {"couplet.yaml", "segmentation.yaml"} <= {path.name for path in SHIPPED}
    for path in SHIPPED:
        with subtests.test(str(path.relative_to(ROOT))):
            text = path.read_text(encoding="utf-8")
            assert [error.message for error in validator().iter_errors(plain(text))] == []


@pytest.mark.parametrize("text", BROKEN)
def test_both_refuse(problems: Problems, text: str) -> None:
    assert problems(text)
    assert not accepts(text)


@pytest.mark.parametrize("text", SOUND)
def test_both_accept(problems: Problems, text: str) -> None:
    assert problems(text) == []
    assert accepts(text)


def test_a_file_that_extends_another_may_leave_things_out() -> None:
    for text in (
        "optimizer: {learning_rate: 1e-2}\n",
        "data: {source: {type: pairs, test: t.tsv}}\n",
        "observers: [{type: keras_callback}]\n",
        "decode: {dictionary: words.tsv}\n",
        "train: {epochs: 3}\n",
        "train: {epochs: ~, stages: [{epochs: 3, optimizer: {type: sgd}}]}\n",
    ):
        assert accepts(f"extends: base.yaml\n{text}")
    for text in ("train: {epoch: 3}\n", "optimizer: {type: adam, beta: 1}\n", "sed: 1\n"):
        assert not accepts(f"extends: base.yaml\n{text}")
        assert not accepts(f"extends: [base.yaml]\ntask: couplet\n{text}")


def test_a_task_is_needed_only_without_extends() -> None:
    assert not accepts("seed: 1\n")
    assert accepts("extends: base.yaml\nseed: 1\n")


def test_options_have_descriptions_and_defaults() -> None:
    definitions = json.loads(json.dumps(json_schema(builtin_registry())))["$defs"]
    kernel = definitions["GatedConv"]["properties"]["kernel_size"]
    assert kernel["description"] == "number of positions in the window of the convolution."
    assert kernel["default"] == 3
    assert {"minimum": 1, "type": "integer"} in kernel["anyOf"]
    undescribed = [
        f"{name}.{key}"
        for name, definition in definitions.items()
        for key, value in definition.get("properties", {}).items()
        if key not in ("type", "task", "format", "extends", "include", "vars") and "description" not in value
    ]
    assert undescribed == []


def test_every_kind_is_a_choice_of_its_names() -> None:
    registry = builtin_registry()
    definitions = json.loads(json.dumps(json_schema(registry)))["$defs"]
    for kind in registry.kinds:
        if kind != "task":
            bare, interpolation, options = definitions[kind]["anyOf"]
            names = [
                name
                for entry in registry
                if entry.kind == kind
                for name in (entry.name, *entry.component.aliases)
            ]
            assert set(bare["enum"]) <= set(names)
            assert interpolation == {"$ref": f"#/$defs/{INTERPOLATION}"}
            assert sorted(options["properties"]["type"]["anyOf"][0]["enum"]) == sorted(names)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("task: couplet\nmetrics: [nll, bleu]\n", True),
        ("task: couplet\nmetrics: [word_f1]\n", False),
        ("task: couplet\nloss: {type: crf_nll}\n", True),  # with the head crf
        ("task: couplet\nloss: elbo\n", False),
        ("task: poem\ndecode: {type: beam}\n", False),
        ("task: similarity\nloss: cosent\n", True),  # with scored pairs
        ("task: similarity\nloss: {type: in_batch, scale: 12}\n", True),  # a former name
        ("task: similarity\nloss: {type: in_batch, margin: 12}\n", False),
        ("extends: base.yaml\ntask: couplet\ndecode: {type: viterbi}\n", False),
        ("extends: base.yaml\ndecode: {type: viterbi}\n", True),
    ],
)
def test_only_components_that_can_fit_the_task_are_listed(text: str, fits: bool) -> None:
    assert accepts(text) == fits


def test_plugins_take_part() -> None:
    schema = json_schema(load_registry([ROOT / "docs" / "plugins" / "squeeze.py"]))
    text = (ROOT / "docs" / "plugins" / "squeeze.yaml").read_text(encoding="utf-8")
    assert Draft202012Validator(schema).is_valid(plain(text))
    assert not accepts(text)
