"""Write PNG files without an imaging library."""

from __future__ import annotations

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = {1: 0, 3: 2}
"""Colour type by number of channels: grey, RGB."""


def png(pixels: np.ndarray) -> bytes:
    """The PNG file of an image (H, W, 1) or (H, W, 3) uint8."""
    height, width, channels = pixels.shape
    header = struct.pack(">2I5B", width, height, 8, COLOURS[channels], 0, 0, 0)
    lines = np.zeros((height, 1 + width * channels), np.uint8)  # every line begins with its filter: none
    lines[:, 1:] = pixels.reshape(height, -1)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b"")
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
