"""Images as arrays: read from files by pillow, cut to a square, packed for the cache, and written."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from nlpx.core.extras import how_to_install, missing_modules
from nlpx.core.files import Unreadable, open_regular
from nlpx.core.lazy import np
from nlpx.errors import EnvironmentProblem

if TYPE_CHECKING:
    from PIL import Image

CHANNELS = 3
BYTES_PER_VALUE = 4
EXTRA = "images"
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")
"""What is read; a file is of the format that its first bytes tell, whatever its name says."""
EXPECTED = "a JPEG, a PNG, a GIF, a BMP, a TIFF or a WebP"
BRANDS = {
    b"avif": "an AVIF image",
    b"avis": "an AVIF image",
    b"heic": "an HEIC image",
    b"heix": "an HEIC image",
    b"mif1": "an HEIF image",
    b"mp4": "a video",
    b"isom": "a video",
}
OTHER_FORMATS = {
    b"\xff\x0a": "a JPEG XL image",
    b"\0\0\0\x0cJXL ": "a JPEG XL image",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 image",
    b"\0\0\x01\0": "an ICO image",
    b"8BPS": "a Photoshop document",
    b"<svg": "an SVG drawing",
    b"%PDF": "a PDF document",
}
"""What is recognised, but not read."""
MOST_PIXELS = 100_000_000
MOST_BYTES = 1 << 30
"""These bound the memory that a file takes, however well it is packed."""
STRIP = 1024
"""Lines of pixels that are made opaque at once."""
SMALLER = f"at most {MOST_PIXELS:,} are read. Make the image smaller"


class UnreadableImage(ValueError):
    """A file that holds no image that can be decoded; the text says why."""


def read_image(path: Path, size: int) -> np.ndarray:
    """The largest square in the middle of an image, resized: (size, size, 3) uint8 RGB.

    The orientation of a camera is obeyed, of an animation the first frame is taken, grey, palette and CMYK
    become RGB, what is transparent becomes white. Resizing interpolates linearly over all pixels it covers.

    Args:
        path: a file of one of FORMATS, of at most MOST_PIXELS.
        size: edge of the result in pixels.

    Raises:
        UnreadableImage: there is no such file, or it is no regular file, too large, damaged or no image.
        EnvironmentProblem: pillow is not installed.
    """
    need_pillow(path)
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        # Files that are odd but readable are no reason to warn.
        with (
            open_regular(path) as file,
            warnings.catch_warnings(action="ignore"),
            Image.open(_expect_small(file), formats=FORMATS) as image,
        ):
            if image.width * image.height > MOST_PIXELS:
                raise UnreadableImage(f"{image.width:,} x {image.height:,} pixels are too many; {SMALLER}")
            ImageOps.exif_transpose(image, in_place=True)
            square = ImageOps.fit(_rgb(image), (size, size), Image.Resampling.BILINEAR)
    except UnreadableImage:
        raise
    except UnidentifiedImageError:
        other = _other_format(path)
        if other:
            raise UnreadableImage(f"{other}, which is not read; expected {EXPECTED}: convert it") from None
        raise UnreadableImage(f"this is no image; expected {EXPECTED}") from None
    except Image.DecompressionBombError:
        raise UnreadableImage(f"it has too many pixels; {SMALLER}") from None
    except (Unreadable, OSError) as error:
        raise UnreadableImage(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    # Of damaged files, decoders raise whatever happens to go wrong inside them.
    except Exception as error:  # noqa: BLE001
        raise UnreadableImage(f"damaged: {str(error) or type(error).__name__}") from None
    return np.array(square, np.uint8)


def _expect_small(file: BinaryIO) -> BinaryIO:
    if os.fstat(file.fileno()).st_size > MOST_BYTES:
        raise UnreadableImage(f"it is larger than {MOST_BYTES:,} bytes; make it smaller")
    return file


def _other_format(path: Path) -> str:
    """What a file is that is no image of FORMATS, by its first bytes; empty where that is unknown."""
    try:
        with open_regular(path) as file:
            start = file.read(32)
    except (OSError, Unreadable):
        return ""
    if start[4:8] == b"ftyp":  # a box of the ISO media format, with its brands
        return next((name for brand, name in BRANDS.items() if brand in start[8:]), "")
    return next((name for begin, name in OTHER_FORMATS.items() if start.startswith(begin)), "")


def write_image(path: Path, pixels: np.ndarray) -> None:
    """Write an image as a file; how it is packed follows from the name.

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
        raise EnvironmentProblem(f"{path}: images need pillow. Install it: {how_to_install(EXTRA)}")


def _rgb(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode.startswith("I"):  # 16 bits of grey, of which the upper 8 are kept
        grey = np.clip(np.asarray(image) >> 8, 0, 255)
        image = Image.fromarray(grey.astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        return _on_white(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    """In strips, as each of the steps needs a copy of what it works on."""
    from PIL import Image

    whole = Image.new("RGB", image.size)
    for top in range(0, image.height, STRIP):
        box = 0, top, image.width, min(top + STRIP, image.height)
        strip = image.crop(box).convert("RGBA")
        white = Image.new("RGBA", strip.size, "white")
        whole.paste(Image.alpha_composite(white, strip).convert("RGB"), box)
    return whole


def pack(pixels: np.ndarray) -> np.ndarray:
    """Bytes, four to an int32: the form in which items keep an image. Fills up with zeros."""
    flat = pixels.reshape(-1)
    filled = np.zeros(-(-len(flat) // BYTES_PER_VALUE) * BYTES_PER_VALUE, np.uint8)
    filled[: len(flat)] = flat
    return filled.view("<i4").astype(np.int32, copy=False)


def unpack(values: np.ndarray, size: int) -> np.ndarray:
    """What `pack` was given: (size, size, 3) uint8; a view where the machine allows it."""
    flat = values.astype("<i4", copy=False).view(np.uint8)
    return flat[: size * size * CHANNELS].reshape(size, size, CHANNELS)
