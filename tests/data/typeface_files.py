"""Files of fonts for tests: the one that pillow contains, of Latin letters, and copies that differ in a byte."""

from __future__ import annotations

from pathlib import Path

from PIL import ImageFont


def font_bytes(copy: int = 0) -> bytes:
    """The content of a font; those with different numbers differ, and have the same glyphs."""
    font = ImageFont.load_default(12)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font.font_bytes + bytes(copy)


def write_font(path: Path, copy: int = 0) -> Path:
    """Write such a font."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(font_bytes(copy))
    return path
