"""Conditional random field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from nlpx.components.heads.base import Head


class CRF(Head):
    """Linear-chain conditional random field: one softmax over whole tag sequences.

    P(y | x) = exp(f(y)) / Z(x),  f(y) = start(y_1) + sum_t h_t(y_t) + sum_t g(y_t, y_t+1) + stop(y_n)

    Options:
        use_start: learn a score for the first tag.
        use_stop: learn a score for the last tag.
        constrain: forbid tag sequences that the tag scheme forbids (for words: m after s, e after s, ...).
    Shapes: (B, T, D) -> (B, T, units) float32 scores h; the transitions g are (units, units), row from,
        column to.
    Data: labels that depend on their neighbours.
    Relations: needs the loss crf_nll and the decoder viterbi.
    Reference: Lafferty et al. 2001; kexue.fm archive 5542.
    Example:
        model:
          head: {type: crf, constrain: true}
    """

    gives: ClassVar[frozenset[str]] = frozenset({"crf_nll"})
    structural: ClassVar[frozenset[str]] = frozenset({"type", "constrain"})

    type: Literal["crf"] = "crf"
    use_start: bool = False
    use_stop: bool = False
    constrain: bool = True

    def context(self, embedding: object, legal: Mapping[str, object]) -> dict[str, object]:
        return dict(legal) if self.constrain else {}
