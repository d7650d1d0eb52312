"""What proposals depend on, and what the pruner and the importance say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nlpx.sweeps.importance import importances
from nlpx.sweeps.prune import hopeless
from nlpx.sweeps.results import Outcome
from nlpx.sweeps.samplers import propose
from nlpx.sweeps.space import Choice, Range, Space
from nlpx.sweeps.spec import Prune, Sweep
from tests.sweeps.making import outcome

SPACE: Space = {
    "rate": Range(range=[1e-5, 1], log=True),
    "kind": Choice(choice=["a", {"b": [1]}]),
    "size": Range(range=[1, 8], integer=True, when={"kind": [{"b": [1]}]}),
}


def spec(sampler: str = "tpe", **more: object) -> Sweep:
    return Sweep.model_validate(
        {"config": "c.yaml", "sampler": sampler, "startup": 8, "space": SPACE, **more}
    )


def run(sweep: Sweep, count: int) -> list[Outcome]:
    """Trials one after the other; 1e-2 is the best rate."""
    known: list[Outcome] = []
    for number in range(count):
        point = propose(sweep, number, "min", known, [o.trial.point for o in known])
        assert point is not None
        known.append(outcome(number, [abs(math.log10(point["rate"]) + 2)], **point))
    return known


def rates(outcomes: list[Outcome]) -> list[float]:
    return [o.trial.point["rate"] for o in outcomes]


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_proposals_follow_from_seed_number_and_results(sampler: str) -> None:
    known = run(spec(sampler), 12)
    assert rates(run(spec(sampler), 12)) == rates(known)
    assert rates(run(spec(sampler, seed=1), 12)) != rates(known)
    again = [propose(spec(sampler), 12, "min", order, []) for order in (known, known[::-1])]
    assert again[0] == again[1] != propose(spec(sampler), 13, "min", known, [])


def test_tpe_learns_from_results_and_random_does_not() -> None:
    distances = {
        sampler: np.mean(
            [
                abs(math.log10(rate) + 2)
                for seed in range(3)
                for rate in rates(run(spec(sampler, seed=seed), 30))[8:]
            ]
        )
        for sampler in ("tpe", "random")
    }
    assert distances["tpe"] < 0.8 * distances["random"]


def test_trials_that_diverged_or_were_stopped_are_avoided() -> None:
    known = run(spec(), 8)
    bad = [
        outcome(
            number, [0.0], "diverged" if number % 2 else "pruned", rate=1e-2 * (1 + number / 99), kind="a"
        )
        for number in range(8, 40)
    ]
    near = [propose(spec(), number, "min", [*known, *bad], []) for number in range(40, 60)]
    assert np.mean([abs(math.log10(point["rate"]) + 2) < 0.1 for point in near if point]) < 0.2


@pytest.mark.parametrize("sampler", ["grid", "random", "tpe"])
def test_a_small_space_is_proposed_once(sampler: str) -> None:
    sweep = Sweep.model_validate({"config": "c", "sampler": sampler, "startup": 2, "space": {"a": [1, 2, 3]}})
    known: list[Outcome] = []
    while point := propose(sweep, len(known), "max", known, [o.trial.point for o in known]):
        known.append(outcome(len(known), [point["a"]], **point))
    assert sorted(o.trial.point["a"] for o in known) == [1, 2, 3]


OTHERS = [{1: 5.0, 2: 4.0, 3: 3.0}, {1: 5.0, 2: 4.2, 3: 4.4}, {1: 5.0, 2: 4.4}]


@pytest.mark.parametrize(
    ("values", "options", "stopped"),
    [
        ({1: 5.1, 2: 4.3}, {}, True),
        ({1: 5.1, 2: 4.2}, {}, False),
        ({1: 4.1, 2: 9.0}, {}, False),  # its best value counts
        ({1: 5.1}, {"after": 2}, False),
        ({1: 5.1, 2: 4.3}, {"startup": 4}, False),
        ({1: 5.1, 3: 4.3}, {"startup": 3}, False),  # two of the others got there
        ({}, {}, False),
    ],
)
def test_a_run_below_the_median_is_stopped(
    values: dict[int, float], options: dict[str, int], stopped: bool
) -> None:
    prune = Prune(**{"startup": 2, **options})
    assert bool(hopeless(prune, "min", values, OTHERS)) == stopped
    negated = [{step: -value for step, value in other.items()} for other in OTHERS]
    assert bool(hopeless(prune, "max", {step: -value for step, value in values.items()}, negated)) == stopped


def test_what_matters_is_important() -> None:
    random = np.random.default_rng(0)
    space: Space = {"a": Choice(choice=[1, 2]), "b": Choice(choice=[1, 2]), "c": Range(range=[0, 1])}
    trials = []
    for number in range(60):
        a, b, c = int(random.integers(1, 3)), int(random.integers(1, 3)), float(random.random())
        trials.append(outcome(number, [a + (c - 0.5) ** 2], a=a, b=b, c=c))
    found = importances(space, trials, "min")
    assert found["a"] is not None and found["b"] is not None and found["c"] is not None
    assert found["a"] > 0.6 > found["c"] > 0.02 > found["b"]
    assert importances(space, trials[:1], "min") == {"a": None, "b": None, "c": None}
