"""Finding sentences that mean the same: how the answer is chosen, and how good it is."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.specs.base import NonNegativeFloat, PositiveInt
from nlpx.specs.decoders import DecoderSpec
from nlpx.specs.metrics import Direction, MetricSpec
from nlpx.specs.sources import RowType


class Nearest(DecoderSpec):
    """The most similar sentences of the training rows, by exact search: one product of matrices.

    score = cosine of the vectors + lexical * cosine of TF-IDF over characters and their pairs

    Options:
        neighbours: how many.
        lexical: weight of what sentences share in characters; learned takes the one of 0, 0.05, ... 1 with
            the greatest mrr (spearman for scored pairs) on the split valid.
    Shapes: scores (n, m) of n texts and m sentences -> n lists of sentences, the best first.
    Data: any text.
    Relations: the vectors of the training rows lie in the run, in a file that is mapped into memory. The
        metric retrieval ranks by the same score.
    Reference: kexue.fm archive 5743.
    Example:
        decode: {type: nearest, neighbours: 3, lexical: learned}
    """

    implementation: ClassVar[str] = "nlpx.decoding.nearest:Nearest"
    tasks: ClassVar[tuple[str, ...]] = ("similarity",)
    heads: ClassVar[tuple[str, ...]] = ()

    type: Literal["nearest"] = "nearest"
    neighbours: PositiveInt = 5
    lexical: Literal["learned"] | NonNegativeFloat = 0.0


class Retrieval(MetricSpec):
    """How often one of the 1, 5, 10 nearest sentences is of the same group; mean reciprocal rank.

    The sentence itself is left out. Sentences alone in their group are found by others, but do not ask. A tie
    counts against the model.

    Options: none.
    Shapes: four numbers a split, 0 to 1.
    Data: groups of synonyms; falls with the size of the split, so compare equal splits only.
    Relations: with --reference, the same numbers for TF-IDF over characters and pairs of characters.
    Reference: kexue.fm archive 5743; Voorhees 1999 (MRR).
    Example:
        metrics: [retrieval]
    """

    implementation: ClassVar[str] = "nlpx.metrics.retrieval:Retrieval"
    tasks: ClassVar[tuple[str, ...]] = ("similarity",)
    rows: ClassVar[tuple[RowType, ...]] = ("question",)
    directions: ClassVar[dict[str, Direction]] = {
        "mrr": "max",
        "hit_at_1": "max",
        "hit_at_5": "max",
        "hit_at_10": "max",
    }

    type: Literal["retrieval"] = "retrieval"
