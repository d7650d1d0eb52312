"""Maximum entropy Markov model."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.heads.base import Head


class MEMM(Head):
    """Maximum entropy Markov model: one softmax per position over the tags that may follow the previous tag.

    P(y | x) = prod_t p(y_t | y_t-1, x),  p(y_t = j | y_t-1 = i, x) = softmax_j(h_t(j) + g(i, j)),
    p(y_1 | x) = softmax(h_1)

    Options: none.
    Shapes: (B, T, D) -> (B, T, units) float32: h_t(i) less the log of the sum that the tag i leads to at the
        next position, so that with the transitions g they score whole sequences, in nats.
    Data: labels that depend on the one before.
    Relations: needs the loss memm and the decoder viterbi, which finds the most probable sequence. All
        positions are computed at once, without the recursion of crf, so training is faster; but a tag with
        few successors ignores the text (label bias). The decoder forbids illegal sequences, the model does
        not. Usually worse than crf and bi_memm, better than softmax.
    Reference: McCallum et al. 2000; kexue.fm archive 7213.
    Example:
        model:
          head: {type: memm}
    """

    gives: ClassVar[frozenset[str]] = frozenset({"memm_nll"})

    type: Literal["memm"] = "memm"
