"""Bidirectional maximum entropy Markov model."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.heads.base import Head


class BiMEMM(Head):
    """The mean of the log-probabilities of two maximum entropy Markov models, one from left to right.

    log P = (log P_forward + log P_backward) / 2, with the same scores h and transitions g:
    softmax_j(h_t(j) + g(i, j)) given the previous tag i, softmax_i(h_t(i) + g(i, j)) given the next tag j

    Options: none.
    Shapes: (B, T, D) -> (B, T, units) float32: h less half of the normalizers of both directions.
    Data: labels that depend on their neighbours.
    Relations: needs the loss bi_memm and the decoder viterbi, which finds the sequence with the highest mean.
        Has less label bias than memm, and no recursion, unlike crf, which is slightly better with a weak
        encoder and slower to train. The metric nll reports the mean, which is not the likelihood of one
        distribution: the probabilities of all sequences add up to less than 1.
    Reference: kexue.fm archive 7213.
    Example:
        model:
          head: {type: bi_memm}
    """

    gives: ClassVar[frozenset[str]] = frozenset({"bi_memm_nll"})

    type: Literal["bi_memm"] = "bi_memm"
