"""Finding sentences that mean the same: how the answer is chosen, and how good it is."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.core.options import NonNegativeFloat, PositiveInt
from nlpx.specs.decoders import DecoderSpec


class NeighboursSpec(DecoderSpec):
    """The base of decoders that search sentences."""

    needs: ClassVar[frozenset[str]] = frozenset({"vector"})

    neighbours: PositiveInt = 5
    lexical: Literal["learned"] | NonNegativeFloat = 0.0


class Nearest(NeighboursSpec):
    """The most similar sentences of the training rows, by exact search: one product of matrices.

    score = (cosine of the vectors + lexical * cosine of TF-IDF) / (1 + lexical)

    Options:
        neighbours: how many.
        lexical: weight of what sentences share in characters and pairs of them; learned takes the one of 0,
            0.05, ... 1 with the greatest mrr (spearman for scored pairs) on the split valid. Document
            frequencies are those of the sentences searched: training rows, a corpus, the split measured.
    Shapes: scores (n, m) of n texts and m sentences -> n lists of sentences, the best first.
    Data: any text.
    Relations: the vectors of the training rows lie in the run, in a file that is mapped into memory. The
        metric retrieval ranks by the same score. Beyond a million sentences, approximate is faster.
    Reference: kexue.fm archive 5743.
    Example:
        decode: {type: nearest, neighbours: 3, lexical: learned}
    """

    implementation: ClassVar[str] = "nlpx.decoding.nearest:Nearest"

    type: Literal["nearest"] = "nearest"


class Approximate(NeighboursSpec):
    """Like nearest, for millions of sentences: only those whose vectors lie in near cells are compared.

    Faiss sorts the vectors of n sentences into sqrt(n) cells around the centres of k-means, 8 bits a
    number. The 256 that are nearest in the cells looked into are candidates, and ordered by exact scores.

    Options:
        neighbours: how many.
        lexical: as in nearest; sentences that share characters and nothing else are no candidates.
        probes: how many cells are looked into, those with the nearest centres; if these are all, only
            the candidates' 8 bits differ from exact search.
    Shapes: vectors (n, D) of n texts -> n lists of sentences, the best first.
    Data: any text; below 100,000 sentences nearest is as fast.
    Relations: evaluation compares all sentences of the split, as with nearest.
    Reference: Jegou et al. 2011 (inverted lists); Douze et al. 2024, arXiv 2401.08281 (faiss).
    Example:
        decode: {type: approximate, neighbours: 3, probes: 128}
    """

    implementation: ClassVar[str] = "nlpx.decoding.approximate:Approximate"
    extra: ClassVar[str] = "faiss"

    type: Literal["approximate"] = "approximate"
    probes: PositiveInt = 64
