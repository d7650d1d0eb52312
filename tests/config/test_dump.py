"""A resolved config says everything and loads to an equal experiment."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from nlpx.components.optimizers.adam import Adam
from nlpx.config.dump import dump_experiment
from nlpx.config.load import load_experiment
from nlpx.core.component import builtin_registry
from nlpx.specs.experiment import Experiment
from nlpx.tasks.couplet.config import Couplet
from nlpx.tasks.segmentation.config import Segmentation
from tests.config.conftest import Load

TASKS: list[type[Experiment]] = [Couplet, Segmentation]


def loaded(text: str) -> Experiment:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "resolved.yaml"
        path.write_text(text, encoding="utf-8")
        return load_experiment(path, moved=True).experiment


@pytest.mark.parametrize("task", TASKS)
def test_every_default_is_written(task: type[Experiment]) -> None:
    data_section = task.model_fields["data"].default.model_copy(update={"root": "/corpora"})
    experiment = task.model_validate({"data": data_section})
    text = dump_experiment(experiment)
    data = yaml.safe_load(text)
    assert next(iter(data)) == "task"
    assert set(data) == {field.alias or name for name, field in task.model_fields.items()}
    assert set(data["train"]) == set(type(experiment.train).model_fields)
    assert set(data["optimizer"]) == set(Adam.model_fields)
    assert loaded(text) == experiment


def test_stages_survive(load: Load) -> None:
    experiment = load(
        "task: couplet\ntrain: {stages: [{epochs: 1, frozen: [a]}, {steps: 2, optimizer: {type: sgd, momentum: 0.5}}]}\n"
    )
    text = dump_experiment(experiment)
    train = yaml.safe_load(text)["train"]
    assert (train["epochs"], train["steps"]) == (None, None)
    assert [stage["steps"] for stage in train["stages"]] == [None, 2]
    assert train["stages"][1]["optimizer"]["momentum"] == 0.5
    assert loaded(text) == experiment


def test_plugin_free_entries_of_every_kind_survive(load: Load) -> None:
    experiment = load(
        "task: couplet\n"
        "model: {encoder: [{type: bidirectional, units: 64}, {type: gated_conv, gate: residual_glu}]}\n"
        "optimizer: {type: adamw, learning_rate: 1e-5, schedule: {type: exponential, factor: 0.5}}\n"
        "tricks: [{type: clip_gradients, norm: 0.1}, ema]\n"
        "metrics: [nll, {type: bleu, tokenize: char}]\n"
        "observers: [{type: keras_callback, callback: 'a.b:C', arguments: {x: 1, y: 1.0, z: null, w: '1'}}]\n"
    )
    again = loaded(dump_experiment(experiment))
    assert again == experiment
    assert dump_experiment(again) == dump_experiment(experiment)
    assert isinstance(experiment, Couplet)
    assert isinstance(again, Couplet)
    assert list(map(type, again.model.encoder)) == list(map(type, experiment.model.encoder))


texts = st.one_of(
    st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=12),
    st.text("${}:#-'\"\\ \n\t晚。～　0123456789.e+-_~<=!&*?|>%@`[],", max_size=10),
    st.sampled_from(
        [
            "no",
            "Yes",
            "1e-4",
            "012",
            "0o7",
            "0x1",
            "1_0",
            "1:30",
            "~",
            "null",
            "",
            " ",
            "<<",
            "=",
            ".inf",
            "2001-01-01",
        ]
    ),
    st.sampled_from(["${vars.x}", "$${a}", "a: b", "- a", "# a", "\x85", "\u2028", "\ufeff", "\x7f", "😀"]),
)


@given(
    samples=st.lists(texts, max_size=4),
    rate=st.floats(min_value=1e-300, max_value=1e300, exclude_min=True),
    momentum=st.floats(min_value=0, max_value=1, exclude_max=True),
    steps=st.none() | st.integers(min_value=1, max_value=10**30),
    xla=st.booleans(),
)
@example(samples=["\x85", "a\u2028b"], rate=1.0, momentum=0.0, steps=None, xla=False)
def test_round_trip(samples: list[str], rate: float, momentum: float, steps: int | None, xla: bool) -> None:
    experiment = Segmentation.model_validate(
        {
            "task": "segmentation",
            "data": {"root": "/corpora"},
            "samples": samples,
            "optimizer": {"type": "sgd", "learning_rate": rate, "momentum": momentum},
            "train": {"steps": steps, "xla": xla},
        },
        context=builtin_registry(),
    )
    assert loaded(dump_experiment(experiment)) == experiment
