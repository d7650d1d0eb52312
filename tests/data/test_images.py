"""Images as arrays."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nlpx.core.extras import EXTRAS
from nlpx.data.images import FORMATS, STRIP, UnreadableImage, Upload, _rgb, read_image
from nlpx.errors import EnvironmentProblem

RED, GREEN, WHITE = (255, 0, 0), (0, 255, 0), (255, 255, 255)


def save(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


def test_the_middle_square_is_kept(tmp_path: Path) -> None:
    image = Image.new("RGB", (60, 20), GREEN)
    image.paste(RED, (20, 0, 40, 20))
    read = read_image(save(tmp_path / "wide.png", image), 20)
    assert read.shape == (20, 20, 3)
    assert (read == RED).all()
    assert (
        read_image(save(tmp_path / "high.png", image.transpose(Image.Transpose.ROTATE_90)), 20) == RED
    ).all()


def test_a_high_image_is_kept_up_to_a_multiple_of_its_width(tmp_path: Path) -> None:
    image = Image.new("RGB", (20, 60), GREEN)
    image.paste(RED, (0, 10, 20, 50))
    path = save(tmp_path / "high.png", image)
    whole = read_image(path, 10, 8)
    assert whole.shape == (30, 10, 3)
    assert (whole[6:24] == RED).all() and (whole[[0, 1, 2, 27, 28, 29]] == GREEN).all()
    part = read_image(path, 10, 2)
    assert part.shape == (20, 10, 3) and (part[1:-1] == RED).all()
    wide = save(tmp_path / "wide.png", image.transpose(Image.Transpose.ROTATE_90))
    assert read_image(wide, 10, 8).shape == (10, 10, 3)


def test_an_image_of_the_right_size_is_not_changed(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24, 3)).astype(np.uint8)
    assert (read_image(save(tmp_path / "same.png", Image.fromarray(pixels)), 24) == pixels).all()


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("L", 100, (100, 100, 100)),
        ("1", 1, WHITE),
        ("RGBA", (255, 0, 0, 0), WHITE),
        ("RGBA", (255, 0, 0, 255), RED),
        ("LA", (7, 255), (7, 7, 7)),
        ("I;16", 200 * 256, (200, 200, 200)),
        ("P", RED, RED),
    ],
)
def test_other_modes_become_rgb(tmp_path: Path, mode: str, colour: object, expected: tuple[int, ...]) -> None:
    made = Image.new("RGB" if mode == "P" else mode, (9, 9), colour)  # type: ignore[arg-type]  # a colour of the mode
    path = save(tmp_path / "image.png", made.convert("P") if mode == "P" else made)
    assert (read_image(path, 9) == expected).all()


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    path = save(tmp_path / "print.jpg", Image.new("CMYK", (16, 16), (0, 255, 255, 0)), quality=95)
    assert np.abs(read_image(path, 16).astype(int) - RED).max() < 12


@pytest.mark.parametrize("suffix", ["png", "tif", "jpg", "webp"])
@pytest.mark.parametrize(
    ("orientation", "top", "left"),
    [(1, RED, None), (3, GREEN, None), (4, GREEN, None), (6, None, GREEN), (8, None, RED)],
)
def test_the_orientation_of_a_camera_is_obeyed(
    tmp_path: Path,
    suffix: str,
    orientation: int,
    top: tuple[int, int, int] | None,
    left: tuple[int, int, int] | None,
) -> None:
    """The upper half is red; turned, that is another half."""
    image = Image.new("RGBA" if suffix == "tif" else "RGB", (16, 24), GREEN)
    image.paste(RED, (0, 0, 16, 12))
    exif = Image.Exif()
    exif[0x0112] = orientation
    read = read_image(save(tmp_path / f"turned.{suffix}", image, exif=exif), 16).astype(int)
    other = {RED: GREEN, GREEN: RED}
    for half, rest, colour in (
        (read[:7], read[9:], top),
        (read[:, :7], read[:, 9:], left),
    ):
        if colour:
            assert np.abs(half - np.array(colour)).max() < 12
            assert np.abs(rest - np.array(other[colour])).max() < 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_tiff_is_read_like_a_turned_png(tmp_path: Path, orientation: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (16, 24, 4)).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    first, second = (
        read_image(save(tmp_path / f"turned.{suffix}", Image.fromarray(pixels), exif=exif), 16)
        for suffix in ("png", "tif")
    )
    assert (first == second).all()


def test_what_is_no_image_says_why(tmp_path: Path) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("woof")
    with pytest.raises(UnreadableImage, match=r"this is not an image; expected a JPEG, a PNG, .* or a WebP$"):
        read_image(text, 8)
    with pytest.raises(UnreadableImage, match=r"cannot be read: No such file"):
        read_image(tmp_path / "nowhere.jpg", 8)
    with pytest.raises(UnreadableImage, match=r"cannot be read: it is a folder, not a regular file"):
        read_image(tmp_path, 8)
    with pytest.raises(UnreadableImage, match=r"cannot be read: File name too long"):
        read_image(tmp_path / ("x" * 300), 8)


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    (tmp_path / "loop.png").symlink_to("loop.png")
    with pytest.raises(UnreadableImage, match="it is a pipe, not a regular file"):
        read_image(tmp_path / "pipe.jpg", 8)
    with pytest.raises(UnreadableImage, match="it is a device, not a regular file"):
        read_image(tmp_path / "zero.png", 8)
    with pytest.raises(UnreadableImage, match="Too many levels of symbolic links"):
        read_image(tmp_path / "loop.png", 8)


@pytest.mark.parametrize("kind", ["DDS", "SPIDER", "TGA", "PCX", "ICO", "PPM", "SGI", "ICNS"])
def test_other_formats_are_refused_whatever_the_name_says(tmp_path: Path, kind: str) -> None:
    mode = "F" if kind == "SPIDER" else "RGB"
    # Saved as .jpg, SPIDER would make pillow write all later .jpg files of this process in its format.
    saved = save(tmp_path / "image.other", Image.new("RGB", (32, 32), RED).convert(mode), format=kind)
    path = saved.rename(tmp_path / "image.jpg")
    with Image.open(path) as image:
        assert image.format == kind
    with pytest.raises(UnreadableImage, match="expected a JPEG, a PNG"):
        read_image(path, 8)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_documented_formats_are_read_whatever_the_name_says(tmp_path: Path, kind: str) -> None:
    path = save(tmp_path / "image.txt", Image.new("RGB", (9, 9), RED), format=kind)
    assert np.abs(read_image(path, 8).astype(int) - RED).max() < 12


@pytest.mark.parametrize("kind", ["PNG", "GIF", "TIFF", "WEBP"])
def test_of_an_animation_the_first_frame_is_read(tmp_path: Path, kind: str) -> None:
    frames = [Image.new("RGB", (9, 9), colour) for colour in (RED, GREEN, WHITE)]
    path = save(tmp_path / "moving", frames[0], format=kind, save_all=True, append_images=frames[1:])
    assert np.abs(read_image(path, 8).astype(int) - RED).max() < 12


@pytest.mark.parametrize(("width", "height"), [(13_000, 13_000), (10_001, 10_000), (1, 100_000_001)])
def test_images_of_too_many_pixels_are_not_decoded(tmp_path: Path, width: int, height: int) -> None:
    """The limit itself is read: a file with nothing behind its header is cut off, and not too large."""
    too_large = f"{width:,} x {height:,} pixels exceed the limit; at most 100,000,000 are read. Make the image smaller"
    assert refusal(tmp_path, png(width, height)) == too_large
    assert (
        refusal(tmp_path, png(10_000, 10_000))
        == "cannot be read: image file is truncated (0 bytes not processed)"
    )


def test_pixels_that_pillow_refuses_to_count_are_too_many(tmp_path: Path) -> None:
    assert refusal(tmp_path, png(2**31 - 1, 2**31 - 1)).startswith(
        "it has too many pixels; at most 100,000,000 are read"
    )


@pytest.mark.parametrize("name", [b"zTXt", b"iCCP"])
def test_a_packed_text_or_profile_of_many_bytes_is_refused(tmp_path: Path, name: bytes) -> None:
    packed = zlib.compress(b"a" * (1 << 25))
    assert len(packed) < 1 << 18
    assert refusal(tmp_path, png(8, 8, chunk(name, b"k\0\0" + packed))).startswith(
        "damaged: Decompressed data"
    )


def test_a_file_of_too_many_bytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.webp"
    path.write_bytes(b"RIFF\0\0\0\0WEBPVP8L")
    os.truncate(path, (1 << 30) + 1)
    with pytest.raises(UnreadableImage, match=r"it is larger than 1,073,741,824 bytes; make it smaller"):
        read_image(path, 8)


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, more: bytes = b"") -> bytes:
    """A PNG whose pixels are missing."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + more + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def refusal(folder: Path, content: bytes) -> str:
    path = folder / "image.png"
    path.write_bytes(content)
    with pytest.raises(UnreadableImage) as caught:
        read_image(path, 8)
    return str(caught.value)


