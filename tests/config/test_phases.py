"""One optimizer for all phases of a learner, or one for each."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from nlpx.components.optimizers.adam import Adam
from nlpx.components.optimizers.sgd import SGD
from nlpx.components.schedules.linear import Linear
from nlpx.config.dump import dump_experiment
from nlpx.config.json_schema import json_schema
from nlpx.config.load import load_experiment
from nlpx.config.problems import ConfigProblems
from nlpx.core.registry import load_registry
from nlpx.specs.experiment import Experiment
from tests.plugins import forgotten

PLUGIN = '''
"""A task whose learner has two phases."""
from typing import ClassVar, Literal
from pydantic import Field
from nlpx.tasks.couplet.config import Couplet

class Duel(Couplet):
    """Couplets again.

    Options: none.
    Example:
        task: duel
    """
    phases: ClassVar[tuple[str, ...]] = ("generator", "discriminator")
    type: Literal["duel"] = Field("duel", alias="task")
'''


def load(folder: Path, text: str) -> Experiment:
    (folder / "duel.py").write_text(PLUGIN, encoding="utf-8")
    (folder / "c.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
    with forgotten():
        return load_experiment(folder / "c.yaml", includes=[folder / "duel.py"]).experiment


def test_one_block_or_one_for_each_phase(tmp_path: Path) -> None:
    for block in ("sgd", "{type: sgd}"):
        assert load(tmp_path, f"task: duel\noptimizer: {block}\n").optimizer == SGD()
    experiment = load(
        tmp_path,
        """
        task: duel
        optimizer:
          generator: {type: adam, learning_rate: 1e-4, schedule: linear}
          discriminator: sgd
        """,
    )
    expected = {"generator": Adam(learning_rate=1e-4, schedule=Linear()), "discriminator": SGD()}
    assert experiment.optimizer == expected
    assert load(tmp_path, dump_experiment(experiment)).optimizer == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "optimizer: {generator: adam}",
            "C102 optimizer the phase discriminator has no optimizer; expected one optimizer, or one for each phase",
        ),
        (
            "optimizer: {generator: adam, discriminator: sgd, disciminator: sgd}",
            "C101 optimizer.disciminator there is no such phase; expected generator or discriminator; "
            "did you mean discriminator?",
        ),
        (
            "optimizer: {generator: adam, discriminator: {type: sgd, momentun: 0.5}}",
            "C101 optimizer.discriminator.momentun unknown key",
        ),
        ("optimizer: {generator: adan, discriminator: sgd}", "C106 optimizer.generator"),
        ("optimizer: {learning_rate: 0.1}", "optimizer.learning_rate"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigProblems) as caught:
        load(tmp_path, f"task: duel\n{text}\n")
    found = [
        "; ".join(
            filter(None, [f"{p.code} {p.path} {p.what}", p.expected and f"expected {p.expected}", p.advice])
        )
        for p in caught.value.problems
    ]
    assert any(told in line for line in found), found


def test_a_task_without_phases_takes_one_block(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblems, match="this optimizer has no `type`"):
        load(tmp_path, "task: couplet\noptimizer: {generator: adam}\n")


def test_the_schema_knows_the_phases(tmp_path: Path) -> None:
    (tmp_path / "duel.py").write_text(PLUGIN, encoding="utf-8")
    with forgotten():
        schema = Draft202012Validator(json_schema(load_registry([tmp_path / "duel.py"])))
    both = {"generator": "adam", "discriminator": {"type": "sgd", "momentum": 0.5}}
    for task, optimizer, fits in (
        ("duel", "adam", True),
        ("duel", both, True),
        ("duel", {"generator": "adam"}, False),
        ("duel", {**both, "discriminator": {"type": "sgd", "beta_1": 0.5}}, False),
        ("duel", {**both, "judge": "sgd"}, False),
        ("couplet", both, False),
    ):
        assert schema.is_valid({"task": task, "optimizer": optimizer}) == fits, (task, optimizer)
