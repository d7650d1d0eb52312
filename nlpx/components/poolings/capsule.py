"""Capsules as a pooling."""

from __future__ import annotations

from typing import Literal

from nlpx.components.poolings.base import Pooling
from nlpx.core.options import PositiveFloat, PositiveInt


class Capsule(Pooling):
    """Capsules with dynamic routing: vectors that positions are softly assigned to, by their agreement.

    p_tj = W_j x_t;  repeatedly: c_t = softmax(b_t), v_j = sum_t c_tj p_tj, b_tj = <p_tj, v_j / |v_j|>

    Options:
        capsules: number of capsules.
        size: width of a capsule.
        routings: number of computations of c and v; 1 gives every capsule all positions alike.
        accumulate: sum b over the steps, as in the original paper; sharper, and usually worse.
        squash: s in v |v| / (s + |v|^2), which the result consists of; 1 in the original paper.
    Shapes: (B, T, D), mask (B, T) -> (B, capsules * size); 0 for an empty row. W_j are shared by positions.
    Data: texts that consist of several independent parts, such as aspects of a review.
    Relations: time and memory grow with T * capsules * size for each routing, much more than those of mean
        and max. Positions are not weighted: a text with more words of a kind has a longer capsule.
    Reference: Sabour et al. 2017, arXiv 1710.09829; kexue.fm archives 4819 and 5112.
    Example:
        model:
          pooling: [{type: capsule, capsules: 8, size: 16}]
    """

    type: Literal["capsule"] = "capsule"
    capsules: PositiveInt = 8
    size: PositiveInt = 16
    routings: PositiveInt = 3
    accumulate: bool = False
    squash: PositiveFloat = 0.5
