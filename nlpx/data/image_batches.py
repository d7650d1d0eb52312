"""Batches of augmented images as a pure function of (seed, epoch, index)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nlpx.data.augmentation import Change, draw_splice
from nlpx.data.items import EncodedItems

Order = Literal["pairs", "shuffled"]
Augment = Literal["none", "light", "full"]
ORDER, DRAW = 0, 1
"""Random streams of an epoch: selection of images, and augmentation of a batch."""


@dataclass(frozen=True, slots=True)
class EpochOptions:
    """The options of an epoch.

    Attributes:
        augment: light zooms and flips, full also rotates, blacks out a quarter and combines images.
        features: features of all items, (n, D) float32, to use instead of images; not with augmentation.
    """

    augment: Augment = "none"
    features: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.features is not None and self.augment != "none":
            raise ValueError("features are computed in advance: their images cannot be augmented")


class ImageBatches:
    """Batches of fixed shape: `image` (B, S, S, 3) uint8 or `feature` (B, D) float32, and `label` (B,) int32.

    pairs: a batch contains B / 2 classes with two images each. Classes are drawn without replacement, each
    with a probability proportional to its size; if there are fewer than B / 2, drawing starts
    again. With augmentation `full`, a class of n images offers n images and n combinations of two of its
    images. shuffled: every image once per epoch; the last batch is filled up from the start of the epoch.

    Args:
        phase: options of an epoch, given its number and the number of updates of an epoch.
        updates_per_epoch: length of an epoch; None: as many as needed for n images.
    """

    def __init__(
        self,
        items: EncodedItems,
        batch_size: int,
        seed: int,
        *,
        order: Order = "pairs",
        phase: Callable[[int, int], EpochOptions],
        updates_per_epoch: int | None = None,
        accumulation: int = 1,
    ) -> None:
        self._items = items
        self._labels = items.arrays["label"]
        self._batch_size = batch_size
        self._seed = seed
        self._order = order
        self._phase = phase
        self._accumulation = accumulation
        batches = -(-len(items) // batch_size)
        self._updates = updates_per_epoch or -(-batches // accumulation)
        by_class = np.argsort(self._labels, kind="stable")
        classes, starts = np.unique(self._labels[by_class], return_index=True)
        self._members = dict(zip(classes.tolist(), np.split(by_class, starts[1:]), strict=True))
        sizes = np.array([len(members) for members in self._members.values()], np.float64)
        self._classes, self._shares = classes, sizes / sizes.sum()
        self._shuffled: tuple[int, np.ndarray] | None = None

    @property
    def updates_per_epoch(self) -> int:
        return self._updates

    def update(self, epoch: int, index: int) -> list[dict[str, np.ndarray]]:
        return [self._batch(epoch, batch) for batch in self._indices(index)]

    def rows(self, epoch: int, index: int) -> list[list[int]]:
        """The items of each micro-batch; of a combination the first one."""
        return [[first for first, _ in self._chosen(epoch, batch)] for batch in self._indices(index)]

    def _indices(self, index: int) -> range:
        return range(index * self._accumulation, (index + 1) * self._accumulation)

    def _batch(self, epoch: int, batch: int) -> dict[str, np.ndarray]:
        chosen = self._chosen(epoch, batch)
        rows = [first for first, _ in chosen]
        phase = self._phase(epoch, self._updates)
        if phase.features is not None:
            return {"feature": phase.features[rows], "label": self._labels[rows]}
        random = np.random.default_rng([self._seed, epoch, batch, DRAW])
        images = np.stack([self._image(first, second, phase.augment, random) for first, second in chosen])
        return {"image": images, "label": self._labels[rows]}

    def _image(
        self, first: int, second: int | None, augment: Augment, random: np.random.Generator
    ) -> np.ndarray:
        image = self._pixels(first)
        if second is not None:
            return draw_splice(image, self._pixels(second), random)
        if augment == "none":
            return image
        other = self._pixels(int(random.integers(len(self._items))))
        return Change.draw(random, full=augment == "full")(image, other)

    def _pixels(self, item: int) -> np.ndarray:
        return self._items.arrays["image"][item]

    def _chosen(self, epoch: int, batch: int) -> list[tuple[int, int | None]]:
        """The items of a batch, with a second item of the same class for combinations."""
        if self._order == "shuffled":
            return self._by_turns(epoch, batch)
        random = np.random.default_rng([self._seed, epoch, batch, ORDER])
        splices = self._phase(epoch, self._updates).augment == "full"
        chosen: list[tuple[int, int | None]] = []
        while len(chosen) < self._batch_size:
            wanted = -(-(self._batch_size - len(chosen)) // 2)
            count = min(wanted, len(self._classes))
            for label in random.choice(self._classes, count, replace=False, p=self._shares):
                chosen += self._two_of(int(label), splices, random)
        return chosen[: self._batch_size]

    def _two_of(self, label: int, splices: bool, random: np.random.Generator) -> list[tuple[int, int | None]]:
        """Two different entries of a class, which are its images and optionally as many combinations."""
        members = self._members[label]
        if len(members) == 1:
            return [(int(members[0]), None)] * 2
        entries = len(members) * (2 if splices else 1)
        drawn: list[tuple[int, int | None]] = []
        for entry in random.choice(entries, 2, replace=False).tolist():
            if entry < len(members):
                drawn.append((int(members[entry]), None))
            else:
                first, second = random.choice(members, 2, replace=False).tolist()
                drawn.append((first, second))
        return drawn

    def _by_turns(self, epoch: int, batch: int) -> list[tuple[int, int | None]]:
        """A slice of the order of the epoch, which is repeated cyclically."""
        if self._shuffled is None or self._shuffled[0] != epoch:
            self._shuffled = epoch, np.random.default_rng([self._seed, epoch]).permutation(len(self._items))
        order = self._shuffled[1]
        places = np.arange(batch * self._batch_size, (batch + 1) * self._batch_size) % len(order)
        return [(int(item), None) for item in order[places]]
