"""Options of page/layers at their limits."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from nlpx.components.pages.layers import LayeredPage
from nlpx.tasks.ocr.sample.strokes import draw

LIMITS: list[dict[str, float]] = [
    {"power": 8},
    {"bandwidth": 1e-3},
    {"bandwidth": 100},
    {"reach": 100, "widen": 100, "heighten": 100},
    {"erosion_min": 1, "erosion_max": 1},
    {"density": 0, "fill": 1, "outline": 0, "gap": 1e300},
]
BEYOND: list[dict[str, float]] = [
    {"power": 20},
    {"bandwidth": 1e-200},
    {"reach": 1e200},
    {"widen": 1e308},
    {"heighten": 1e308},
    {"erosion_min": 0.9, "erosion_max": 0.1},
]


@pytest.mark.parametrize("options", LIMITS)
@pytest.mark.filterwarnings("error")
def test_limits_are_read(options: dict[str, float]) -> None:
    page = np.full((80, 220, 3), 230, np.uint8)
    for number, character in enumerate("日田工"):
        page[10:58, 10 + 60 * number : 58 + 60 * number][draw(character, "test 1")] = 20
    layout = LayeredPage.model_validate(options).layout(page)
    assert layout.ink.shape == (160, 440)


@pytest.mark.parametrize("options", BEYOND)
def test_beyond_the_limits_is_an_error(options: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        LayeredPage.model_validate(options)
