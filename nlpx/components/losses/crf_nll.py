"""Negative log-likelihood of a CRF."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.path_loss import PathLoss


class CRFNegativeLogLikelihood(PathLoss):
    """-log P(tags | x) of a linear-chain CRF: log Z(x) - f(tags).

    Options: none of its own.
    Shapes: -log P of rows (B,), mask (B, T) bool, right-padded -> sum and number of characters or sentences.
    Data: one tag per position.
    Relations: for the head crf. With `per: sentence`, long sentences have a larger weight.
    Reference: Lafferty et al. 2001; kexue.fm archive 5542.
    Example:
        loss: {type: crf_nll, per: character}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"crf_nll"})

    type: Literal["crf_nll"] = "crf_nll"
