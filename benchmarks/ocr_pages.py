"""How many characters does a run of the task ocr read on pages with graphics, as page/plain and page/layers?

    python benchmarks/ocr_pages.py RUN [--pages 20] [--first 0] [--set page.density=8] [--write FOLDER]

RUN is trained on the built-in drawings of characters, configs/ocr.yaml. A page has six lines of 12 drawings,
in colours that differ from line to line, on a ground whose colour changes across the page; rules between the
lines, a frame, and an area of random texture in the place of a photograph. Every other page is inverted. The
drawings are not among those of the training, validation and test splits.

A character is read if a box with its text has its middle in the square of 50 pixels where it was drawn; boxes
elsewhere are false. Prints shares of characters, false boxes for each page, and CPU seconds for each page,
also for the same drawings in black on white without graphics. With --write, the pages are written as N.png
with their text as N.txt.
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
    numbers = range(options.first, options.first + options.pages)
    if options.write is not None:
        options.write.mkdir(parents=True, exist_ok=True)
        for number in numbers:
            pixels, places = drawn_page(number)
            write_image(options.write / f"{number}.png", pixels)
            (options.write / f"{number}.txt").write_text("".join(places.values()), encoding="utf-8")
    for graphics in (False, True):
        for page in ("plain", "layers"):
            own = options.overrides if page == "layers" else ()
            settings = (f"page={page}", *own)
            predictor: Any = open_model(Path("runs"), options.run, "best", (), settings).predictor
            predictor.read(drawn_page(0)[0])  # compiles
            counts, seconds = np.zeros(3, int), 0.0
            for number in numbers:
                pixels, places = drawn_page(number, graphics)
                start = time.process_time()
                lines = predictor.read(pixels)
                seconds += time.process_time() - start
                counts += counted(lines, places)
            total = len(numbers) * LINES * PER_LINE
            found, right, false = counts.tolist()
            print(
                f"{'graphics' if graphics else 'clean'}\t{page}\tfound {found / total:.3f}\t"
                f"read {right / total:.3f}\tfalse boxes {false / len(numbers):.1f}\t"
                f"CPU seconds {seconds / len(numbers):.1f}"
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


def drawn_page(number: int, graphics: bool = True) -> tuple[np.ndarray, Places]:
    """A page (H, W, 3) uint8 with what is written on it; the same drawings with and without graphics."""
    random, colours = (np.random.default_rng([20160626, number, part]) for part in (0, 1))
    page = _ground(colours) if graphics else np.full((HEIGHT, WIDTH, 3), 255.0)
    if graphics:
        _photograph(page, colours)
        _frame(page, colours.uniform(20, 110, 3))
    names, places = [*segments()], {}
    for line in range(LINES):
        ink = np.zeros((HEIGHT, WIDTH), bool)
        top = FIRST_LINE + LINE_HEIGHT * line
        for place in range(PER_LINE):
            left, character = LEFT + CELL * place, str(random.choice(names))
            recipe = (number * LINES + line) * PER_LINE + place
            ink[top : top + SIZE, left : left + SIZE] = draw(character, f"page {recipe}")
            places[top, left] = character
        page[ink] = colours.uniform(0, 60, 3) if graphics else 0
        if graphics:
            page[top + 60 : top + 62, 30:-30] = colours.uniform(20, 110, 3)
    pixels = np.rint(ndimage.gaussian_filter(page, (0.5, 0.5, 0)).clip(0, 255)).astype(np.uint8)
    return (255 - pixels if graphics and number % 2 else pixels), places


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
