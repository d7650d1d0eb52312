"""How often lower lines break the four rules of couplets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from nlpx.metrics.base import Metric, ratios
from nlpx.metrics.examples import CoupletExample
from nlpx.text.punctuation import is_punctuation


class RuleViolations(Metric[CoupletExample]):
    """Violations over the cases where one was possible, summed over all lines.

    With u the upper line, a the answer, P the positions where u is punctuation and C the other ones,
    blanks left out:

        punctuation_violations = |{i in P: a_i != u_i}| / |P|
        reuse_violations       = |{i in C: a_i = u_j for some j in C}| / |C|
        repetition_violations  = |{i < j in C: u_i = u_j, a_i != a_j}| / |{i < j in C: u_i = u_j}|
        distinct_violations    = |{i < j in C: u_i != u_j, a_i = a_j}| / |{i < j in C: u_i != u_j}|
    """

    def __init__(self) -> None:
        self._broken: Counter[str] = Counter()
        self._cases: Counter[str] = Counter()

    def update(self, example: CoupletExample) -> None:
        example = example.bare
        pairs = list(zip(example.upper, example.answer, strict=True))
        copied = [u == a for u, a in pairs if is_punctuation(u)]
        answered = [(u, a) for u, a in pairs if not is_punctuation(u)]
        upper = {u for u, _ in answered}
        same_upper = _equal_pairs(u for u, _ in answered)
        same_answer = _equal_pairs(a for _, a in answered)
        same_both = _equal_pairs(answered)
        count = len(answered)

        self._broken["punctuation"] += copied.count(False)
        self._cases["punctuation"] += len(copied)
        self._broken["reuse"] += sum(a in upper for _, a in answered)
        self._cases["reuse"] += count
        self._broken["repetition"] += same_upper - same_both
        self._cases["repetition"] += same_upper
        self._broken["distinct"] += same_answer - same_both
        self._cases["distinct"] += count * (count - 1) // 2 - same_upper

    def result(self) -> dict[str, float]:
        return ratios(
            **{f"{rule}_violations": (self._broken[rule], cases) for rule, cases in self._cases.items()}
        )


def _equal_pairs(items: Iterable[object]) -> int:
    """Number of pairs i < j of equal items."""
    return sum(n * (n - 1) // 2 for n in Counter(items).values())
