"""Options that may vary in training: a number, or a number with a schedule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError, ValidationInfo, create_model, field_validator

from nlpx.components.schedules.base import Schedule
from nlpx.core.component import Section
from nlpx.core.lazy import ops, tf


class Scheduled(Section):
    """An option that follows a schedule: value * share(updates made), as the learning rate does.

    Options:
        value: the number that is multiplied by the schedule.
        schedule: the schedule; updates of the run are counted, over all its stages.
    """

    value: float
    schedule: Schedule

    def __call__(self) -> float | tf.Tensor:
        """The value in the step of training that is traced, for layers, which know no options."""
        return now(self)

    @field_validator("schedule")
    @classmethod
    def _keeps_the_range(cls, schedule: Schedule, info: ValidationInfo) -> Schedule:
        if not schedule.computable:
            raise ValueError(f"{schedule.type} depends on evaluations, so only learning rates can follow it")
        number = TypeAdapter[float](cls.model_fields["value"].rebuild_annotation())
        for share in schedule.bounds if "value" in info.data else ():
            try:
                number.validate_python(info.data["value"] * share)
            except ValidationError as error:
                limit = error.errors()[0]["msg"].removeprefix("Input ")
                raise ValueError(
                    f"the option takes the value {info.data['value']:g} * {share:g}, but it {limit}"
                ) from None
        return schedule


Number = TypeVar("Number")

if TYPE_CHECKING:
    Varying: TypeAlias = Number | Scheduled
else:

    class Varying:
        """`Varying[Rate]`: a `Rate`, or a mapping of `value`, again a `Rate`, and `schedule`."""

        def __class_getitem__(cls, number: Any) -> Any:
            # Definitions of a JSON Schema have the names of the classes, so those are made of the range.
            limits = re.findall(r"(\w+)=([\w.]+)", str(getattr(get_args(number)[1], "metadata", "")))
            made = create_model(
                "Scheduled"
                + "".join(
                    f"{name.title()}{limit.replace('.', '_')}" for name, limit in limits if limit != "False"
                ),
                __base__=Scheduled,
                __doc__=Scheduled.__doc__,
                value=(number, ...),
            )
            return number | made


_CLOCK: ContextVar[tuple[tf.Tensor | int, int | None] | None] = ContextVar("clock", default=None)


@contextmanager
def at(step: tf.Tensor | int, total: int | None = None) -> Iterator[None]:
    """Within, options have their values after `step` updates of a run of `total`; default: that around it."""
    around = _CLOCK.get()
    token = _CLOCK.set((step, around[1] if total is None and around else total))
    try:
        yield
    finally:
        _CLOCK.reset(token)


def bounds(option: float | Scheduled) -> tuple[float, float]:
    """The least and the greatest value of an option."""
    if not isinstance(option, Scheduled):
        return option, option
    least, greatest = option.schedule.bounds
    return option.value * least, option.value * greatest


def peak(option: float | Scheduled) -> float:
    """The number that the schedule of an option multiplies, or the option itself."""
    return option.value if isinstance(option, Scheduled) else option


def shown(option: float | Scheduled) -> str:
    """An option in a line about a group of variables."""
    return f"{option.value:g} ({option.schedule.type})" if isinstance(option, Scheduled) else f"{option:g}"


def now(option: float | Scheduled) -> float | tf.Tensor:
    """The value of an option: the number, or in a step of training a float32 scalar for one that varies.

    It is traced as a function of the number of the update, so that a new value needs no new trace, and a
    resumed run has the value of its update.

    Raises:
        RuntimeError: it varies, and the number of the update is not known; `at` sets it.
        ValueError: the schedule ends with the run, whose length is not known.
    """
    if not isinstance(option, Scheduled):
        return option
    clock = _CLOCK.get()
    if clock is None:
        raise RuntimeError("an option with a schedule was read outside of `nlpx.components.varying.at`")
    step, total = clock
    return option.value * option.schedule.share(ops.cast(step, "float32"), total)
