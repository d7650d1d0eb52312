"""Schedules: the learning rate as a function of the step."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from nlpx.specs.base import ComponentOf, NonNegativeFloat, NonNegativeInt, PositiveInt, Spec


class ScheduleSpec(Spec):
    """The base of every schedule: its peak is the optimizer's `learning_rate`, its steps are updates."""

    kind: ClassVar[str] = "schedule"

    warmup_steps: NonNegativeInt = 0


Schedule = Annotated[ScheduleSpec, ComponentOf("schedule")]


class Constant(ScheduleSpec):
    """A constant learning rate after a linear warm-up: rate(s) = peak * min(1, (s + 1) / (warmup_steps + 1)).

    Options:
        warmup_steps: updates until the peak is reached; 0 starts at the peak.
    Shapes: step -> learning rate.
    Data: any.
    Relations: the default of every optimizer.
    Reference: Goyal et al. 2017, arXiv 1706.02677 (gradual warm-up).
    Example:
        optimizer: {type: adam, learning_rate: 1e-3, schedule: {type: constant, warmup_steps: 500}}
    """

    implementation: ClassVar[str] = "nlpx.optimizers.schedules:Constant"

    type: Literal["constant"] = "constant"


class Linear(ScheduleSpec):
    """Warm-up, then a straight line from the peak down to `final` * peak at the last step of the run.

    Options:
        warmup_steps: updates until the peak is reached; 0 starts at the peak.
        decay_steps: updates after the warm-up until `final` is reached; empty means the rest of the run.
        final: share of the peak that remains.
    Shapes: step -> learning rate.
    Data: any.
    Relations: `decay_steps` empty needs a run of known length (train.epochs or train.steps).
    Reference: Devlin et al. 2019, arXiv 1810.04805.
    Example:
        optimizer: {type: adam, learning_rate: 1e-3, schedule: {type: linear, warmup_steps: 500}}
    """

    implementation: ClassVar[str] = "nlpx.optimizers.schedules:Linear"

    type: Literal["linear"] = "linear"
    decay_steps: PositiveInt | None = None
    final: NonNegativeFloat = 0.0


class Cosine(ScheduleSpec):
    """Warm-up, then half a cosine from the peak down to `final` * peak at the last step of the run.

    Options:
        warmup_steps: updates until the peak is reached; 0 starts at the peak.
        decay_steps: updates after the warm-up until `final` is reached; empty means the rest of the run.
        final: share of the peak that remains.
    Shapes: step -> learning rate.
    Data: any.
    Relations: `decay_steps` empty needs a run of known length (train.epochs or train.steps).
    Reference: Loshchilov and Hutter 2017, arXiv 1608.03983.
    Example:
        optimizer: {type: adam, learning_rate: 1e-3, schedule: {type: cosine, final: 0.01}}
    """

    implementation: ClassVar[str] = "nlpx.optimizers.schedules:Cosine"

    type: Literal["cosine"] = "cosine"
    decay_steps: PositiveInt | None = None
    final: NonNegativeFloat = 0.0


class Exponential(ScheduleSpec):
    """Warm-up, then rate(s) = peak * factor^(s / every), s counted from the end of the warm-up.

    Options:
        warmup_steps: updates until the peak is reached; 0 starts at the peak.
        factor: what the rate is multiplied with.
        every: over how many updates.
    Shapes: step -> learning rate.
    Data: any.
    Relations: none.
    Reference: the keras documentation of ExponentialDecay.
    Example:
        optimizer: {type: adam, learning_rate: 1e-3, schedule: {type: exponential, factor: 0.9, every: 1000}}
    """

    implementation: ClassVar[str] = "nlpx.optimizers.schedules:Exponential"

    type: Literal["exponential"] = "exponential"
    factor: NonNegativeFloat = 0.9
    every: PositiveInt = 1000
