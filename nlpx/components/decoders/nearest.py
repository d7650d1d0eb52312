"""The most similar sentences of a corpus, by comparing all of them."""

from __future__ import annotations

from typing import Literal

from nlpx.components.decoders.neighbours import Neighbours


class Nearest(Neighbours):
    """The most similar sentences of the training records, by exact search: one product of matrices.

    score = (cosine of the vectors + lexical * cosine of `TF-IDF`) / (1 + lexical)

    Options:
        neighbours: how many.
        lexical: weight of characters and pairs of characters that sentences share; learned takes the one of
            0, 0.05, ... 1 with the greatest mrr (spearman for scored pairs) on the validation split. Document
            frequencies are those of the sentences searched: training records, a corpus, the split measured.
    Shapes: scores (n, m) of n texts and m sentences -> n lists of sentences, the best first.
    Data: any text.
    Relations: the run keeps the vectors of the training records in a file that is mapped into memory. The
        metric retrieval ranks by the same score. Beyond a million sentences, approximate is faster.
    Reference: kexue.fm archive 5743.
    Example:
        decode: {type: nearest, neighbours: 3, lexical: learned}
    """

    type: Literal["nearest"] = "nearest"
