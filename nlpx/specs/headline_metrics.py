"""Metrics of headlines: what they share with the reference and with the article."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.specs.metrics import Direction, MetricSpec


class Rouge(MetricSpec):
    """ROUGE-1, ROUGE-2 and ROUGE-L of characters: the mean over rows of F1 = 2 P R / (P + R), times 100.

    P and R are the share of the answer's and of the reference's n-grams that the other has, each counted as
    often as both have it; for L, of characters on a longest common subsequence. Letters are taken as lower
    case, blanks are left out.

    Options: none.
    Shapes: three numbers a split, 0 to 100.
    Data: any text.
    Relations: an answer that is cut from the text scores well: compare with `nlpx eval --reference`.
    Reference: Lin 2004.
    Example:
        metrics: [rouge]
    """

    implementation: ClassVar[str] = "nlpx.metrics.rouge:Rouge"
    needs: ClassVar[frozenset[str]] = frozenset({"reference_text", "predicted_text"})
    directions: ClassVar[dict[str, Direction]] = {"rouge_1": "max", "rouge_2": "max", "rouge_l": "max"}

    type: Literal["rouge"] = "rouge"


class Copying(MetricSpec):
    """How an answer relates to its text, whether it repeats itself, and whether it ends.

    copy_rate: share of the answers' characters that stand in their texts; novel_bigrams: share of the
    answers' bigrams of characters that do not; repeated_trigrams: share of the trigrams that stand earlier
    in the same answer; without_end: share of answers that were cut off at the greatest length.

    Options: none.
    Shapes: four numbers a split, 0 to 1.
    Data: texts and what is written about them.
    Relations: the first characters of a text have copy_rate 1 and novel_bigrams 0.
    Reference: See et al. 2017, arXiv 1704.04368.
    Example:
        metrics: [rouge, copying]
    """

    implementation: ClassVar[str] = "nlpx.metrics.copying:Copying"
    needs: ClassVar[frozenset[str]] = frozenset({"source_text", "predicted_text", "finished"})
    directions: ClassVar[dict[str, Direction]] = {
        "copy_rate": "max",
        "novel_bigrams": "max",
        "repeated_trigrams": "min",
        "without_end": "min",
    }

    type: Literal["copying"] = "copying"
