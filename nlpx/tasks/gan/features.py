"""Features of images: those of a small classifier that is trained on the training split."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from nlpx.core.files import replacing
from nlpx.core.lazy import keras
from nlpx.data.records import LabelledImage
from nlpx.specs.predictor import Say, unheard

IMAGES, EPOCHS, BATCH = 20_000, 2, 64
"""Most images of training, number of epochs, images of a batch."""
WIDTH = 64
FILE = "classifier.npz"


class ImageFeatures:
    """Images (N, S, S, C) uint8 -> features (N, 64) float32, the last hidden layer of a classifier.

    The classifier is trained when it is first needed: two convolutions and two dense layers, on at most
    20,000 training images with their labels. Equal images give equal weights, so that runs on the same data
    can be compared; other data gives other features.

    Args:
        pixels: returns the image of a row.
    """

    def __init__(self, pixels: Callable[[LabelledImage], np.ndarray]) -> None:
        self._pixels = pixels
        self._rows: Callable[[str], Iterable[Any]] = lambda split: ()
        self._folder: Path | None = None
        self._say: Say = unheard
        self._model: Any = None

    def prepare(self, rows: Callable[[str], Iterable[Any]], folder: Path | None, say: Say) -> None:
        """Where training rows come from, and where the weights are kept; see `Predictor.prepare`."""
        self._rows, self._folder, self._say = rows, folder, say
        if self._model is not None and folder is not None and not (folder / FILE).exists():
            self._keep()  # trained in an evaluation during training, which has no folder

    def __call__(self, images: np.ndarray) -> np.ndarray:
        if self._model is None:
            self._model = self._read(images.shape[1:])
        if self._model is None:
            self._model = self._trained()
            self._keep()
        parts = [self._model(images[i : i + 512])[0] for i in range(0, len(images), 512)]
        return np.concatenate([np.asarray(part) for part in parts])

    def _trained(self) -> Any:
        self._say("training a classifier of the training images, whose features metrics compare")
        rows = list(islice(self._rows("train"), IMAGES))
        images = np.stack([self._pixels(row) for row in rows])
        names = sorted({row.label for row in rows})
        if len(names) < 2:
            self._say("warning: the training images have one label, so that these features mean little")
        labels = np.array([names.index(row.label) for row in rows], np.int32)
        model = _classifier(images.shape[1:], len(names))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(1e-3), loss=[None, loss])
        for epoch in range(EPOCHS):
            order = np.random.default_rng(epoch).permutation(len(images))
            for start in range(0, max(len(order) - BATCH, 0) + 1, BATCH):
                chosen = order[start : start + BATCH]
                model.train_on_batch(images[chosen], [None, labels[chosen]])
        return model

    def _keep(self) -> None:
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(self._folder / FILE) as temporary, temporary.open("xb") as file:
                np.savez(file, *self._model.get_weights())
        except OSError as error:
            self._say(f"the classifier cannot be kept in {self._folder}: {error.strerror or error}")

    def _read(self, shape: tuple[int, ...]) -> Any:
        """The classifier of an earlier evaluation; None if there is none, or if it is not of this shape."""
        try:
            with np.load(self._folder / FILE, allow_pickle=False) as file:  # type: ignore[operator]
                weights = [file[f"arr_{i}"] for i in range(len(file.files))]
            model = _classifier(shape, weights[-1].shape[0])
            model.set_weights(weights)
        except (OSError, ValueError, TypeError, KeyError, IndexError, EOFError, BadZipFile):
            return None
        return model


def _classifier(shape: tuple[int, ...], classes: int) -> Any:
    """Images -> features (N, 64), logits (N, classes); its initial weights depend on nothing else."""
    layers = keras.layers

    def start(seed: int) -> Any:
        return {"kernel_initializer": keras.initializers.GlorotUniform(seed), "dtype": "float32"}

    images = keras.Input(shape, dtype="float32")
    x = layers.Rescaling(1 / 255, dtype="float32")(images)
    for seed, width in enumerate((16, 32)):
        x = layers.Conv2D(width, 3, padding="same", activation="relu", **start(seed))(x)
        x = layers.MaxPooling2D(2, dtype="float32")(x)
    features = layers.Dense(WIDTH, "relu", **start(2))(layers.Flatten(dtype="float32")(x))
    return keras.Model(images, [features, layers.Dense(classes, **start(3))(features)])