def test_transparent_images_of_several_strips_become_opaque_line_by_line(tmp_path: Path) -> None:
    high = np.zeros((2 * STRIP + 5, 3, 4), np.uint8)
    high[:, :, 3] = np.arange(len(high))[:, None] % 256
    path = save(tmp_path / "high.png", Image.fromarray(high))
    with Image.open(path) as image:
        opaque = np.asarray(_rgb(image))
    assert (opaque == 255 - high[..., 3:]).all()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("Failed to decode frame 0"), "damaged: Failed to decode frame 0"),
        (ZeroDivisionError("division by zero"), "damaged: division by zero"),
        (MemoryError(), "damaged: MemoryError"),
        (TypeError("no header"), "damaged: no header"),
        (OSError("decoder error -2"), "cannot be read: decoder error -2"),
    ],
)
def test_whatever_a_decoder_raises_makes_a_damaged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def fail(image: Image.Image) -> None:
        raise error

    path = save(tmp_path / "a.png", Image.new("RGB", (9, 9)))
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load_prepare", fail)
    with pytest.raises(UnreadableImage) as caught:
        read_image(path, 8)
    assert str(caught.value) == reason


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, suffix: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8)
    path = save(tmp_path / f"whole.{suffix}", Image.fromarray(pixels))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UnreadableImage):
        read_image(path, 8)


