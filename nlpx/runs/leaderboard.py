"""Runs in the order of a value, and grouped by config, with means over seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import fmean

from nlpx.runs.directory import RunDirectory
from nlpx.runs.flatten import MISSING, differences
from nlpx.runs.interval import half_width
from nlpx.runs.listing import Summary
from nlpx.runs.record import Snapshot
from nlpx.runs.result_settings import result_settings

SORTED_BY = ("created", "value", "run", "task", "status", "step", "size")


@dataclass(frozen=True)
class Filter:
    """Which runs are listed; None and empty values admit all.

    Attributes:
        config: the beginning of the hash of a config.
        tags: tags that a run must have.
        since: moment after which a run was started.
        measured: whether a run must have the metric.
    """

    config: str = ""
    status: str | None = None
    tags: Sequence[str] = ()
    since: datetime | None = None
    measured: bool = False

    def admits(self, run: Summary) -> bool:
        """Whether a run is listed."""
        return (
            run.config.startswith(self.config)
            and self.status in (None, run.status)
            and set(self.tags) <= set(run.tags)
            and (self.since is None or _moment(run.created) >= self.since.timestamp())
            and (not self.measured or run.value is not None)
        )


def ordered(runs: Iterable[Summary], by: str, reverse: bool = False) -> list[Summary]:
    """Runs in an order: newest first, best first within each task and metric, largest first, or by name.

    Args:
        by: one of SORTED_BY.
    """
    found = sorted(runs, key=lambda run: run.created, reverse=True)
    if by == "value":
        found.sort(key=_merit)
    elif by in ("size", "step"):
        found.sort(key=lambda run: -(getattr(run, by) or 0))
    elif by != "created":
        found.sort(key=lambda run: str(getattr(run, {"run": "label"}.get(by, by))))
    return found[::-1] if reverse else found


@dataclass(frozen=True)
class SeedGroup:
    """Runs whose configs differ in the seed alone, on the same data, by the same metric.

    Attributes:
        config: hash of the config.
        settings: keys in which the groups of the task differ, with the values of this one.
        mean: of the values.
        half_width: half of the 95 % interval of the mean; None for one value.
        n: number of values.
        difference: mean of the differences from the best group with the same seeds, and half of its interval;
            None where fewer than two seeds are shared.
    """

    config: str
    task: str
    metric: str
    settings: dict[str, object]
    runs: list[str]
    mean: float | None
    half_width: float | None
    n: int
    difference: tuple[float, float] | None = None


def grouped(runs: Iterable[Summary]) -> list[SeedGroup]:
    """Groups of the runs that can be read, best first within each task and metric.

    Of several runs with the same seed, the newest one with a value counts.
    """
    members: defaultdict[tuple[str, str, str, str], list[Summary]] = defaultdict(list)
    for run in ordered((run for run in runs if run.status != "broken"), "created"):
        members[run.task, run.monitor or "", run.data, run.config].append(run)
    by_seed = {key: _by_seed(group) for key, group in members.items()}
    best: dict[tuple[str, str, str], tuple[str, str, str, str]] = {}
    order = sorted(members, key=lambda key: _group_merit(key, members[key], by_seed[key]))
    settings = _settings({key: members[key][0] for key in order})
    found = []
    for key in order:
        values = list(by_seed[key].values())
        first = best.setdefault(key[:3], key)
        found.append(
            SeedGroup(
                config=key[3],
                task=key[0],
                metric=key[1],
                settings=settings[key],
                runs=[run.label for run in members[key]],
                mean=fmean(values) if values else None,
                half_width=half_width(values),
                n=len(values),
                difference=None if first == key else _difference(by_seed[key], by_seed[first]),
            )
        )
    return found


def _by_seed(runs: Sequence[Summary]) -> dict[int, float]:
    found: dict[int, float] = {}
    for run in runs:
        if run.seed is not None and run.value is not None:
            found.setdefault(run.seed, run.value)
    return found


def _difference(values: dict[int, float], best: dict[int, float]) -> tuple[float, float] | None:
    paired = [value - best[seed] for seed, value in values.items() if seed in best]
    half = half_width(paired)
    return None if half is None else (fmean(paired), half)


def _settings(groups: dict[tuple[str, str, str, str], Summary]) -> dict[tuple[str, ...], dict[str, object]]:
    """The settings in which the groups of each task differ."""
    found: dict[tuple[str, ...], dict[str, object]] = {}
    for task in dict.fromkeys(key[0] for key in groups):
        keys = [key for key in groups if key[0] == task]
        sides = [
            result_settings(Snapshot.of(RunDirectory(Path(groups[key].path))).experiment) for key in keys
        ]
        rows = {name: row for name, row in differences(sides).items() if name != "seed"}
        for place, key in enumerate(keys):
            found[key] = {name: row[place] for name, row in rows.items() if row[place] is not MISSING}
    return found


def _merit(run: Summary) -> tuple[str, str, bool, float]:
    value = run.value if run.value is not None else 0.0
    return run.task, run.monitor or "", run.value is None, -value if run.direction == "max" else value


def _group_merit(
    key: tuple[str, ...], runs: Sequence[Summary], values: dict[int, float]
) -> tuple[str, str, str, bool, float]:
    mean = fmean(values.values()) if values else 0.0
    return key[0], key[1], key[2], not values, -mean if runs[0].direction == "max" else mean


def _moment(created: str) -> float:
    try:
        return datetime.fromisoformat(created).timestamp()
    except (ValueError, OverflowError):
        return 0.0
