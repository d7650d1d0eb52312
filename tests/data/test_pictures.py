"""Pictures as arrays."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nlpx.data.pictures import UnreadablePicture, pack, read_picture, unpack
from nlpx.errors import EnvironmentProblem
from nlpx.specs.extras import EXTRAS

RED, GREEN, WHITE = (255, 0, 0), (0, 255, 0), (255, 255, 255)


def save(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


def test_the_middle_square_is_kept(tmp_path: Path) -> None:
    image = Image.new("RGB", (60, 20), GREEN)
    image.paste(RED, (20, 0, 40, 20))
    read = read_picture(save(tmp_path / "wide.png", image), 20)
    assert read.shape == (20, 20, 3)
    assert (read == RED).all()
    assert (
        read_picture(save(tmp_path / "high.png", image.transpose(Image.Transpose.ROTATE_90)), 20) == RED
    ).all()


def test_a_picture_of_the_right_size_is_not_changed(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24, 3)).astype(np.uint8)
    assert (read_picture(save(tmp_path / "same.png", Image.fromarray(pixels)), 24) == pixels).all()


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
    path = save(tmp_path / "picture.png", made.convert("P") if mode == "P" else made)
    assert (read_picture(path, 9) == expected).all()


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    path = save(tmp_path / "print.jpg", Image.new("CMYK", (16, 16), (0, 255, 255, 0)), quality=95)
    assert np.abs(read_picture(path, 16).astype(int) - RED).max() < 12


def test_the_orientation_of_a_camera_is_obeyed(tmp_path: Path) -> None:
    image = Image.new("RGB", (16, 16), GREEN)
    image.paste(RED, (0, 0, 16, 8))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    read = read_picture(save(tmp_path / "turned.png", image, exif=exif), 16)
    assert (read[:8] == GREEN).all()
    assert (read[8:] == RED).all()


def test_what_is_no_picture_says_why(tmp_path: Path) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("woof")
    with pytest.raises(UnreadablePicture, match=r"this is no picture; expected a JPEG, a PNG"):
        read_picture(text, 8)
    with pytest.raises(UnreadablePicture, match=r"cannot be read: No such file"):
        read_picture(tmp_path / "nowhere.jpg", 8)
    with pytest.raises(UnreadablePicture, match=r"cannot be read: Is a directory"):
        read_picture(tmp_path, 8)


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, suffix: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8)
    path = save(tmp_path / f"whole.{suffix}", Image.fromarray(pixels))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UnreadablePicture):
        read_picture(path, 8)


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"]), seed=st.integers(0, 10**6))
def test_a_damaged_file_is_read_or_refused(
    kind: str, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    random = np.random.default_rng(seed)
    buffer = io.BytesIO()
    Image.fromarray(random.integers(0, 256, (12, 12, 3)).astype(np.uint8)).save(buffer, kind)
    data = np.frombuffer(buffer.getvalue(), np.uint8).copy()
    places = random.integers(0, len(data), 1 + seed % 7)
    data[places] = random.integers(0, 256, len(places))
    path = tmp_path_factory.mktemp("damaged") / "picture"
    path.write_bytes(data.tobytes())
    try:
        assert read_picture(path, 6).shape == (6, 6, 3)
    except UnreadablePicture as error:
        assert str(error)


def test_without_pillow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXTRAS, "images", ("no_such_module_anywhere",))
    with pytest.raises(EnvironmentProblem, match=r"pip install -e '\.\[images\]'"):
        read_picture(tmp_path / "a.jpg", 8)


@given(size=st.integers(1, 30), seed=st.integers(0, 99))
def test_packed_pictures_come_back(size: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 3)).astype(np.uint8)
    packed = pack(pixels)
    assert packed.dtype == np.int32
    assert len(packed) == -(-size * size * 3 // 4)
    assert (unpack(packed, size) == pixels).all()
