"""When two predictions count as the same."""

from __future__ import annotations

import math

import pytest

from nlpx.workflow.agreement import agree


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"words": ["今天"]}, {"words": ("今天",)}, True),
        ({"words": ["今天"]}, {"words": ["今", "天"]}, False),
        ({"p": 0.5, "class": "a"}, {"p": 0.5004, "class": "a"}, True),
        ({"p": 0.5, "class": "a"}, {"p": 0.5004, "class": "b"}, False),
        ([0.5], [0.502], False),
        ([-3000.0], [-3001.0], True),
        ([[0.1], {"x": 1.0}], [[0.1], {"x": 1.1}], False),
        ([math.nan, math.inf], [math.nan, math.inf], True),
        ([math.nan], [1.0], False),
        ([math.inf], [-math.inf], False),
        ([1], [1.0], False),
        ([1.0], [1.0, 1.0], False),
        ({"n": 3}, {"n": 4}, False),
        ({"pixels": [[[0], [254]]]}, {"pixels": [[[1], [255]]]}, True),
        ({"pixels": [[[0], [254]]]}, {"pixels": [[[2], [254]]]}, False),
        ({"pixels": [[[0], [254]]]}, {"pixels": [[[0]]]}, False),
    ],
)
def test_agree(first: object, second: object, same: bool) -> None:
    assert agree(first, second) is same
    assert agree(second, first) is same
