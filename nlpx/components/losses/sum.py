"""A weighted sum of objectives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, field_validator
from pydantic_core import PydanticCustomError

from nlpx.components.losses.base import Loss, Place, Term, Values
from nlpx.components.varying import Varying, now
from nlpx.core.component import Section
from nlpx.core.lazy import keras, tf
from nlpx.core.options import NonNegativeFloat


class Member(Section):
    """An objective in a sum.

    Options:
        weight: factor of the objective.
        loss: the objective.
    """

    weight: Varying[NonNegativeFloat] = 1.0
    loss: Loss

    @field_validator("loss")
    @classmethod
    def _has_no_phases(cls, loss: Loss) -> Loss:
        if loss.phased:
            raise PydanticCustomError(
                "phased_member",
                "the terms of {loss} are trained in phases of their own, so it cannot be a member of a sum",
                {"loss": loss.type},
            )
        return loss


class Sum(Loss):
    """Several objectives at once: sum_i weight_i * L_i.

    Each member keeps its own mean: a member over rows and another over positions are added as two means.
    Terms are named after the members, `cross_entropy`, `center`; the second of a type is `center_2`, and a
    member with several terms gives `elbo/kl`.

    Options:
        losses: the members.
    Shapes: those of the members.
    Data: that of the members; `nlpx check` names the member whose values are missing.
    Relations: adds regularizers such as `center` to the loss of a task. The speed counts what the first
        member counts. With train.accumulation, each member costs a backward pass of its own. Not for the
        losses of the task gan.
    Reference: kexue.fm archive 4493.
    Example:
        task: sentiment
        loss:
          type: sum
          losses:
            - {loss: cross_entropy}
            - {weight: 0.5, loss: center}
    """

    type: Literal["sum"] = "sum"
    losses: Annotated[list[Member], Field(min_length=1)]

    _built: Any = PrivateAttr(None)

    @field_validator("losses")
    @classmethod
    def _has_a_weight(cls, losses: list[Member]) -> list[Member]:
        if all(member.weight == 0 for member in losses):
            raise PydanticCustomError("no_weight", "all weights are 0, so that nothing would be learned")
        return losses

    @property
    def _members(self) -> list[Loss]:
        """The members with their variables, once they are built."""
        return [member.loss for member in self.losses] if self._built is None else self._built

    @property
    def members(self) -> Iterator[tuple[Place, Loss]]:
        for index, member in enumerate(self.losses):
            for place, loss in member.loss.members:
                yield ("losses", index, "loss", *place), loss

    @property
    def unit(self) -> str:
        return self.losses[0].loss.unit

    @property
    def reads(self) -> frozenset[str]:
        return frozenset().union(*(member.loss.reads for member in self.losses))

    @property
    def compares(self) -> bool:  # type: ignore[override]  # of the members
        return any(member.loss.compares for member in self.losses)

    def build(self, sizes: Mapping[str, int]) -> None:
        # Copies, because the same options may be built again for another learner.
        self._built = [member.loss.model_copy() for member in self.losses]
        for loss in self._built:
            loss.build(sizes)

    @property
    def layers(self) -> list[keras.layers.Layer]:
        return [layer for loss in self._members for layer in loss.layers]

    @property
    def variables(self) -> list[keras.Variable]:
        return [variable for loss in self._members for variable in loss.variables]

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        terms: dict[str, Term] = {}
        for name, member, loss in zip(self._names(), self.losses, self._members, strict=True):
            for term_name, term in loss.terms(values, step).items():
                full = name if term_name == "loss" else f"{name}/{term_name}"
                terms[full] = term._replace(coefficient=now(member.weight) * term.coefficient)
        return terms

    def _names(self) -> Iterator[str]:
        """The type of each member, with a number from the second of a type on."""
        seen: dict[str, int] = {}
        for member in self.losses:
            name = member.loss.type
            seen[name] = seen.get(name, 0) + 1
            yield name if seen[name] == 1 else f"{name}_{seen[name]}"
