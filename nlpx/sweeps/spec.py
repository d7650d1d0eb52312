"""The content of a sweep file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from nlpx.core.component import Section
from nlpx.core.options import NonNegativeInt, PositiveFloat, PositiveInt
from nlpx.specs.sections import Monitor
from nlpx.sweeps.space import Dimension

LONGEST_NAME = 60
"""Characters: the names of runs begin with it, and those of files are limited to 255 bytes."""
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Budget(Section):
    """When a sweep ends. No run is started once one of these is reached; runs that have begun end normally.

    Options:
        trials: number of trials.
        steps: updates of all runs together.
        hours: hours of training of all runs together.
    """

    trials: PositiveInt | None = None
    steps: PositiveInt | None = None
    hours: PositiveFloat | None = None


class Prune(Section):
    """Stop runs that are worse than the median of those with the same seed, at the same step.

    Options:
        after: number of updates before a run may be stopped.
        startup: number of other runs that must have reached the step.
    """

    after: NonNegativeInt = 0
    startup: PositiveInt = 4


class Sweep(Section):
    """A sweep: trials of one config with other values, each with one or several seeds.

    Options:
        config: the config, relative to the sweep file.
        name: name of the sweep, with which the names of its runs begin; default: that of the file.
        metric: the metric of the validation split that is compared; default: that which selects the best
            checkpoint.
        direction: whether lower or higher is better; default: that of the metric.
        sampler: how points are chosen. grid: all of them; random; tpe: by what is known from finished
            trials, with Optuna (extra `sweep`).
        startup: number of finished trials before `tpe` uses them.
        seed: seed of the sampler.
        seeds: seeds of the runs of a trial; default: that of the config.
        budget: when the sweep ends.
        prune: stop bad runs early.
        set: values of the config that differ in all trials, as in `--set`.
        space: the dimensions, by the keys of the config.
    """

    config: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(pattern=r"^\w[\w.-]*$", max_length=LONGEST_NAME)] | None = None
    metric: Monitor | None = None
    direction: Literal["min", "max"] | None = None
    sampler: Literal["grid", "random", "tpe"] = "grid"
    startup: PositiveInt = 10
    seed: Seed = 0
    seeds: Annotated[list[Seed], Field(min_length=1)] | None = None
    budget: Budget = Budget()
    prune: Prune | None = None
    set: dict[str, Any] = {}
    space: Annotated[dict[str, Dimension], Field(min_length=1)]
