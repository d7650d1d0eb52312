"""Images and labels in IDX files, as of MNIST."""

from __future__ import annotations

import gzip
import math
import zlib
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
    Relations: for the tasks digits, gan and image_classification. Other images: see folders.
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
    start, shape, content = 4 + 4 * dimensions, [], b""
    try:
        with open_regular(path) as file:
            packed = file.read(2) == GZIP
            file.seek(0)
            stream = gzip.GzipFile(fileobj=file) if packed else file
            head = stream.read(start)
            if head[:4] == bytes([0, 0, UBYTE, dimensions]) and len(head) == start:
                shape = np.frombuffer(head, ">u4", dimensions, 4).tolist()
                content = stream.read(min(math.prod(shape), MOST_BYTES) + 1)
    except FileNotFoundError:
        raise DataError(
            f"{path}: there is no such file. Paths are relative to data.root; data/README.md lists corpora."
        ) from None
    except (Unreadable, OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}. Expected an IDX file.") from None
    expected = f"expected an IDX file of unsigned bytes with {dimensions} dimensions"
    if not shape:
        kinds = {bytes([0, 0, UBYTE, 1]): "labels", bytes([0, 0, UBYTE, 3]): "images"}
        what = kinds.get(head[:4], "something else")
        raise DataError(f"{path}: this file contains {what}; {expected}. First images, then labels.")
    size = math.prod(shape)
    if not size:
        raise DataError(f"{path}: the shape {shape} has no elements; {expected}.")
    if size > MOST_BYTES:
        raise DataError(f"{path}: {size:,} bytes for the shape {shape}; at most {MOST_BYTES:,} are read.")
    if len(content) != size:
        found = "more than that" if len(content) > size else f"{len(content):,}, so it is incomplete"
        raise DataError(f"{path}: the shape {shape} needs {size:,} bytes, the file has {found}; {expected}.")
    return np.frombuffer(content, np.uint8).reshape(shape)
