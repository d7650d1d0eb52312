"""Small corpora written for nlpx, so that every task runs on a fresh machine."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from nlpx.data.samples.sample import Sample, SampleRow

__all__ = ["SAMPLES", "Sample", "SampleRow"]

SAMPLES: Mapping[str, Sample] = MappingProxyType(
    {
        sample.name: sample
        for sample in (
            Sample(
                "couplet", "couplets composed from antithetic words, and some written by hand", "pairs", 1
            ),
            Sample("dogs", "heads of ten made-up breeds, drawn with noise", "pictures", 1),
            Sample("segmentation", "sentences in words, composed and written by hand", "segmented", 1),
            Sample("poem", "couplets of five-character lines, composed and written by hand", "verses", 1),
            Sample("similarity", "questions in groups that mean the same, composed and written", "groups", 1),
            Sample("similarity_pairs", "pairs of these questions with a score", "scored", 1),
            Sample("title", "short news with headlines, composed and written by hand", "articles", 1),
        )
    }
)
"""By name. The word lists are read when rows are asked for."""
