"""Pages with graphics: read by layers where the threshold fails, drawn stage by stage, wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nlpx.components.pages import layers
from nlpx.data.page.drawing import CHARACTER, LINE
from nlpx.errors import UsageError
from nlpx.tasks.ocr.codec import GlyphCodec
from nlpx.tasks.ocr.references import NearestImage
from nlpx.tasks.ocr.sample.strokes import draw
from tests.tasks.conftest import Command, nlpx
from tests.tasks.test_ocr import LINES, TINY
from tests.trained import TrainOnce

__all__ = ["nlpx"]

STAGES = ["1-levels", "2-layers", "3-eroded", "4-pooled", "5-text", "6-regions", "7-boxes"]
TOP, LEFT, PITCH = 40, 40, 90


def page_with_graphics() -> np.ndarray:
    """LINES on a ground with a gradient, a frame, rules between the lines, and texture below, (H, W, 3)."""
    height, width = 440, 420
    y, x = np.mgrid[:height, :width]
    grey = 120 + 120 * (x + y) / (height + width)
    grey[8:11, 8:-8] = grey[-11:-8, 8:-8] = grey[8:-8, 8:11] = grey[8:-8, -11:-8] = 70
    texture = 110 + 60 * np.sin(x / 9) * np.sin(y / 7)
    grey = np.where((y - 330) ** 2 + (x - 210) ** 2 < 70**2, texture, grey)
    for number, line in enumerate(LINES):
        top = TOP + PITCH * number
        grey[top + 64 : top + 66, 20:-20] = 80
        for place, character in enumerate(line):
            cell = grey[top : top + 48, LEFT + 52 * place : LEFT + 52 * place + 48]
            cell[draw(character, "test 1")] = 20
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=-1)


@pytest.fixture(scope="module")
def trained(trained_once: TrainOnce) -> Path:
    """The run of test_ocr."""
    return trained_once(TINY).path


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.fromarray(page_with_graphics()).save(tmp_path / "page.png")
    return tmp_path / "page.png"


def test_layers_read_a_page_with_graphics(
    nlpx: Command, trained: Path, picture: Path, tmp_path: Path
) -> None:
    """The boxes are where the characters were drawn; the threshold takes the frame for a line. Every stage is
    an image."""
    read, folder = ["predict", trained, "--input", picture, "--format", "jsonl"], tmp_path / "a" / "b"
    lines = json.loads(nlpx(*read, "--set", "page=layers", "--draw", folder).out)["lines"]
    assert [line["text"] for line in lines[:2]] == LINES
    for number, line in enumerate(lines[:2]):
        for place, character in enumerate(line["characters"]):
            top, left, height, width = character["box"]
            middle = top + height / 2 - (TOP + PITCH * number), left + width / 2 - (LEFT + 52 * place)
            assert all(12 < edge < 36 for edge in middle)
    plain = json.loads(nlpx(*read).out)["lines"]
    assert plain[0]["box"][2] > 400 and not {line["text"] for line in plain} & {*LINES}

    files = sorted(folder.iterdir())
    assert [file.name for file in files] == [f"page.{stage}.png" for stage in STAGES]
    images = [np.asarray(Image.open(file)) for file in files]
    assert {image.shape for image in images[:-1]} == {(880, 840)} and images[-1].shape == (440, 420, 3)
    assert 2 <= len(np.unique(images[1])) <= 12
    assert {*np.unique(images[4])} == {0, 255}
    colours = {tuple(colour) for colour in images[-1].reshape(-1, 3).tolist()}
    assert {LINE, CHARACTER} <= colours


def test_drawings_of_several_pages(nlpx: Command, trained: Path, tmp_path: Path) -> None:
    """Pages with one name in two folders, one of them damaged and one without ink."""
    for folder, size in (("a", (40, 30)), ("b", (1, 1))):
        (tmp_path / "pages" / folder).mkdir(parents=True)
        Image.new("RGB", size, "grey").save(tmp_path / "pages" / folder / "page.png")
    (tmp_path / "pages" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    shown = nlpx("predict", trained, "--input", tmp_path / "pages", "--draw", tmp_path / "drawn")
    assert (shown.code, shown.out) == (3, "\n\n\n") and "broken.png: " in shown.text
    names = [f"page{number}.{stage}.png" for number in ("", "-2") for stage in ("1-ink", "2-boxes")]
    assert sorted(file.name for file in (tmp_path / "drawn").iterdir()) == sorted(names)


@pytest.mark.parametrize("size", [(1, 1), (70, 50), (1, 300)])
def test_pages_without_text(nlpx: Command, trained: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", size, (10, 200, 90)).save(tmp_path / "page.png")
    shown = nlpx("predict", trained, "--input", tmp_path / "page.png", "--set", "page=layers")
    assert (shown.code, shown.out) == (0, "\n")


def test_a_page_that_is_too_large(
    nlpx: Command, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "MOST_PIXELS", 10_000)
    Image.new("RGB", (60, 50)).save(tmp_path / "page.png")
    shown = nlpx("predict", trained, "--input", tmp_path / "page.png", "--set", "page=layers")
    told = (
        "page.png: with zoom 2, the page has 12,000 pixels; at most 10,000 are read. Make the image smaller"
    )
    assert (shown.code, shown.out, told in shown.text) == (3, "\n", True), shown.text


def test_draw_without_anything_to_draw(nlpx: Command, trained: Path, picture: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    shown = nlpx("predict", trained, "--input", picture, "--draw", tmp_path / "file")
    assert (shown.code, "file" in shown.text) == (2, True)
    shown = nlpx("predict", trained, "--input", picture, "--draw", tmp_path / "file" / "folder")
    assert (shown.code, "cannot be created" in shown.text) == (4, True)
    shown = nlpx("predict", trained, "--draw", tmp_path / "folder")
    assert (shown.code, "there is nothing to draw without --text or --input" in shown.text) == (2, True)
    with pytest.raises(UsageError, match="this task draws nothing"):
        NearestImage(GlyphCodec()).drawings("page.png")


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("layer", "there is no page called layer"),
        ("{type: layers, zoom: 0}", "at least 1"),
        ("{type: layers, erosion_max: 1.5}", "at most 1"),
        ("{type: layers, bandwidth: 0}", "at least 0.001"),
        ("{type: plain, zoom: 2}", "zoom"),
    ],
)
def test_pages_that_check_refuses(nlpx: Command, tmp_path: Path, page: str, told: str) -> None:
    (tmp_path / "c.yaml").write_text(f"task: ocr\npage: {page}\n", encoding="utf-8")
    shown = nlpx("check", tmp_path / "c.yaml")
    assert (shown.code, "c.yaml:2:" in shown.text, told in shown.text) == (2, True, True), shown.text
