"""The proposals that a sweep has recorded. Anybody may have edited their files."""

from __future__ import annotations

import re

from nlpx.core.printable import printable
from nlpx.core.suggest import did_you_mean, listed
from nlpx.errors import DamagedRun
from nlpx.runs.identity import DIGITS, config_id
from nlpx.sweeps.ledger import Ledger, Trial
from nlpx.sweeps.load import LoadedSweep
from nlpx.sweeps.space import Choice, Point, Range, Space, is_one_of

CONFIG = re.compile(f"[0-9a-f]{{{DIGITS}}}")
LONGEST_SHOWN = 60


def recorded(sweep: LoadedSweep, ledger: Ledger) -> list[Trial]:
    """All proposals in the order of their numbers.

    Raises:
        DamagedRun: a file cannot be read, or contains what this sweep does not propose.
    """
    trials = ledger.trials()
    for trial in trials:
        reason = _foreign(sweep.spec.space, trial.point)
        if not trial.problem and not CONFIG.fullmatch(trial.config):
            reason = reason or f"config: {_shown(trial.config)} is not the hash of a config"
        if reason:
            raise damaged(ledger, trial, reason)
    return trials


def expect_config(sweep: LoadedSweep, ledger: Ledger, trial: Trial) -> None:
    """Raise DamagedRun if the hash of a proposal is not that of its point, by which its runs are found."""
    found = config_id(sweep.experiment(trial.point).model_dump(mode="json"))
    if found != trial.config:
        raise damaged(ledger, trial, f"config: {trial.config} is not the hash of its point, {found}")


def damaged(ledger: Ledger, trial: Trial, reason: str) -> DamagedRun:
    """An error about the file of a proposal."""
    path = ledger.folder / f"{trial.number:04d}.json"
    return DamagedRun(path, reason, "Delete this file; the trial is proposed again.")


def _foreign(space: Space, point: Point) -> str:
    """Why a point is not one of a space; empty if it is."""
    for name in point:
        if name not in space:
            advice = did_you_mean(name, space) or f"it has {listed(space, 8)}."
            return f"point: the space of the sweep has no {_shown(name)}; {advice}"
    for name, dimension in space.items():
        active = dimension.active({other: point[other] for other in space if other in point})
        if active != (name in point):
            return f"point: {name} is {'missing' if active else 'not active with the other values'}"
        if active and not _possible(dimension, point[name]):
            return f"point: {_shown(point[name])} is not a value of {name}"
    return ""


def _possible(dimension: Choice | Range, value: object) -> bool:
    if isinstance(dimension, Choice):
        return is_one_of(value, dimension.choice)
    low, high = dimension.range
    wanted = int if dimension.integer else int | float
    return isinstance(value, wanted) and not isinstance(value, bool) and low <= value <= high


def _shown(value: object) -> str:
    text = printable(repr(value))
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
