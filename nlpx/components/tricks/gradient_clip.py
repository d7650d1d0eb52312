"""Gradient clipping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.tricks.base import Pair, Trick
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import keras, tf
from nlpx.core.options import Pattern, PositiveFloat


class GradientClip(Trick):
    """Scale gradients down if their norm exceeds a limit: g * min(1, norm / ||g||).

    Options:
        norm: the largest norm; with `by: value`, the largest absolute value of an element.
        by: joint takes the Euclidean norm of all gradients together, variable that of each variable by
            itself, l1 the sum of all absolute values; value clips every element by itself.
        only: patterns of the names of the variables whose gradients are measured and clipped; null for all.
    Shapes: as the weights.
    Data: any.
    Relations: acts on the gradients of a whole update, after accumulation; of each phase by itself. With
        joint, l1 and variable, directions stay the same, with joint and l1 also between variables. With
        adaptive optimizers, whose steps do not depend on the scale, it only tames single large gradients.
        Reads and writes the gradients once more.
    Reference: Pascanu et al. 2013, arXiv 1211.5063; l1 and patterns: kexue.fm archive 6418. Of
        the optimizers of Keras 3, `global_clipnorm` is joint, `clipnorm` is by variable.
    Example:
        tricks:
          - {type: gradient_clip, norm: 1.0}
    """

    aliases: ClassVar[tuple[str, ...]] = ("clip_gradients",)
    type: Literal["gradient_clip"] = "gradient_clip"
    norm: Varying[PositiveFloat] = 1.0
    by: Literal["joint", "variable", "l1", "value"] = "joint"
    only: Annotated[list[Pattern], Field(min_length=1)] | None = None

    _group: list[Any] = PrivateAttr(default_factory=list)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._group = self.chosen(self.only, weights, "only")

    def gradients(self, pairs: Sequence[Pair]) -> list[Pair]:
        chosen = None if self.only is None else set(map(id, self._group))
        mine = [chosen is None or id(variable) in chosen for _, variable in pairs]
        clip = self._clip([gradient for (gradient, _), is_mine in zip(pairs, mine, strict=True) if is_mine])
        return [
            (clip(gradient) if is_mine and gradient is not None else gradient, variable)
            for (gradient, variable), is_mine in zip(pairs, mine, strict=True)
        ]

    def _clip(self, gradients: Sequence[tf.Tensor | None]) -> Callable[[tf.Tensor], tf.Tensor]:
        """What is done to each of some gradients."""
        limit = now(self.norm)
        if self.by == "value":
            return lambda gradient: tf.clip_by_value(gradient, -limit, limit)
        if self.by == "variable":
            return lambda gradient: gradient * (limit / tf.maximum(tf.norm(gradient), limit))
        if self.by == "l1":
            present = [gradient for gradient in gradients if gradient is not None]
            norm = tf.add_n([tf.reduce_sum(tf.abs(gradient)) for gradient in present]) if present else 0.0
        else:
            norm = tf.linalg.global_norm(gradients)
        scale = limit / tf.maximum(norm, limit)
        return lambda gradient: gradient * scale

    def describe(self) -> list[str]:
        return [] if self.only is None else [self.group(f"by {self.by}", self._group)]
