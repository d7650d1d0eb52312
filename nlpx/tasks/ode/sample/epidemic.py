"""A made-up epidemic in a town of about a thousand people: infected people on most days, and a few surveys.

The equations are solved with known parameters, and normal noise is added. The test split is the future of the
others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nlpx.core.lazy import np
from nlpx.data.observations import Observation
from nlpx.data.samples import Sample, SampleRow, by_split
from nlpx.layers.solvers import rk4

CONTACT, RECOVERY, PEOPLE = 0.6, 0.2, 1000.0
INFECTED = 4.0
"""At day 0."""
STEPS = 50
"""Steps of the solver per day."""
NOISE = {"susceptible": 12.0, "infected": 4.0}
DAYS = {"train": range(0, 41, 2), "valid": range(1, 41, 2), "test": range(42, 61)}
SURVEY = 6
"""Days between two counts of those who can still be infected."""
SEED = 20180628
NAMES = ("susceptible", "infected")


def _slope(x: np.ndarray, t: float) -> np.ndarray:
    new = CONTACT * x[0] * x[1] / PEOPLE
    return np.array([-new, new - RECOVERY * x[1]])


def _states() -> Iterator[tuple[int, np.ndarray]]:
    """Every day with its state."""
    x = np.array([PEOPLE, INFECTED])
    for day in range(max(DAYS["test"]) + 1):
        yield day, x
        for _ in range(STEPS):
            x = rk4(_slope, x, 0.0, 1 / STEPS)


def _splits() -> dict[str, Sequence[SampleRow]]:
    noise = np.random.default_rng(SEED)
    rows: dict[str, list[SampleRow]] = {split: [] for split in DAYS}
    for day, state in _states():
        seen = [max(x + NOISE[name] * noise.normal(), 0.0) for name, x in zip(NAMES, state, strict=True)]
        cells = [f"{seen[0]:.0f}" if day % SURVEY in (0, 1) else "", f"{seen[1]:.0f}"]
        split = next((split for split, days in DAYS.items() if day in days), None)
        if split:
            rows[split].append(SampleRow("generated", (str(day), *cells)))
    return dict(rows)


def _record(where: str, row: SampleRow) -> Observation:
    time, *cells = row.parts
    return Observation(where, float(time), NAMES, tuple(float(cell) if cell else None for cell in cells))


SAMPLE = Sample(Observation.kind, by_split(_splits), _record)
