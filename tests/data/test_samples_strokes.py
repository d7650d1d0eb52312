"""The drawn characters."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from nlpx.components.sources.builtin import Builtin
from nlpx.data.records import LabelledImage
from nlpx.data.samples import find
from nlpx.tasks.ocr.sample.strokes import draw, segments, stroked

SIZES = {"train": 1080, "valid": 216, "test": 324}


@pytest.mark.parametrize(("split", "size"), SIZES.items())
def test_characters_are_balanced(split: str, size: int) -> None:
    rows = list(find("strokes").rows(split))
    assert len(rows) == size
    assert set(Counter(row.parts[0] for row in rows).values()) == {size // len(segments())}
    groups = Counter(row.group for row in rows)
    assert groups == ({"generated": 216, "harder": 108} if split == "test" else {"generated": size})
    assert list(dict.fromkeys(row.parts[0] for row in rows)) == list(segments())


def test_no_image_occurs_twice_and_all_have_ink() -> None:
    images = [
        row.pixels
        for split in SIZES
        for row in Builtin().open(Path(), "strokes").rows(split)
        if isinstance(row, LabelledImage) and row.pixels is not None
    ]
    assert len({image.tobytes() for image in images}) == len(images) == sum(SIZES.values())
    assert all(image.shape == (48, 48, 3) and 0.01 < (image == 0).mean() < 0.6 for image in images)


def test_a_recipe_gives_the_same_image_again() -> None:
    np.testing.assert_array_equal(draw("田", "train 3"), draw("田", "train 3"))
    assert (draw("田", "train 3") != draw("田", "train 4")).any()
    with pytest.raises(KeyError):
        draw("龙", "train 3")


def test_a_stroke_is_what_is_near_a_segment() -> None:
    ink = stroked(np.array([[[10.0, 20.0], [30.0, 20.0]]]), 6)
    assert ink[20, 10:30].all() and ink[17:23, 20].all()
    assert not ink[16, :].any() and not ink[23, :].any() and not ink[:, 34:].any() and not ink[:, :6].any()
