"""Stacks of convolutions, and a capsule for every class."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.networks.base import Shape
from nlpx.components.networks.stacks import Stacks
from nlpx.core.options import Passes, PositiveFloat, PositiveInt


class CapsuleConv(Stacks):
    """Stacks of convolutions, whose positions are routed to one capsule per class; outputs are lengths.

    p_ij = W_j x_i;  repeatedly: c_i = softmax(b_i), v_j = sum_i c_ij p_ij, b_ij = <p_ij, v_j / |v_j|>
    y_j = |v_j|^2 / (s + |v_j|^2)

    Options:
        size: width of a capsule.
        routings: number of computations of c and v; 1 gives every capsule all positions alike.
        accumulate: sum b over the repetitions, as in the paper; c approaches one-hot vectors.
        squash: s; 1 in the paper.
        squash_inside: compare positions with squashed capsules, as the paper does, instead of with v / |v|.
    Shapes: (B, S, S, C) -> (B, classes), 0 to 1; images may be higher or wider, because positions share W.
    Data: images.
    Relations: for the loss capsule_margin. Every class has its own score, so that a model trained on images
        of one object finds two in an image. Time and memory of the routing grow with positions * classes *
        size * routings, little compared with the convolutions.
    Reference: Sabour et al. 2017, arXiv 1710.09829; kexue.fm archives 4819 and 5112.
    Example:
        task: digits
        model:
          network: {type: capsule_conv, filters: [[16, 16], [32, 32]], size: 16}
        loss: capsule_margin
    """

    lengths: ClassVar[bool] = True

    type: Literal["capsule_conv"] = "capsule_conv"
    size: PositiveInt = 16
    routings: Passes = 3
    accumulate: bool = False
    squash: PositiveFloat = 0.5
    squash_inside: bool = False

    def expect(self, inputs: Shape, outputs: Shape) -> None:
        super().expect(inputs, outputs)
        if len(outputs) != 1:
            raise ValueError("capsules score the classes of an image; use the network conv")
