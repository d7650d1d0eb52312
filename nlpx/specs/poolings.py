"""Poolings: layers that turn the vectors of a sequence into one."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.core.component import Split


class PoolingSpec(Split):
    """The base of every pooling. Several poolings of one sequence stand side by side in the result."""

    kind: ClassVar[str] = "pooling"


Pooling = PoolingSpec


class Last(PoolingSpec):
    """The vector of the last real position.

    Options: none.
    Shapes: (B, T, D), mask (B, T) -> (B, D); 0 for an empty row.
    Data: sequences behind a recurrent layer, whose last state has seen everything.
    Relations: the pooling of the original model.
    Reference: kexue.fm archive 5743.
    Example:
        model:
          pooling: [last]
    """

    implementation: ClassVar[str] = "nlpx.layers.pooling:LastPooling"

    type: Literal["last"] = "last"


class Mean(PoolingSpec):
    """The mean over real positions.

    Options: none.
    Shapes: (B, T, D), mask (B, T) -> (B, D); 0 for an empty row.
    Data: any sequence.
    Relations: the encoder with no blocks and this pooling is a bag of characters and n-grams.
    Reference: Iyyer et al. 2015 (deep averaging networks).
    Example:
        model:
          pooling: [mean, max]
    """

    implementation: ClassVar[str] = "nlpx.layers.pooling:MeanPooling"

    type: Literal["mean"] = "mean"


class Max(PoolingSpec):
    """The greatest value of every channel over real positions.

    Options: none.
    Shapes: (B, T, D), mask (B, T) -> (B, D); 0 for an empty row.
    Data: any sequence.
    Relations: keeps the one strong feature that a mean dilutes; best beside it.
    Reference: Collobert et al. 2011; Conneau et al. 2017, arXiv 1705.02364.
    Example:
        model:
          pooling: [max]
    """

    implementation: ClassVar[str] = "nlpx.layers.pooling:MaxPooling"

    type: Literal["max"] = "max"


class Attention(PoolingSpec):
    """A mean with learned weights: y = sum_t a_t x_t, a = softmax over real t of v . tanh(W x_t + b).

    Options: none.
    Shapes: (B, T, D), mask (B, T) -> (B, D); 0 for an empty row. W is (D, D) with a bias, v (D, 1).
    Data: any sequence.
    Relations: with v = 0 it is the mean.
    Reference: Lin et al. 2017, arXiv 1703.03130.
    Example:
        model:
          pooling: [attention, max]
    """

    implementation: ClassVar[str] = "nlpx.layers.pooling:AttentionPooling"

    type: Literal["attention"] = "attention"
