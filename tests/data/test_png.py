"""PNG files that are written without an imaging library."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from nlpx.data.png import png


@pytest.mark.parametrize("shape", [(1, 1, 1), (7, 5, 1), (6, 9, 3)])
def test_pillow_reads_the_same_pixels(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    with Image.open(BytesIO(png(pixels))) as image:
        image.verify()
    with Image.open(BytesIO(png(pixels))) as image:
        assert image.mode == ("L" if shape[2] == 1 else "RGB")
        np.testing.assert_array_equal(np.asarray(image).reshape(shape), pixels)
