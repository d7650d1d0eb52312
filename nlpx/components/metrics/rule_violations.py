"""Violations of the four rules of couplets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values
from nlpx.text.punctuation import is_punctuation


class RuleViolations(Metric):
    """Violations of the four rules of couplets, relative to the number of cases where each could be broken.

    With upper line u, lower line a, P the positions where u is punctuation and C the other positions:

        punctuation_violations = |{i in P: a_i != u_i}| / |P|
        reuse_violations       = |{i in C: a_i = u_j for some j in C}| / |C|
        repetition_violations  = |{i < j in C: u_i = u_j, a_i != a_j}| / |{i < j in C: u_i = u_j}|
        distinct_violations    = |{i < j in C: u_i != u_j, a_i = a_j}| / |{i < j in C: u_i != u_j}|

    Options: none.
    Shapes: four values per split, 0 to 1.
    Data: upper and lower lines of equal length; blanks are ignored.
    Relations: 0 by construction with the decoder couplet_rules.
    Reference: rates measured on the public couplet corpus are below 1e-3, except punctuation (0.02).
    Example:
        metrics: [rule_violations]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"line", "source_text"})
    directions: ClassVar[Directions] = {
        "punctuation_violations": "min",
        "reuse_violations": "min",
        "repetition_violations": "min",
        "distinct_violations": "min",
    }

    type: Literal["rule_violations"] = "rule_violations"

    def terms(self, example: Values) -> Terms:
        pairs = list(zip(example.source_text, example.line, strict=True))
        copied = [u == a for u, a in pairs if is_punctuation(u)]
        answered = [(u, a) for u, a in pairs if not is_punctuation(u)]
        upper = {u for u, _ in answered}
        same_upper = _equal_pairs(u for u, _ in answered)
        same_lower = _equal_pairs(a for _, a in answered)
        same_both = _equal_pairs(answered)
        count = len(answered)
        return {
            "punctuation_violations": (copied.count(False), len(copied)),
            "reuse_violations": (sum(a in upper for _, a in answered), count),
            "repetition_violations": (same_upper - same_both, same_upper),
            "distinct_violations": (same_lower - same_both, count * (count - 1) // 2 - same_upper),
        }


def _equal_pairs(items: Iterable[object]) -> int:
    """Number of pairs i < j of equal items."""
    return sum(n * (n - 1) // 2 for n in Counter(items).values())
