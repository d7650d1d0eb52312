"""What holds for every trick of the registry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.tricks.base import Course, Trick
from nlpx.components.varying import at
from nlpx.config.load import load_experiment
from nlpx.core.component import Entry, builtin_registry
from nlpx.engine.update import Update
from tests.components.test_varying import STEP, TOTAL, varying
from tests.components.tricks.harness import Updates, weight
from tests.components.tricks.tapped import Evaluated, example, tapped
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


OPTIONS = [(entry, path[0]) for entry in TRICKS for path in varying(entry.component)]
OPTIONS += [(entry, "multipliers") for entry in TRICKS if entry.name == "lr_multipliers"]
BESIDES: dict[str, dict[str, object]] = {"lookahead": {"steps": 1}, "adversarial": {"epsilon": 1.0}}
"""Options with which the update or the terms of an example depend on all others."""
BATCH = {"char": np.full((9, 30), 7), "image": np.full((9, 8, 8, 1), 200, np.uint8)}
"""What tricks on the side of the data change."""


def effect(options: dict[str, Any]) -> list[float]:
    """What a trick makes of an update: its terms, or weights as they are trained and evaluated."""
    trick = Trick.model_validate(options)
    with at(STEP, TOTAL):
        if type(trick).data is not Trick.data:
            changed = trick.data(BATCH, np.arange(len(BATCH["char"])), 0, 1)
            return [number for _, array in sorted(changed.items()) for number in array.flat]
        if type(trick).objective is not Trick.objective:
            terms = Evaluated(tapped(), trick)(example(4))[0]
            return [number for term in terms.values() for number in term]
        weights = [weight([[1.0, -2.0]], "w"), weight([1.0], "head")]
        course = Course(parts=[[variable] for variable in weights])
        updates = Updates(weights, keras.optimizers.SGD(0.1), trick, course=course)
        updates([[0.5, 4.0]], [0.0])
        found = updates([[3.0, -1.0]], [0.0]), updates.evaluated()
        return [number for values in found for number in values[0].flat]


@pytest.mark.parametrize(
    ("entry", "option"), OPTIONS, ids=[f"{entry.name}-{option}" for entry, option in OPTIONS]
)
def test_an_option_follows_a_schedule(entry: Entry, option: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.random, "normal", lambda shape, **_: tf.ones(shape))
    given = {"type": entry.name, **BESIDES.get(entry.name, {})}
    scheduled, constant, other = (
        effect({**given, option: {"w": value} if option == "multipliers" else value})
        for value in ({"value": 0.6, "schedule": {"type": "linear", "final": 0.5}}, 0.5, 0.7)
    )
    np.testing.assert_allclose(scheduled, constant, rtol=1e-5, atol=1e-7)
    assert entry.name == "r_drop" or not np.allclose(scheduled, other, rtol=1e-5)


def test_most_options_of_tricks_may_follow_a_schedule() -> None:
    names = {f"{entry.name}.{option}" for entry, option in OPTIONS}
    assert names >= {
        "ema.momentum",
        "layer_decay.factor",
        "lookahead.alpha",
        "mixup.alpha",
        "word_dropout.rate",
    }
