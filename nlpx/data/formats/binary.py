"""Recognize unsupported files of images and documents by their first bytes."""

from __future__ import annotations

from nlpx.data.formats.look import Look

BRANDS = {
    b"avif": "an AVIF image",
    b"avis": "an AVIF image",
    b"heic": "an HEIC image",
    b"heix": "an HEIC image",
    b"mif1": "an HEIF image",
    b"mp4": "a video",
    b"isom": "a video",
}
BEGINNINGS = {
    b"\xff\x0a": "a JPEG XL image",
    b"\0\0\0\x0cJXL ": "a JPEG XL image",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 image",
    b"\0\0\x01\0": "an ICO image",
    b"8BPS": "a Photoshop document",
    b"<svg": "an SVG drawing",
    b"%PDF": "a PDF document",
}


def binary(look: Look) -> str:
    """The kind of a file, or an empty string if it is unknown."""
    return binary_kind(look.start)


def binary_kind(start: bytes) -> str:
    """The kind of a file with these first bytes, or an empty string if it is unknown."""
    if start[4:8] == b"ftyp":  # a box of the ISO media format, with its brands
        return next((name for brand, name in BRANDS.items() if brand in start[8:]), "")
    return next((name for begin, name in BEGINNINGS.items() if start.startswith(begin)), "")
