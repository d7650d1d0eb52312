"""Read images as square arrays with pillow, and write them."""

from __future__ import annotations

import os
import warnings
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from nlpx.core.extras import how_to_install, missing_modules
from nlpx.core.files import Unreadable, open_regular
from nlpx.core.lazy import np
from nlpx.core.paths import is_folder
from nlpx.data.formats.binary import binary, binary_kind
from nlpx.data.formats.look import Look
from nlpx.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from PIL import Image

CHANNELS = 3
EXTRA = "images"
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")
"""Supported formats, which are detected by the first bytes of a file, not by its name."""
EXPECTED = "a JPEG, a PNG, a GIF, a BMP, a TIFF or a WebP"
MOST_PIXELS = 100_000_000
MOST_BYTES = 1 << 30
"""Limits of the memory for a file, however well it is compressed."""
STRIP = 1024
"""Number of rows of pixels that are made opaque at the same time."""
SMALLER = f"at most {MOST_PIXELS:,} are read. Make the image smaller"


class UnreadableImage(ValueError):
    """A file that cannot be decoded as an image; the message is the reason."""


@dataclass(frozen=True)
class Upload:
    """An image that is in memory, and in no file.

    Args:
        name: for messages; never used as a path.
        content: of a file.
    """

    name: str
    content: bytes

    def __str__(self) -> str:
        return self.name

    def open(self) -> BytesIO:
        return BytesIO(self.content)


ImageSource = str | Path | Upload


def is_blank(source: ImageSource) -> bool:
    """Whether no image is named."""
    return isinstance(source, str) and not source.strip()


def read_image(path: ImageSource, size: int | None, highest: float = 1) -> np.ndarray:
    """The resized central square of an image, (size, size, 3) uint8 RGB; see `highest`. None: all of it.

    Applies the EXIF orientation and uses the first frame of an animation. Grey, palette and CMYK images
    become RGB, transparent areas white. Resizing averages over all covered pixels with linear weights.

    Args:
        path: a file, or what it contains.
        size: width in pixels.
        highest: an image that is higher than wide is kept up to this multiple of its width: (H, size, 3).

    Raises:
        UnreadableImage: the file does not exist, or is not a regular file, too large, damaged or not an
            image.
        EnvironmentProblem: pillow is not installed.
    """
    if isinstance(path, str):
        path = Path(path)
    need_pillow(path)
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        # Do not warn about unusual files that can be read.
        with (
            _opened(path) as file,
            warnings.catch_warnings(action="ignore"),
            Image.open(_expect_small(file), formats=FORMATS) as image,
        ):
            if image.width * image.height > MOST_PIXELS:
                raise UnreadableImage(
                    f"{image.width:,} x {image.height:,} pixels exceed the limit; {SMALLER}"
                )
            ImageOps.exif_transpose(image, in_place=True)
            fitted = _rgb(image)
            if size is not None:
                height = round(size * min(max(image.height / image.width, 1), highest))
                fitted = ImageOps.fit(fitted, (size, height), Image.Resampling.BILINEAR)
    except UnreadableImage:
        raise
    except UnidentifiedImageError:
        other = binary_kind(path.content) if isinstance(path, Upload) else binary(Look(path))
        if other:
            raise UnreadableImage(
                f"{other}, which is not supported; expected {EXPECTED}. Convert it"
            ) from None
        raise UnreadableImage(f"this is not an image; expected {EXPECTED}") from None
    except Image.DecompressionBombError:
        raise UnreadableImage(f"it has too many pixels; {SMALLER}") from None
    except (Unreadable, OSError) as error:
        raise UnreadableImage(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    # Decoders raise arbitrary exceptions for damaged files.
    except Exception as error:  # noqa: BLE001
        raise UnreadableImage(f"damaged: {str(error) or type(error).__name__}") from None
    return np.array(fitted, np.uint8)


def _opened(source: Path | Upload) -> AbstractContextManager[BinaryIO]:
    return source.open() if isinstance(source, Upload) else open_regular(source)


def _expect_small(file: BinaryIO) -> BinaryIO:
    if file.seek(0, os.SEEK_END) > MOST_BYTES:
        raise UnreadableImage(f"it is larger than {MOST_BYTES:,} bytes; make it smaller")
    file.seek(0)
    return file


def image_files(path: Path) -> list[str]:
    """A file itself, or all files in a folder and its subfolders; raises UsageError for an empty folder."""
    if not is_folder(path):
        return [str(path)]
    found = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
    if not found:
        raise UsageError(f"{path}: no file is in this folder. Expected images.")
    return [str(file) for file in found]


def write_image(path: Path, pixels: np.ndarray) -> None:
    """Write an image, (H, W, 3) uint8 RGB; the name determines the format. Raises OSError."""
    need_pillow(path)
    from PIL import Image

    Image.fromarray(pixels).save(path)


def need_pillow(path: ImageSource) -> None:
    """Raise EnvironmentProblem if pillow is not installed."""
    if missing_modules(EXTRA):
        raise EnvironmentProblem(f"{path}: images need pillow. Install it: {how_to_install(EXTRA)}")


def _rgb(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode.startswith("I"):  # 16-bit grey, of which the upper 8 bits are kept
        grey = np.clip(np.asarray(image) >> 8, 0, 255)
        image = Image.fromarray(grey.astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        return _on_white(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    """In strips, because each step makes a copy."""
    from PIL import Image

    whole = Image.new("RGB", image.size)
    for top in range(0, image.height, STRIP):
        box = 0, top, image.width, min(top + STRIP, image.height)
        strip = image.crop(box).convert("RGBA")
        white = Image.new("RGBA", strip.size, "white")
        whole.paste(Image.alpha_composite(white, strip).convert("RGB"), box)
    return whole
