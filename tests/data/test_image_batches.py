"""Batches of images."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from nlpx.data.image_batches import Augment, EpochOptions, ImageBatches, Order
from nlpx.data.items import EncodedItems, Field, read_items, write_items

SIZE = 8
SIZES = [5] * 20 + [25] * 4
"""Images of each of 24 classes: 200 in all, half of them in four classes."""
FIELDS = {"label": Field(sequence=None), "image": Field("uint8", (SIZE, SIZE, 3), sequence=None)}
LABELS = np.repeat(np.arange(len(SIZES)), SIZES)


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> EncodedItems:
    """LabelledImage i is filled with its number i, its red with its class; written and mapped as in training."""
    folder = tmp_path_factory.mktemp("items")
    rows: list[dict[str, np.ndarray]] = []
    for number, label in enumerate(LABELS):
        pixels = np.full((SIZE, SIZE, 3), number, np.uint8)
        pixels[..., 0] = label
        rows.append({"label": np.array(label), "image": pixels})
    return read_items(folder, write_items(folder, rows, FIELDS))


def batches(
    items: EncodedItems,
    order: Order = "pairs",
    augment: Augment = "none",
    *,
    batch_size: int = 32,
    seed: int = 7,
    updates_per_epoch: int | None = None,
    accumulation: int = 1,
) -> ImageBatches:
    return ImageBatches(
        items,
        batch_size,
        seed,
        order=order,
        phase=lambda epoch, updates: EpochOptions(augment),
        updates_per_epoch=updates_per_epoch,
        accumulation=accumulation,
    )


def test_a_batch_has_sixteen_classes_twice(items: EncodedItems) -> None:
    for index in range(20):
        (batch,) = batches(items).update(0, index)
        assert batch["image"].shape == (32, SIZE, SIZE, 3)
        assert batch["image"].dtype == np.uint8
        assert sorted(Counter(batch["label"].tolist()).values()) == [2] * 16
        assert (batch["image"][:, 0, 0, 0] == batch["label"]).all()
        assert len(set(batch["image"][:, 0, 0, 1].tolist())) == 32


def test_labels_are_those_of_the_rows_that_are_told(items: EncodedItems) -> None:
    orders: tuple[Order, ...] = ("pairs", "shuffled")
    for order in orders:
        made = batches(items, order)
        (batch,) = made.update(3, 2)
        (rows,) = made.rows(3, 2)
        assert (LABELS[rows] == batch["label"]).all()
        assert (batch["image"][:, 0, 0, 1] == rows).all()


def test_larger_classes_are_drawn_first(items: EncodedItems) -> None:
    """With probabilities proportional to size, the first class drawn is one of the four large ones half the time."""
    made = batches(items, batch_size=2)
    large = [made.update(0, index)[0]["label"][0] >= 20 for index in range(1500)]
    assert abs(np.mean(large) - 0.5) < 0.05


@pytest.mark.parametrize("augment", ["none", "light", "full"])
@pytest.mark.parametrize("order", ["pairs", "shuffled"])
def test_batches_are_a_function_of_seed_epoch_and_index(
    items: EncodedItems, order: Order, augment: Augment
) -> None:
    one, other = batches(items, order, augment), batches(items, order, augment)
    for epoch, index in ((1, 3), (0, 0), (2, 1), (0, 0)):
        other.update(epoch + 1, index)
        first, second = one.update(epoch, index)[0], other.update(epoch, index)[0]
        assert all((first[name] == second[name]).all() for name in first)
    seeds = [batches(items, order, augment, seed=seed).update(0, 0)[0]["image"] for seed in (7, 8)]
    assert (seeds[0] != seeds[1]).any()
    assert (one.update(0, 0)[0]["image"] != one.update(1, 0)[0]["image"]).any()
    assert (one.update(0, 0)[0]["image"] != one.update(0, 1)[0]["image"]).any()


def test_shuffled_shows_every_image_once(items: EncodedItems) -> None:
    made = batches(items, "shuffled")
    assert made.updates_per_epoch == 7
    seen = [row for index in range(7) for row in made.rows(0, index)[0]]
    assert sorted(seen[:200]) == list(range(200))
    assert seen[200:] == seen[:24]
    assert all(len(made.update(0, index)[0]["label"]) == 32 for index in range(7))


def test_about_half_of_a_full_batch_is_spliced_within_a_class(items: EncodedItems) -> None:
    made = batches(items, augment="full")
    spliced = total = 0
    for index in range(30):
        for _, second in made._chosen(0, index):
            spliced += second is not None
            total += 1
        for first, second in made._chosen(0, index):
            assert second is None or (LABELS[first] == LABELS[second] and first != second)
    assert abs(spliced / total - 0.5) < 0.06


def test_few_classes_come_again(items: EncodedItems) -> None:
    (batch,) = batches(items, batch_size=100).update(0, 0)
    counts = Counter(batch["label"].tolist())
    assert len(batch["label"]) == 100
    assert len(counts) == 24
    assert set(counts.values()) == {4, 6}
    (odd,) = batches(items, batch_size=5).update(0, 0)
    assert sorted(Counter(odd["label"].tolist()).values()) == [1, 2, 2]


def test_a_class_with_one_image_shows_it_twice() -> None:
    rows = [{"label": np.array(i), "image": np.full((SIZE, SIZE, 3), i, np.uint8)} for i in range(2)]
    made = batches(EncodedItems.of(rows, FIELDS), augment="full", batch_size=4)
    assert sorted(made.rows(0, 0)[0]) == [0, 0, 1, 1]
    assert made.update(0, 0)[0]["image"].shape == (4, SIZE, SIZE, 3)


def test_micro_batches_are_the_batches_in_order(items: EncodedItems) -> None:
    whole, parts = batches(items), batches(items, accumulation=2)
    assert parts.updates_per_epoch == 4
    for index in range(3):
        expected = [whole.update(1, 2 * index)[0], whole.update(1, 2 * index + 1)[0]]
        for made, one in zip(parts.update(1, index), expected, strict=True):
            assert (made["image"] == one["image"]).all()


def test_the_length_of_an_epoch_can_be_given(items: EncodedItems) -> None:
    assert batches(items, updates_per_epoch=200).updates_per_epoch == 200


def test_an_epoch_may_have_features_and_augmentation_of_its_own(items: EncodedItems) -> None:
    features = np.arange(400, dtype=np.float32).reshape(200, 2)
    phases = {0: EpochOptions(features=features), 1: EpochOptions("full"), 2: EpochOptions()}
    asked = set()

    def phase(epoch: int, updates: int) -> EpochOptions:
        asked.add(updates)
        return phases[epoch]

    made = ImageBatches(items, 32, 7, phase=phase, updates_per_epoch=9)
    (batch,) = made.update(0, 0)
    assert set(batch) == {"feature", "label"}
    assert (batch["feature"] == features[made.rows(0, 0)[0]]).all()
    assert (batch["label"] == batches(items).update(0, 0)[0]["label"]).all()
    for epoch, augment in ((1, "full"), (2, "none")):
        expected = batches(items, augment=augment).update(epoch, 5)[0]  # type: ignore[arg-type]  # one of them
        assert (made.update(epoch, 5)[0]["image"] == expected["image"]).all()
    assert asked == {9}
    with pytest.raises(ValueError, match="cannot be augmented"):
        EpochOptions("light", features)
