"""Heads: layers that turn encoded positions into scores over answers."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.core.component import Split


class HeadSpec(Split):
    """The base of every head. `units` (how many answers there are) comes from the task."""

    kind: ClassVar[str] = "head"


Head = HeadSpec


class Softmax(HeadSpec):
    """One softmax a position: p(y_t | x) = softmax(W h_t + b).

    Options:
        tied: use the embedding table of the input as W, where input and answers share a vocabulary.
    Shapes: (B, T, D) -> (B, T, units) float32 logits.
    Data: answers that can be chosen one by one.
    Relations: needs the loss cross_entropy.
    Reference: tied weights: Press and Wolf 2017, arXiv 1608.05859.
    Example:
        model:
          head: {type: softmax, tied: false}
    """

    implementation: ClassVar[str] = "nlpx.layers.softmax_head:SoftmaxHead"
    gives: ClassVar[frozenset[str]] = frozenset({"logits"})
    structural: ClassVar[frozenset[str]] = frozenset({"type", "tied"})

    type: Literal["softmax"] = "softmax"
    tied: bool = False


class CRF(HeadSpec):
    """Linear-chain conditional random field: one softmax over whole tag sequences.

    P(y | x) = exp(f(y)) / Z(x),  f(y) = start(y_1) + sum_t h_t(y_t) + sum_t g(y_t, y_t+1) + stop(y_n)

    Options:
        use_start: learn a score for the first tag.
        use_stop: learn a score for the last tag.
        constrain: forbid tag sequences that the tag scheme forbids (for words: m after s, e after s, ...).
    Shapes: (B, T, D) -> (B, T, units) float32 scores h; the transitions g are (units, units), row from,
        column to.
    Data: answers that depend on their neighbours.
    Relations: needs the loss crf_nll and the decoder viterbi.
    Reference: Lafferty et al. 2001; kexue.fm archive 5542.
    Example:
        model:
          head: {type: crf, constrain: true}
    """

    implementation: ClassVar[str] = "nlpx.layers.crf_head:CRFHead"
    gives: ClassVar[frozenset[str]] = frozenset({"crf_nll"})
    structural: ClassVar[frozenset[str]] = frozenset({"type", "constrain"})

    type: Literal["crf"] = "crf"
    use_start: bool = False
    use_stop: bool = False
    constrain: bool = True
