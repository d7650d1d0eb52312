"""Points by the tree-structured Parzen estimator of Optuna, which is told all results each time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nlpx.components.metrics.base import Direction
from nlpx.sweeps.results import Outcome
from nlpx.sweeps.space import Choice, Point, Range, Space

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial, Trial


def suggest(space: Space, direction: Direction, startup: int, seed: int, known: Sequence[Outcome]) -> Point:
    """A point that is likely to be good.

    Trials that diverged count as worse than all others, and those that were stopped early as worse than
    finished ones.

    Args:
        startup: number of known trials before the estimator is used.
        seed: seed of this proposal.
        known: trials that are decided.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(n_startup_trials=startup, seed=seed)
    directions = {"min": "minimize", "max": "maximize"}
    study = optuna.create_study(sampler=sampler, direction=directions[direction])
    for outcome in sorted(known, key=lambda outcome: outcome.trial.number):
        if outcome.decision in ("finished", "pruned", "diverged"):
            study.add_trial(_told(space, outcome))
    trial = study.ask()
    point: dict[str, Any] = {}
    for name, dimension in space.items():
        if dimension.active(point):
            point[name] = _asked(trial, name, dimension)
    return point


def _asked(trial: Trial, name: str, dimension: Choice | Range) -> Any:
    if isinstance(dimension, Choice):
        return json.loads(trial.suggest_categorical(name, [json.dumps(value) for value in dimension.choice]))
    low, high = dimension.range
    if dimension.integer:
        step = int(dimension.step or 1)
        return trial.suggest_int(name, int(low), int(high), log=dimension.log, step=step)
    return dimension.fit(trial.suggest_float(name, low, high, log=dimension.log, step=dimension.step))


def _told(space: Space, outcome: Outcome) -> FrozenTrial:
    from optuna.trial import TrialState, create_trial

    point = outcome.trial.point
    params = {
        name: json.dumps(value) if isinstance(space[name], Choice) else value for name, value in point.items()
    }
    distributions = {name: _distribution(space[name]) for name in point}
    if outcome.decision == "finished":
        return create_trial(params=params, distributions=distributions, value=outcome.mean)
    values: dict[int, float] = {}
    for result in outcome.results:
        if outcome.decision == "pruned":
            values |= result.values
    return create_trial(
        state=TrialState.PRUNED, params=params, distributions=distributions, intermediate_values=values
    )


def _distribution(dimension: Choice | Range) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(dimension, Choice):
        return CategoricalDistribution([json.dumps(value) for value in dimension.choice])
    low, high = dimension.range
    if dimension.integer:
        return IntDistribution(int(low), int(high), log=dimension.log, step=int(dimension.step or 1))
    return FloatDistribution(low, high, log=dimension.log, step=dimension.step)
