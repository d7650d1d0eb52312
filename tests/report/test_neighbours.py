"""Neighbours in reports: those with the highest cosines, without the sentence itself."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np

from nlpx.report.neighbours import NEAREST, neighbours


def test_the_nearest_come_first_and_say_their_group() -> None:
    vectors = np.array([[2, 0], [3, 0.3], [0, 1], [1, 1], [0, 0], [-1, 0], [1, 0]], float)
    groups = "aabbcca"
    examples = [
        SimpleNamespace(text=f"句{place}", group_id=group, severity=float(place))
        for place, group in enumerate(groups)
    ]
    drawings = neighbours(examples, vectors)
    assert [re.findall("Nearest sentences of 句(\\d)</text>", drawing)[0] for drawing in drawings] == [
        "0",
        "2",
        "4",
        "6",
    ]
    texts = re.findall("<text[^>]*>([^<]*)</text>", drawings[0])
    # Cosines with (1, 0): 1 of 6, 0.995 of 1, 0.707 of 3, 0 of 2 and 4.
    assert texts[1::2] == ["句6", "句1", "句3", "句2", "句4"][:NEAREST]
    assert texts[2::2] == [
        "1.000  same group",
        "0.995  same group",
        "0.707  other group",
        "0.000  other group",
        "0.000  other group",
    ]


def test_others_have_none() -> None:
    assert neighbours([], np.zeros((0, 0))) == []
    assert neighbours([SimpleNamespace(text="春", severity=0.0)], np.ones((1, 2))) == []
