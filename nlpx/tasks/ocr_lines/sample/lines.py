"""Lines of drawn characters, with spacing, offset and size that vary.

Texts are sequences of words, and no text is in two splits. The subset `harder` of the test split has the
characters `harder` of the sample strokes, and noise.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from nlpx.components.sources.line_images import LineImage
from nlpx.core.lazy import np
from nlpx.data.glyphs import as_image, trimmed, with_noise
from nlpx.data.keys import key
from nlpx.data.samples import Sample, SampleRow, by_split, distinct
from nlpx.tasks.ocr.sample.strokes import draw

SEED = 20160911
SIZES = {"train": 1200, "valid": 120, "test": 120, "harder": 60}
MOST_WORDS = 4
DRAWINGS = 30
"""Drawings of each character, of which those of a line are drawn at random."""
CLOSEST, WIDEST = 1, 14
"""Columns between two characters."""
NOISE = 0.02
"""Share of inverted pixels of `harder`."""


@cache
def words() -> list[str]:
    """The words of the file."""
    lines = Path(__file__).with_name("words.txt").read_text(encoding="utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


@by_split
def rows() -> dict[str, tuple[SampleRow, ...]]:
    """The rows of train, valid and test; `harder` is at the end of test."""
    random = np.random.default_rng(SEED)

    def text() -> str:
        return "".join(random.choice(words(), random.integers(2, MOST_WORDS + 1)).tolist())

    texts = distinct(SIZES, text, key=str)
    splits = {
        part: tuple(SampleRow("harder" if part == "harder" else "generated", (text, part)) for text in found)
        for part, found in texts.items()
    }
    harder = splits.pop("harder")
    return {**splits, "test": splits["test"] + harder}


def draw_line(text: str, part: str) -> np.ndarray:
    """The ink of a line, (H, W) bool; the part `harder` differs."""
    random = np.random.default_rng([SEED, key(f"{part} {text}")])
    spacing, slack = int(random.integers(CLOSEST, WIDEST)), int(random.integers(0, 4))
    strips = []
    for character in text:
        strip = _strip(character, f"{part} {random.integers(DRAWINGS)}")
        strips.append(np.pad(np.roll(strip, random.integers(-slack, slack + 1), 0), [(0, 0), (0, spacing)]))
    line = np.pad(trimmed(np.hstack(strips)), random.integers(0, 3, (2, 2)))
    return with_noise(line, NOISE, random) if part == "harder" else line


@cache
def _strip(character: str, recipe: str) -> np.ndarray:
    """A drawing without columns at its sides, (48, W) bool."""
    ink = draw(character, recipe)
    columns = np.flatnonzero(ink.any(0))
    return ink[:, columns[0] : columns[-1] + 1]


def _record(where: str, row: SampleRow) -> LineImage:
    text, part = row.parts
    return LineImage(where, text, text, as_image(draw_line(text, part)), group=row.group)


SAMPLE = Sample(LineImage.kind, rows, _record)
