"""The character error rate is a quotient of sums, not a mean of quotients."""

from __future__ import annotations

import pytest

from nlpx.components.metrics.char_error_rate import CharErrorRate
from tests.components.metrics.measuring import measure, texts


def test_errors_are_added_up_before_they_are_divided() -> None:
    rows = [texts("春眠不觉晓", "春眠不觉晓"), texts("处处", "处"), texts("", "甲"), texts("闻啼鸟", "")]
    assert measure(CharErrorRate(), rows) == {"char_error_rate": pytest.approx((0 + 1 + 1 + 3) / (5 + 2 + 3))}


def test_insertions_can_exceed_the_reference() -> None:
    assert measure(CharErrorRate(), [texts("甲", "乙丙丁")]) == {"char_error_rate": 3.0}
    assert measure(CharErrorRate(), [texts("", "乙")]) == {}
