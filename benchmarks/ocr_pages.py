"""How many characters does a run of the task ocr read on pages with graphics, as page/plain and page/layers?

    python benchmarks/ocr_pages.py RUN [--pages 20] [--first 0] [--set page.density=8] [--write FOLDER]

RUN is trained on the built-in drawings of characters, configs/ocr.yaml. A page has six lines of 12 drawings,
in colours that differ from line to line, on a ground whose colour changes across the page; rules between the
lines, a frame, and an area of random texture in the place of a photograph. Every other page is inverted. The
drawings are not among those of the training, validation and test splits.

A character is read if a box with its text has its middle in the square of 50 pixels where it was drawn; boxes
elsewhere are false. Prints shares of characters, false boxes for each page, and seconds for each page. With
--write, the pages are written as N.png with their text as N.txt.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from nlpx.data.glyphs import SIZE
from nlpx.data.images import write_image
from nlpx.data.page.box import Box
from nlpx.tasks.ocr.sample.strokes import draw, segments
from nlpx.workflow.model import open_model

LINES, PER_LINE = 6, 12
CELL, FIRST_LINE, LEFT, LINE_HEIGHT = 50, 50, 45, 80
HEIGHT, WIDTH = 880, 700
Places = Mapping[tuple[int, int], str]
"""Top and left of the square of every character, with the character."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run")
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--set", dest="overrides", action="append", default=[])
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    pages = [graphic_page(options.first + number) for number in range(options.pages)]
    for number, (pixels, places) in enumerate(pages, start=options.first):
        if options.write is not None:
            options.write.mkdir(parents=True, exist_ok=True)
            write_image(options.write / f"{number}.png", pixels)
            (options.write / f"{number}.txt").write_text("".join(places.values()), encoding="utf-8")
    for page in ("plain", "layers"):
        own = [text for text in options.overrides if page == "layers" or not text.startswith("page.")]
        predictor: Any = open_model(Path("runs"), options.run, "best", (), (f"page={page}", *own)).predictor
        start = time.perf_counter()
        counts = np.array([counted(predictor.read(pixels), places) for pixels, places in pages])
        seconds = (time.perf_counter() - start) / len(pages)
        total = len(pages) * LINES * PER_LINE
        found, right, false = counts.sum(0)
        print(
            f"{page}\tfound {found / total:.3f}\tread {right / total:.3f}\t"
            f"false boxes {false / len(pages):.1f}\tseconds {seconds:.2f}"
        )


def counted(lines: Any, places: Places) -> tuple[int, int, int]:
    """Characters of which a box is found, those that are read, and boxes elsewhere."""
    found, right, false = set(), set(), 0
    for line in lines:
        for character, box in zip(line.text, line.boxes, strict=True):
            place = next((place for place in places if _holds(place, box)), None)
            if place is None or box.height > LINE_HEIGHT or box.width > LINE_HEIGHT:
                false += 1
                continue
            found.add(place)
            if places[place] == character:
                right.add(place)
    return len(found), len(right), false


def _holds(place: tuple[int, int], box: Box) -> bool:
    top, left = box.top + box.height / 2 - place[0], box.left + box.width / 2 - place[1]
    return 0 <= top < CELL and 0 <= left < CELL


def graphic_page(number: int) -> tuple[np.ndarray, Places]:
    """A page (H, W, 3) uint8 with what is written on it."""
    random = np.random.default_rng([20160626, number])
    page = _ground(random)
    _photograph(page, random)
    _frame(page, random.uniform(20, 110, 3))
    names, places = [*segments()], {}
    for line in range(LINES):
        ink = np.zeros((HEIGHT, WIDTH), bool)
        top = FIRST_LINE + LINE_HEIGHT * line
        for place in range(PER_LINE):
            left, character = LEFT + CELL * place, str(random.choice(names))
            recipe = (number * LINES + line) * PER_LINE + place
            ink[top : top + SIZE, left : left + SIZE] = draw(character, f"page {recipe}")
            places[top, left] = character
        page[ink] = random.uniform(0, 60, 3)
        page[top + 60 : top + 62, 30:-30] = random.uniform(20, 110, 3)
    pixels = np.rint(ndimage.gaussian_filter(page, (0.5, 0.5, 0)).clip(0, 255)).astype(np.uint8)
    return (255 - pixels if number % 2 else pixels), places


def _ground(random: np.random.Generator) -> np.ndarray:
    """A colour that changes from one side to another, (H, W, 3) float64."""
    y, x = np.mgrid[0 : 1 : HEIGHT * 1j, 0 : 1 : WIDTH * 1j]
    angle = random.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y
    share = ((along - along.min()) / np.ptp(along))[..., None]
    return (1 - share) * random.uniform(120, 170, 3) + share * random.uniform(205, 255, 3)


def _photograph(page: np.ndarray, random: np.random.Generator) -> None:
    """Smooth noise in a circle below the lines."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    radius = random.uniform(70, 110)
    middle = HEIGHT - 30 - radius, random.uniform(30 + radius, WIDTH - 30 - radius)
    noise = ndimage.gaussian_filter(random.normal(0, 1, page.shape), (6, 6, 0))
    inside = (y - middle[0]) ** 2 + (x - middle[1]) ** 2 < radius**2
    page[inside] = (110 + 35 * noise / noise.std()).clip(20, 230)[inside]


def _frame(page: np.ndarray, colour: np.ndarray) -> None:
    for edge in (slice(10, 13), slice(-13, -10)):
        page[edge, 10:-10] = page[10:-10, edge] = colour


if __name__ == "__main__":
    main()
