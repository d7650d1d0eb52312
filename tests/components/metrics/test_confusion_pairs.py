"""The pairs of classes that are confused."""

from __future__ import annotations

from types import SimpleNamespace

from nlpx.components.metrics.confusion_pairs import ConfusionPairs
from tests.components.metrics.measuring import counted, measure

EXAMPLES = [
    SimpleNamespace(reference_class=reference, predicted_class=predicted)
    for reference, predicted in ("土土", "土士", "土士", "土干", "士土", "日曰", "日曰", "口口")
]


def test_pairs_by_frequency() -> None:
    assert measure(ConfusionPairs(), EXAMPLES) == {"confused_pairs": 4}
    assert measure(ConfusionPairs(), []) == {}
    assert measure(ConfusionPairs(), EXAMPLES[:1]) == {"confused_pairs": 0}
    assert counted(ConfusionPairs(), EXAMPLES).files()["confusion_pairs.tsv"].splitlines() == [
        "reference\tpredicted\tcount\tshare",
        "土\t士\t2\t0.5000",
        "日\t曰\t2\t1.0000",
        "土\t干\t1\t0.2500",
        "士\t土\t1\t1.0000",
    ]
