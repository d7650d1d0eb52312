"""Images as arrays: read from files by pillow, cut to a square, and written."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from nlpx.core.extras import how_to_install, missing_modules
from nlpx.core.files import Unreadable, open_regular
from nlpx.core.lazy import np
from nlpx.data.formats.binary import binary
from nlpx.data.formats.look import Look
from nlpx.errors import EnvironmentProblem

if TYPE_CHECKING:
    from PIL import Image

CHANNELS = 3
EXTRA = "images"
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")
"""What is read; a file is of the format that its first bytes tell, whatever its name says."""
EXPECTED = "a JPEG, a PNG, a GIF, a BMP, a TIFF or a WebP"
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
        other = binary(Look(path))
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
