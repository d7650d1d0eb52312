"""Negative log-likelihood of both directions of a maximum entropy Markov model."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.path_loss import PathLoss


class BiMEMMNegativeLogLikelihood(PathLoss):
    """The mean of -log P(tags | x) from left to right and from right to left.

    Options: none of its own.
    Shapes: mean of rows (B,), mask (B, T) bool, right-padded -> sum and number of characters or sentences.
    Data: one tag per position.
    Relations: for the head bi_memm. With `per: sentence`, long sentences have a larger weight.
    Reference: kexue.fm archive 7213.
    Example:
        task: segmentation
        model: {head: bi_memm}
        loss: {type: bi_memm, per: character}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"bi_memm_nll"})

    type: Literal["bi_memm"] = "bi_memm"
