"""The drawn breeds."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from nlpx.components.sources.builtin import Builtin
from nlpx.data.records import LabelledImage
from nlpx.data.samples import find
from nlpx.tasks.image_classification.sample.dogs import BREEDS, SIZE, draw

SPLITS = {"train": 1000, "valid": 200, "test": 300}


def images(split: str) -> list[LabelledImage]:
    rows = Builtin().open(Path(), "dogs").rows(split)
    return [row for row in rows if isinstance(row, LabelledImage)]


@pytest.mark.parametrize(("split", "size"), SPLITS.items())
def test_breeds_are_balanced(split: str, size: int) -> None:
    rows = list(find("dogs").rows(split))
    assert len(rows) == size
    assert set(Counter(row.parts[0] for row in rows).values()) == {size // len(BREEDS)}
    groups = Counter(row.group for row in rows)
    assert groups == ({"generated": 200, "harder": 100} if split == "test" else {"generated": size})


def test_every_trait_is_shared() -> None:
    for trait in ("ears", "coat", "colour"):
        assert min(Counter(getattr(breed, trait) for breed in BREEDS.values()).values()) > 1
    assert len({(breed.ears, breed.coat, breed.colour) for breed in BREEDS.values()}) == len(BREEDS)


def test_no_image_occurs_twice() -> None:
    drawn = [row.pixels for split in SPLITS for row in images(split)]
    hashes = {hashlib.sha256(np.asarray(pixels).tobytes()).digest() for pixels in drawn}
    assert len(hashes) == len(drawn) == 1500
    assert all(
        pixels is not None and pixels.shape == (SIZE, SIZE, 3) and pixels.dtype == np.uint8
        for pixels in drawn
    )


def test_a_recipe_gives_the_same_image_again() -> None:
    assert (draw("fox tiger", "train 3") == draw("fox tiger", "train 3")).all()
    assert (draw("fox tiger", "train 3") != draw("fox tiger", "train 4")).any()
    assert (draw("fox tiger", "train 3") != draw("stone tiger", "train 3")).any()
    with pytest.raises(KeyError):
        draw("poodle", "train 3")


def test_harder_heads_are_smaller_than_any_in_training() -> None:
    """The muzzle is the brightest thing: its area tells the scale of the head."""

    def muzzle(part: str) -> float:
        areas = [(draw("fox hanger", f"{part} {i}").min(axis=-1) > 170).sum() for i in range(20)]
        return float(np.mean(areas))

    assert muzzle("harder") < 0.7 * muzzle("train")
