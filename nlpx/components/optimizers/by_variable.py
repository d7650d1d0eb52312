"""Several optimizers, each for a group of variables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr, field_validator

from nlpx.components.optimizers.base import Optimizer
from nlpx.components.optimizers.own_trick import OwnTrick
from nlpx.components.schedules.base import Schedule
from nlpx.components.tricks.base import Trick
from nlpx.core.component import Section
from nlpx.core.lazy import keras, tf
from nlpx.core.options import Pattern, PositiveFloat
from nlpx.errors import ConfigError


def _single(optimizer: Optimizer) -> Optimizer:
    if optimizer.whole_model:
        raise ValueError(f"{optimizer.type} needs all variables at once, so it cannot have a group of them")
    return optimizer


class Group(Section):
    """Variables with an optimizer.

    Options:
        variables: patterns of whole names of variables; `*` stands for any characters.
        optimizer: their optimizer.
    """

    variables: Annotated[list[Pattern], Field(min_length=1)]
    optimizer: Optimizer

    @field_validator("optimizer")
    @classmethod
    def _of_a_group(cls, optimizer: Optimizer) -> Optimizer:
        return _single(optimizer)


class ByVariable(Optimizer):
    """Several optimizers, each for a group of variables, such as muon for some matrices, else adamw.

    Options:
        groups: patterns of names of variables, with an optimizer; a variable may match in one group only.
        rest: the optimizer of all other variables; without it, each must be in a group.
        learning_rate: factor of the learning rates of all groups.
        schedule: multiplies the schedules of all groups.
    Shapes: as the weights.
    Data: any.
    Relations: the groups are printed before training, and by --dry-run. A pattern that matches nothing is an
        error, which lists the names of all variables. The learning rate in logs is that of the first group.
        For other learning rates with the same optimizer, the trick lr_multipliers is shorter.
    Reference: keras.optimizers.MultiOptimizer.
    Example:
        optimizer:
          type: by_variable
          groups:
            - {variables: ["*_cell/recurrent_kernel"], optimizer: {type: muon, learning_rate: 1e-3}}
          rest: {type: adamw, learning_rate: 1e-3}
          schedule: {type: cosine, warmup_steps: 100}
    """

    whole_model: ClassVar[bool] = True

    type: Literal["by_variable"] = "by_variable"
    groups: Annotated[list[Group], Field(min_length=1)]
    rest: Optimizer | None = None
    learning_rate: PositiveFloat = 1.0

    @field_validator("rest")
    @classmethod
    def _of_a_group(cls, optimizer: Optimizer | None) -> Optimizer | None:
        return optimizer and _single(optimizer)

    @property
    def members(self) -> Sequence[Optimizer]:
        return [*(group.optimizer for group in self.groups), *([self.rest] if self.rest else [])]

    def fresh(self) -> Self:
        groups = [group.model_copy(update={"optimizer": group.optimizer.fresh()}) for group in self.groups]
        return super().fresh().model_copy(update={"groups": groups, "rest": self.rest and self.rest.fresh()})

    def build(self, total: int | None, left_out: keras.Variable | None = None) -> keras.optimizers.Optimizer:
        from nlpx.layers.grouped_optimizer import GroupedOptimizer

        return GroupedOptimizer([self._scaled(member).build(total, left_out) for member in self.members])

    def _scaled(self, member: Optimizer) -> Optimizer:
        both = _Product.of(self.schedule, member.schedule)
        rate = member.learning_rate * self.learning_rate
        return member.model_copy(update={"learning_rate": rate, "schedule": both})

    def tricks(self, optimizer: keras.optimizers.Optimizer) -> list[Trick]:
        inner = [trick for member in self.members for trick in member.tricks(optimizer)]
        return [*super().tricks(optimizer), *inner, _Groups.of(self, optimizer)]


class _Product(Schedule):
    """One schedule times another one."""

    type: Literal["product"] = "product"
    _factors: tuple[Any, ...] = PrivateAttr(())

    @classmethod
    def of(cls, *factors: Schedule) -> _Product:
        made = cls()
        made._factors = factors
        return made

    def share(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        one, other = (factor.share(step, total) for factor in self._factors)
        return one * other

    def decay(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        return self.share(step, total)


class _Groups(OwnTrick):
    """Gives every variable to its group, and prints the groups."""

    type: Literal["by_variable"] = "by_variable"
    _members: list[list[Any]] = PrivateAttr(default_factory=list)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        trained = [weight for weight in weights if weight.trainable]
        members = [
            self.chosen(group.variables, trained, f"groups.{number}.variables")
            for number, group in enumerate(self._options.groups)
        ]
        taken: dict[int, int] = {}
        for number, group in enumerate(members):
            for weight in group:
                if id(weight) in taken:
                    raise ConfigError(
                        f"{self.type}.groups.{number}.variables: {self.names[weight]} is in the group "
                        f"{taken[id(weight)]} as well. Change one of the patterns."
                    )
                taken[id(weight)] = number
        left = [weight for weight in trained if id(weight) not in taken]
        if self._options.rest:
            members.append(left)
        elif left:
            names = ", ".join(self.names[weight] for weight in left)
            raise ConfigError(f"{self.type}.groups: none has {names}. Add a pattern, or set optimizer.rest.")
        self._members = members
        self._optimizer.groups = {id(weight): i for i, group in enumerate(members) for weight in group}

    def describe(self) -> list[str]:
        return list(self._lines())

    def _lines(self) -> Iterator[str]:
        for optimizer, group in zip(self._options.members, self._members, strict=True):
            yield self.group(optimizer.type, group)
