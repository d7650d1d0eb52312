"""Tricks: what can be added to training at declared points, in the order written."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from nlpx.specs.base import ComponentOf, PositiveFloat, Rate, Spec

Point = Literal["optimizer", "gradients", "loss", "model", "update", "evaluation"]


class TrickSpec(Spec):
    """The base of every trick. `points` names where it acts; it acts nowhere else."""

    kind: ClassVar[str] = "trick"
    points: ClassVar[tuple[Point, ...]]


Trick = Annotated[TrickSpec, ComponentOf("trick")]


class ClipGradients(TrickSpec):
    """Scale all gradients together when their joint norm exceeds a limit: g * min(1, norm / ||g||).

    Options:
        norm: largest joint Euclidean norm of all gradients.
    Shapes: as the weights.
    Data: any.
    Relations: acts on the gradients of a whole update, after accumulation.
    Reference: Pascanu et al. 2013, arXiv 1211.5063.
    Example:
        tricks:
          - {type: clip_gradients, norm: 1.0}
    """

    implementation: ClassVar[str] = "nlpx.optimizers.clip_gradients:ClipGradients"
    points: ClassVar[tuple[Point, ...]] = ("gradients",)

    type: Literal["clip_gradients"] = "clip_gradients"
    norm: PositiveFloat = 1.0


class EMA(TrickSpec):
    """Evaluate, and save for use, an exponential moving average of the weights.

    m_t = momentum * m_(t-1) + (1 - momentum) * w_t;  the average used is m_t / (1 - momentum^t)

    Options:
        momentum: share of the average that is kept at every update.
    Shapes: as the weights.
    Data: any.
    Relations: updated once per optimizer update, never per micro-batch; training goes on with the raw
        weights.
    Reference: Polyak and Juditsky 1992; kexue.fm archive 6575; bias correction as in arXiv 1412.6980.
    Example:
        tricks:
          - {type: ema, momentum: 0.999}
    """

    implementation: ClassVar[str] = "nlpx.optimizers.ema:EMA"
    points: ClassVar[tuple[Point, ...]] = ("update", "evaluation")

    type: Literal["ema"] = "ema"
    momentum: Rate = 0.999
