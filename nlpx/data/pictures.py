"""Pictures as arrays: read from files by pillow, cut to a square, packed for the cache, and written."""

from __future__ import annotations

import struct
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nlpx.errors import EnvironmentProblem
from nlpx.specs.extras import how_to_install, missing_modules

if TYPE_CHECKING:
    from PIL import Image

CHANNELS = 3
BYTES_PER_VALUE = 4
EXTRA = "images"


class UnreadablePicture(ValueError):
    """A file that holds no picture that can be decoded; the text says why."""


def read_picture(path: Path, size: int) -> np.ndarray:
    """The largest square in the middle of a picture, resized: (size, size, 3) uint8 RGB.

    The orientation of a camera is obeyed, of an animation the first frame is taken, grey, palette and CMYK
    become RGB, what is transparent becomes white. Resizing interpolates linearly over all pixels it covers.

    Args:
        path: a JPEG, PNG or any other file that pillow reads.
        size: edge of the result in pixels.

    Raises:
        UnreadablePicture: there is no such file, or it is damaged or no picture.
        EnvironmentProblem: pillow is not installed.
    """
    need_pillow(path)
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        # Files that are odd but readable are no reason to warn.
        with warnings.catch_warnings(action="ignore"), Image.open(path) as image:
            upright = ImageOps.exif_transpose(image)
            square = ImageOps.fit(_rgb(upright), (size, size), Image.Resampling.BILINEAR)
    except UnidentifiedImageError:
        raise UnreadablePicture(
            "this is no picture; expected a JPEG, a PNG or another format that pillow reads"
        ) from None
    except OSError as error:
        raise UnreadablePicture(f"cannot be read: {error.strerror or error}") from None
    except (
        Image.DecompressionBombError,
        EOFError,
        SyntaxError,
        ValueError,
        struct.error,
        zlib.error,
    ) as error:
        raise UnreadablePicture(f"damaged: {error}") from None
    return np.array(square, np.uint8)


def write_picture(path: Path, pixels: np.ndarray) -> None:
    """Write a picture as a file; how it is packed follows from the name.

    Args:
        path: of the file, such as `000001.png`.
        pixels: (H, W, 3) uint8 RGB.

    Raises:
        OSError: the file cannot be written.
        EnvironmentProblem: pillow is not installed.
    """
    need_pillow(path)
    from PIL import Image

    Image.fromarray(pixels).save(path)


def need_pillow(path: Path) -> None:
    """Raise EnvironmentProblem where there is no pillow to read or write a file of an image with."""
    if missing_modules(EXTRA):
        raise EnvironmentProblem(f"{path}: pictures need pillow. Install it: {how_to_install(EXTRA)}")


def _rgb(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode.startswith("I"):  # 16 bits of grey, of which the upper 8 are kept
        grey = np.clip(np.asarray(image).astype(np.int64) >> 8, 0, 255)
        image = Image.fromarray(grey.astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def pack(pixels: np.ndarray) -> np.ndarray:
    """Bytes, four to an int32: the form in which items keep a picture. Fills up with zeros."""
    flat = pixels.reshape(-1)
    filled = np.zeros(-(-len(flat) // BYTES_PER_VALUE) * BYTES_PER_VALUE, np.uint8)
    filled[: len(flat)] = flat
    return filled.view("<i4").astype(np.int32, copy=False)


def unpack(values: np.ndarray, size: int) -> np.ndarray:
    """What `pack` was given: (size, size, 3) uint8; a view where the machine allows it."""
    flat = values.astype("<i4", copy=False).view(np.uint8)
    return flat[: size * size * CHANNELS].reshape(size, size, CHANNELS)
