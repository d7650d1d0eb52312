"""Images and labels in IDX files, as of MNIST."""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.components.sources.base import CorpusPath, FileSource
from nlpx.core.files import Unreadable, open_regular
from nlpx.core.lazy import np
from nlpx.data.files import printable
from nlpx.data.images import CHANNELS, MOST_BYTES
from nlpx.data.records import LabelledImage
from nlpx.errors import DataError

Files = Annotated[list[CorpusPath], Field(min_length=2, max_length=2)]
GZIP = b"\x1f\x8b"
UBYTE = 0x08


class Idx(FileSource):
    """Grey images with labels in two IDX files per split, as of MNIST and Fashion-MNIST.

    Options:
        train: file of images and file of labels.
        holdout: number of training images to hold out for validation if `valid` is not set.
    Shapes: images (H, W) of one size, and a label from 0 to 255 each.
    Data: unsigned bytes, compressed with gzip or not: an array (N, H, W), and an array (N,).
    Relations: for the tasks gan and image_classification. Other images: see folders.
    Reference: LeCun et al. 1998, the MNIST database of handwritten digits.
    Example:
        data:
          root: corpora
          source:
            type: idx
            train: [train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz]
            holdout: 5000
    """

    record: ClassVar[str] = LabelledImage.kind

    type: Literal["idx"] = "idx"
    train: Files  # type: ignore[assignment]  # of other sources it is one file
    valid: Files | None = None  # type: ignore[assignment]
    test: Files | None = None  # type: ignore[assignment]

    def read(self, paths: list[Path]) -> Iterator[LabelledImage]:
        images, labels = _array(paths[0], 3), _array(paths[1], 1)
        if len(images) != len(labels):
            raise DataError(
                f"{paths[1]}: {len(labels)} labels, but {paths[0]} has {len(images)} images. "
                "Give the file of images and the file of labels of one split."
            )
        name = printable(paths[0])
        for number, (pixels, label) in enumerate(zip(images, labels.tolist(), strict=True), start=1):
            rgb = np.repeat(pixels[..., None], CHANNELS, axis=-1)
            yield LabelledImage(f"{name}:{number}", f"{paths[0].name}:{number}", str(label), rgb)


def _array(path: Path, dimensions: int) -> np.ndarray:
    """The array of an IDX file of unsigned bytes.

    Raises:
        DataError: there is no such file, or it contains something else.
    """
    try:
        with open_regular(path) as file:
            packed = file.read(2) == GZIP
            file.seek(0)
            content = (gzip.GzipFile(fileobj=file) if packed else file).read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise DataError(
            f"{path}: there is no such file. Paths are relative to data.root; data/README.md lists corpora."
        ) from None
    except (Unreadable, OSError, EOFError) as error:
        raise DataError(f"{path}: cannot be read: {error}. Expected an IDX file.") from None
    start = 4 + 4 * dimensions
    expected = f"expected an IDX file of unsigned bytes with {dimensions} dimensions"
    if content[:4] != bytes([0, 0, UBYTE, dimensions]) or len(content) < start:
        kinds = {bytes([0, 0, UBYTE, 1]): "labels", bytes([0, 0, UBYTE, 3]): "images"}
        what = kinds.get(content[:4], "something else")
        raise DataError(f"{path}: this file contains {what}; {expected}. First images, then labels.")
    shape = np.frombuffer(content, ">u4", dimensions, 4).tolist()
    if len(content) - start != math.prod(shape):
        raise DataError(
            f"{path}: {len(content) - start:,} bytes for the shape {shape}; {expected}. It is incomplete."
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
