"""Propose the next point, which depends on the seed of the sweep, its number, and finished trials only."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np

from nlpx.components.metrics.base import Direction
from nlpx.sweeps.results import Outcome
from nlpx.sweeps.space import Point, draw, grid
from nlpx.sweeps.spec import Sweep

ATTEMPTS = 100
"""Number of draws after which a space is taken to have no further points."""


def propose(
    sweep: Sweep, number: int, direction: Direction, known: Sequence[Outcome], taken: Sequence[Point]
) -> Point | None:
    """The point of a trial that differs from all others; None if the space has no further ones.

    Args:
        number: of the trial.
        direction: whether lower or higher is better.
        known: trials that are decided; the order does not matter.
        taken: points of all trials with lower numbers.
    """
    if sweep.sampler == "grid":
        return next(islice(grid(sweep.space), number, None), None)

    def random(attempt: int) -> Point:
        return draw(sweep.space, np.random.default_rng([sweep.seed, number, attempt]))

    def informed(attempt: int) -> Point:
        from nlpx.sweeps.tpe import suggest

        seed = int(np.random.SeedSequence([sweep.seed, number, attempt]).generate_state(1)[0])
        return suggest(sweep.space, direction, sweep.startup, seed, known)

    usable = sum(outcome.decision in ("finished", "pruned", "diverged") for outcome in known)
    enough = sweep.sampler == "tpe" and usable >= sweep.startup
    found = _new(informed, taken) if enough else None
    return _new(random, taken) if found is None else found


def _new(proposal: Callable[[int], Point], taken: Sequence[Point]) -> Point | None:
    known = {json.dumps(point, sort_keys=True) for point in taken}
    for attempt in range(ATTEMPTS):
        point = proposal(attempt)
        if json.dumps(point, sort_keys=True) not in known:
            return point
    return None
