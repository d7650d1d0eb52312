"""Characters rendered from the files of fonts, with pillow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.core.lazy import np
from nlpx.core.paths import is_folder
from nlpx.data.files import printable
from nlpx.data.glyphs import DARK, trimmed
from nlpx.data.images import need_pillow
from nlpx.errors import DataError

if TYPE_CHECKING:
    from PIL import ImageFont

SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
MISSING = "\U0010ffff"
"""A code point that is no character, for which every font shows its glyph `.notdef`."""
FACE = "#"
"""Between a file and the number of one of its faces."""


class Typeface:
    """One face of a file of fonts.

    Args:
        path: the file.
        index: number of the face in a collection.

    Raises:
        DataError: the file is no font, or has no such face.
        EnvironmentProblem: pillow is not installed.
    """

    def __init__(self, path: Path, index: int = 0) -> None:
        self._path, self._index = path, index
        need_pillow(path)
        self._font = lru_cache(self._open)
        self._font(12)

    @cached_property
    def name(self) -> str:
        """The file without its folder, and the number of the face unless it is the first."""
        return printable(Path(f"{self._path.name}{FACE}{self._index}" if self._index else self._path.name))

    def ink(self, character: str, size: int) -> np.ndarray:
        """The ink of a character at a size in pixels per em, (H, W) bool without margin; may be empty."""
        return trimmed(self._grey(character, size) >= DARK)

    def lacks(self, character: str, size: int) -> str:
        """Why the font cannot show a character; an empty string if it can."""
        grey = self._grey(character, size)
        if not (grey >= DARK).any():
            return "the glyph is empty"
        unknown = self._grey(MISSING, size)
        same = grey.shape == unknown.shape and bool((grey == unknown).all())
        return "the font has no glyph for it, and would show .notdef" if same else ""

    def _grey(self, character: str, size: int) -> np.ndarray:
        """The coverage of pixels, (H, W) uint8."""
        mask = self._font(size).getmask(character, mode="L")
        width, height = mask.size
        return np.frombuffer(bytes(mask), np.uint8).reshape(height, width)

    def _open(self, size: int) -> ImageFont.FreeTypeFont:
        from PIL import ImageFont

        try:
            return ImageFont.truetype(self._path, size, self._index, layout_engine=ImageFont.Layout.BASIC)
        except OSError as error:
            face = f" with a face {self._index}" if self._index else ""
            raise DataError(
                f"{printable(self._path)}: this is no font{face}: {error}. Expected a TrueType or OpenType "
                "file; FILE#1 is the second face of a collection."
            ) from None


def split_face(name: str) -> tuple[str, int]:
    """`FILE#1` -> the file, and the number of the face; without a number, it is 0."""
    file, mark, number = name.rpartition(FACE)
    return (file, int(number)) if mark and number.isascii() and number.isdigit() else (name, 0)


def font_files(path: Path) -> Sequence[Path]:
    """A file itself, or the fonts in a folder and its subfolders, sorted.

    Raises:
        DataError: there is no font in a folder.
    """
    if not is_folder(path):
        return [path]
    found = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
    if not found:
        raise DataError(f"{path}: there is no font in this folder. Expected {', '.join(SUFFIXES)}.")
    return found
