"""Negative log-likelihood of a maximum entropy Markov model."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.path_loss import PathLoss


class MEMMNegativeLogLikelihood(PathLoss):
    """-log P(tags | x) of a maximum entropy Markov model: -sum_t log p(y_t | y_t-1, x).

    Options: none of its own.
    Shapes: -log P of rows (B,), mask (B, T) bool, right-padded -> sum and number of characters or sentences.
    Data: one tag per position.
    Relations: for the head memm. With `per: sentence`, long sentences have a larger weight.
    Reference: McCallum et al. 2000; kexue.fm archive 7213.
    Example:
        task: segmentation
        model: {head: memm}
        loss: {type: memm, per: character}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"memm_nll"})

    type: Literal["memm"] = "memm"