STARTS = (
    b"DDS ",
    b"\0\0\0\x20ftypavif",
    b"8BPS",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"RIFF",
    b"\xff\xd8\xff",
    b"P6 9 9 9\n",
)


def damaged(seed: int) -> bytes:
    """A small image of any format and mode with other bytes in it, or less of them, or another beginning."""
    random = np.random.default_rng(seed)
    mode = ("RGB", "L", "P", "RGBA", "CMYK")[seed % 5]
    image = Image.fromarray(random.integers(0, 256, (13, 12, 3)).astype(np.uint8)).convert(mode)
    exif = Image.Exif()
    exif[0x0112] = seed % 9
    buffer = io.BytesIO()
    kind = FORMATS[seed % 6]
    fitting = image if mode != "CMYK" or kind in ("JPEG", "TIFF") else image.convert("RGB")
    fitting = fitting.convert("RGB") if kind == "JPEG" and mode in ("P", "RGBA") else fitting
    fitting.save(buffer, kind, **({} if kind in ("BMP", "GIF") else {"exif": exif}))
    data = np.frombuffer(buffer.getvalue(), np.uint8).copy()
    places = random.integers(0, (64, len(data))[seed % 2], 1 + seed % 7)
    data[places] = random.integers(0, 256, len(places))
    content = data.tobytes()
    if seed % 4 == 0:
        content = content[: int(random.integers(len(content)))]
    if seed % 7 == 0:
        start = STARTS[seed % len(STARTS)]
        content = start + content[len(start) :]
    return content


def test_a_damaged_file_is_read_or_refused(tmp_path: Path) -> None:
    path, good = tmp_path / "image", 0
    for seed in range(420):
        path.write_bytes(damaged(seed))
        try:
            assert read_image(path, 6).shape == (6, 6, 3)
            good += 1
        except UnreadableImage as error:
            assert str(error), seed
    assert 40 < good < 380


def test_without_pillow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXTRAS, "images", ("no_such_module_anywhere",))
    with pytest.raises(EnvironmentProblem, match=r"pip install -e '\.\[images\]'"):
        read_image(tmp_path / "a.jpg", 8)


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", "an AVIF image"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "an AVIF image"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "an HEIC image"),
        (b"\xff\x0a\xfa\x1f", "a JPEG XL image"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"<svg xmlns='...'>", "an SVG drawing"),
    ],
)
def test_a_format_that_is_not_read_is_named(tmp_path: Path, start: bytes, name: str) -> None:
    (tmp_path / "a.jpg").write_bytes(start + bytes(40))
    with pytest.raises(UnreadableImage) as caught:
        read_image(tmp_path / "a.jpg", 8)
    assert str(caught.value).startswith(f"{name}, which is not supported; expected a JPEG, a PNG")
    assert str(caught.value).endswith(". Convert it")


def test_an_image_in_memory_is_read_as_a_file_is(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (9, 7), "red").save(path)
    upload = Upload("../b.png", path.read_bytes())
    assert (read_image(upload, None) == read_image(path, None)).all()
    with pytest.raises(UnreadableImage, match=r"an HEIC image, which is not supported"):
        read_image(Upload("c.heic", b"\0\0\0\x18ftypheic" + b"\0" * 40), None)
    with pytest.raises(UnreadableImage, match="not an image"):
        read_image(Upload(str(path), b"nothing"), None)
