"""Old names of tasks, keys and components keep working, and `nlpx check` says what they are called now."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from nlpx.components.optimizers.base import Optimizer
from nlpx.config.json_schema import json_schema
from nlpx.config.load import Loaded, load_experiment
from nlpx.config.problems import ConfigProblems
from nlpx.core.registry import load_registry
from tests.config.test_json_schema import plain
from tests.plugins import forgotten

PLUGIN = '''
from typing import ClassVar, Literal
from pydantic import Field
from nlpx.components.optimizers.adam import Adam
from nlpx.components.optimizers.base import Optimizer
from nlpx.components.tricks.base import Trick
from nlpx.tasks.couplet.config import Couplet

class Turbo(Adam):
    """As adam.

    Options: none.
    Example:
        optimizer: turbo
    """
    aliases: ClassVar[tuple[str, ...]] = ("old_turbo",)
    type: Literal["turbo"] = "turbo"
    boost: float = 1.0

class Distichs(Couplet):
    """As couplet.

    Options: none.
    Example:
        task: distichs
    """
    aliases: ClassVar[tuple[str, ...]] = ("old_distichs",)
    renamed = {"train.batch": "train.batch_size", "model.boost": "optimizer.boost"}
    type: Literal["distichs"] = Field("distichs", alias="task")
    optimizer: Optimizer = Turbo()
'''


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    path = tmp_path / "renamed.py"
    path.write_text(PLUGIN, encoding="utf-8")
    return path


def load(folder: Path, plugin: Path, text: str) -> Loaded:
    config = folder / "c.yaml"
    config.write_text(textwrap.dedent(text), encoding="utf-8")
    with forgotten():
        return load_experiment(config, includes=[plugin])


def _optimizer(found: Loaded) -> Optimizer:
    assert isinstance(found.experiment.optimizer, Optimizer)
    return found.experiment.optimizer


def test_an_old_task_and_an_old_type(tmp_path: Path, plugin: Path) -> None:
    found = load(tmp_path, plugin, "task: old_distichs\noptimizer: old_turbo\n")
    assert (found.experiment.type, _optimizer(found).type) == ("distichs", "turbo")
    assert [note.partition("c.yaml:")[2] for note in found.notes] == [
        "1:7: note: task: `old_distichs` was renamed to `distichs`; the old name still works",
        "2:12: note: optimizer: `old_turbo` was renamed to `turbo`; the old name still works",
    ]
    found = load(tmp_path, plugin, "task: distichs\noptimizer: {type: old_turbo, boost: 2.0}\n")
    assert _optimizer(found).boost == 2.0  # type: ignore[attr-defined]
    assert len(found.notes) == 1


@pytest.mark.parametrize(
    ("text", "boost"),
    [
        ("model: {boost: 3.0}", 3.0),
        ("model: {boost: 3.0}\noptimizer: turbo", 3.0),
        ("model: {boost: 3.0}\noptimizer: {type: old_turbo, learning_rate: 0.1}", 3.0),
    ],
)
def test_an_old_key_goes_to_its_new_place(tmp_path: Path, plugin: Path, text: str, boost: float) -> None:
    found = load(tmp_path, plugin, f"task: distichs\ntrain: {{batch: 5}}\n{text}\n")
    assert found.experiment.train.batch_size == 5
    assert _optimizer(found).boost == boost  # type: ignore[attr-defined]
    assert "`train.batch` was renamed to `train.batch_size`" in found.notes[0]


def test_what_is_wrong_with_an_old_key_is_told_where_it_stands(tmp_path: Path, plugin: Path) -> None:
    with pytest.raises(ConfigProblems) as caught:
        load(tmp_path, plugin, "task: distichs\ntrain: {batch: many}\n")
    (problem,) = caught.value.problems
    assert (problem.code, problem.mark.line) == ("C103", 2)


def test_both_names_of_a_key_are_one_too_many(tmp_path: Path, plugin: Path) -> None:
    with pytest.raises(ConfigProblems) as caught:
        load(tmp_path, plugin, "task: distichs\ntrain: {batch: 5, batch_size: 6}\n")
    assert [problem.path for problem in caught.value.problems] == ["train.batch"]


def test_editors_accept_old_types(plugin: Path) -> None:
    with forgotten():
        validator = Draft202012Validator(json_schema(load_registry([plugin])))
    for text in (
        "task: old_distichs\noptimizer: old_turbo\n",
        "task: couplet\noptimizer: {type: old_turbo}\n",
    ):
        assert validator.is_valid(plain(text))
    assert not validator.is_valid(plain("task: older_distichs\n"))
