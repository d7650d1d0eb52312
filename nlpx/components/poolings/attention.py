"""Attention pooling."""

from __future__ import annotations

from typing import Literal

from nlpx.components.poolings.base import Pooling


class Attention(Pooling):
    """Mean with learned weights: y = sum_t a_t x_t, a = softmax over real t of v . tanh(W x_t + b).

    Options: none.
    Shapes: (B, T, D), mask (B, T) -> (B, D); 0 for an empty row. W is (D, D) with a bias, v (D, 1).
    Data: any sequence.
    Relations: with v = 0 it is the mean.
    Reference: Lin et al. 2017, arXiv 1703.03130.
    Example:
        model:
          pooling: [attention, max]
    """

    type: Literal["attention"] = "attention"
