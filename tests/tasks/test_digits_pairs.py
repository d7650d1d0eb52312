"""Pairs, their metric, the parameter counts of the article, and the reference against loops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlpx.components.metrics.example import Pair
from nlpx.components.metrics.pair_accuracy import PairAccuracy
from nlpx.config.load import load_experiment
from nlpx.core.build import build
from nlpx.core.lazy import keras
from nlpx.data.records import LabelledImage
from nlpx.tasks.digits.codec import GreyCodec
from nlpx.tasks.digits.config import Digits
from nlpx.tasks.digits.example import DigitExample
from nlpx.tasks.digits.pairs import Pairs
from nlpx.tasks.digits.references import NearestImages

CONFIGS = Path(__file__).resolve().parents[2] / "configs" / "digits"


def rows(count: int, groups: int = 1) -> list[LabelledImage]:
    random = np.random.default_rng(0)
    return [
        LabelledImage(
            f"f:{n}",
            f"f:{n}",
            str(n % 3),
            random.integers(0, 256, (8, 8, 3), np.uint8),
            group=str(n % groups),
        )
        for n in range(count)
    ]


def test_a_pair_is_a_function_of_the_row_and_the_split() -> None:
    codec, images = GreyCodec(8), rows(60, groups=2)
    pairs, again, other = (Pairs(seed, codec.pixels) for seed in (1, 1, 2))
    for made, order in ((pairs, images), (again, images[::-1]), (other, images)):
        made.survey(iter(order))
    first, second, third = ([made.pair(row) for row in images] for made in (pairs, again, other))
    differ = 0
    for row, one, same, another in zip(images, first, second, third, strict=True):
        assert one is not None and same is not None and another is not None
        np.testing.assert_array_equal(one[0], same[0])
        assert one[1] == same[1]
        differ += not np.array_equal(one[0], another[0])
        place = one[1].index(row.label)
        np.testing.assert_array_equal(one[0][8 * place : 8 * place + 8], codec.pixels(row))
        half = one[0][8 * (1 - place) : 8 * (2 - place)]
        (found,) = [r for r in images if np.array_equal(codec.pixels(r), half)]
        assert found.label == one[1][1 - place] != row.label and found.group == row.group
    assert differ > 50


def test_no_pair_without_another_class() -> None:
    pairs, images = Pairs(0, GreyCodec(8).pixels), rows(9)[::3]
    assert pairs.pair(images[0]) is None
    pairs.survey(iter(images))
    assert pairs.pair(images[0]) is None


@pytest.mark.parametrize(
    ("classes", "scores", "right", "sure"),
    [
        (("3", "7"), {"3": 0.9, "7": 0.6, "1": 0.2}, 1, 1),
        (("7", "3"), {"3": 0.9, "7": 0.4, "1": 0.2}, 1, 0),
        (("3", "7"), {"3": 0.9, "7": 0.6, "1": 0.7}, 0, 0),
        (("3", "7"), {"3": 0.9, "7": 0.6, "1": 0.6}, 0, 0),
        (("3", "8"), {"3": 0.9, "7": 0.6, "1": 0.0}, 0, 0),
    ],
)
def test_pair_accuracy(classes: tuple[str, str], scores: dict[str, float], right: int, sure: int) -> None:
    example = DigitExample("a", "3", "3", scores, 1, Pair(classes, scores))
    assert PairAccuracy().terms(example) == {"pair_accuracy": (right, 1), "sure_pair_accuracy": (sure, 1)}
    assert PairAccuracy().terms(DigitExample("a", "3", "3", scores, 1)) == {}


@pytest.mark.parametrize(
    ("name", "parameters"), [("capsule", 279_488), ("pooling", 276_810), ("max", 276_810), ("mlp", 669_706)]
)
def test_f25_weights_of_the_article(name: str, parameters: int) -> None:
    experiment = load_experiment(CONFIGS / f"{name}.yaml", moved=True).experiment
    assert isinstance(experiment, Digits)
    network = build(experiment.model.network, outputs=(10,), name="network")
    edge = 28 if experiment.model.network.fixed_size else None
    network.build((None, edge, edge, 1))
    assert network.count_params() == parameters
    assert [layer.name for layer in network.chain if layer.weights][-1] in ("capsules", "last")
    assert sum(keras.ops.size(weight) for weight in network.trainable_weights) == parameters


def test_the_reference_is_a_search_through_all_images() -> None:
    codec, images = GreyCodec(8), rows(40)
    reference = NearestImages(Digits.model_validate({"task": "digits"}), codec)
    reference.prepare(lambda split: images[:30])
    tested = np.stack([codec.pixels(row) for row in images[30:]])
    both = np.concatenate([tested, tested[::-1]], 1)
    found, of_both = reference.scores(tested), reference.scores(both)
    train = [codec.pixels(row).ravel().astype(float) for row in images[:30]]
    for image, scores in zip(tested, found, strict=True):
        one = image.ravel().astype(float)
        cosines = [one @ other / np.linalg.norm(one) / np.linalg.norm(other) for other in train]
        nearest = sorted(range(30), key=lambda n: -cosines[n])[:3]
        shares = [sum(images[n].label == label for n in nearest) / 3 for label in "012"]
        np.testing.assert_allclose(scores, shares, atol=1e-5)
    np.testing.assert_allclose(of_both, np.maximum(found, found[::-1]), atol=1e-6)
