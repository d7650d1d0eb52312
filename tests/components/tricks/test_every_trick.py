"""What holds for every trick of the registry."""

from __future__ import annotations

from pathlib import Path

import keras
import pytest

from nlpx.components.tricks.base import Trick
from nlpx.config.load import load_experiment
from nlpx.core.component import Entry, builtin_registry
from nlpx.engine.update import Update
from tests.engine.toy import ToyLearner

CONFIGS = Path(__file__).resolve().parents[3] / "configs" / "tricks"
TRICKS = [entry for entry in builtin_registry() if entry.kind == "trick"]
REQUIRED: dict[str, dict[str, object]] = {
    "freeze": {"only": ["embedding/*"]},
    "lr_multipliers": {"multipliers": {"embedding/*": 0.5}},
}


def name(entry: Entry) -> str:
    return entry.name


@pytest.mark.parametrize("entry", TRICKS, ids=name)
def test_a_config_shows_it_on_a_sample(entry: Entry) -> None:
    experiment = load_experiment(CONFIGS / f"{entry.name}.yaml").experiment
    assert entry.name in [trick.type for trick in experiment.tricks]
    assert experiment.data.source.type == "builtin"


@pytest.mark.parametrize("entry", TRICKS, ids=name)
def test_what_it_excludes_exists(entry: Entry) -> None:
    assert issubclass(entry.component, Trick)
    tricks = {f"trick/{entry.name}" for entry in TRICKS}
    named = {*entry.component.excludes, *entry.component.precedes}
    assert {key for key in named if not key.startswith("optimizer/")} <= tricks


@pytest.mark.parametrize("entry", TRICKS, ids=name)
def test_copies_share_no_state(entry: Entry) -> None:
    """Every phase and stage has a copy; building one leaves the options and the other copies as they are."""
    options = Trick.model_validate({"type": entry.name, **REQUIRED.get(entry.name, {})})
    learner = ToyLearner()
    copies = []
    for _ in range(2):
        copies.append(options.model_copy())
        Update(learner, keras.optimizers.SGD(0.1), copies[-1:])
    first, second = ({id(variable) for variable in copy.variables} for copy in copies)
    assert len(first) == len(second) and not first & second
    assert not options.variables
    assert copies[0].describe() == copies[1].describe()
