"""How many characters of rendered lines does a run of the task ocr read wrongly, with and without bigrams?

    python benchmarks/ocr_lines.py RUN --font FILE[#N] --text FILE --bigrams FILE
                                   [--lines 200] [--least 8] [--size 44] [--noise 0.05] [--top 3]

Lines are the first runs of at least `least` neighbouring characters of the text that are all classes of RUN.
Each is drawn in one line of an image and cut as a page is; then the pixels of the images of characters are
inverted with the probability `noise`. Prints in how many lines the cutting finds the right number of
characters, and the character error rate (edit distance divided by the number of characters): without bigrams,
with bigrams counted in another text, and with these and the temperature of RUN. Images that are rendered are
easier than scans.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from nlpx.components.decoders.bigram_path import BigramPath
from nlpx.data.files import read_lines
from nlpx.data.glyphs import framed, with_noise
from nlpx.data.page.projections import characters, lines
from nlpx.data.typefaces import Typeface, split_face
from nlpx.tasks.ocr.codec import as_pixels
from nlpx.tasks.ocr.temperature import tempered
from nlpx.text.edit_distance import edit_distance
from nlpx.workflow.model import open_model

MARGIN = 12


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run")
    parser.add_argument("--font", required=True)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--bigrams", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--least", type=int, default=8)
    parser.add_argument("--size", type=int, default=44)
    parser.add_argument("--noise", type=float, default=0.05)
    parser.add_argument("--top", type=int, default=3)
    options = parser.parse_args()
    file, index = split_face(options.font)
    face = Typeface(Path(file), index)
    model = open_model(Path("runs"), options.run, "best", (), ())
    predictor: Any = model.predictor
    tokens = model.vocabularies["character"].tokens[1:]
    chosen = list(islice(runs(options.text, tokens, options.least), options.lines))
    images = [
        boxes(drawn(face, line, options.size), options.noise, number) for number, line in enumerate(chosen)
    ]
    shares = predictor.probabilities(np.concatenate(images))
    ends = np.cumsum([len(cut) for cut in images])[:-1]
    found = list(zip(chosen, np.split(shares, ends), strict=True))
    total = sum(len(line) for line, _ in found)
    same = sum(len(line) == len(shares) for line, shares in found)
    print(f"{total} characters; the cutting finds as many in {same} of {len(found)} lines")
    text = str(options.bigrams.resolve())
    for name, used, temperature in (
        ("without bigrams", None, 1.0),
        ("bigrams, no temperature", text, 1.0),
        (f"bigrams, temperature {predictor.temperature:.2f}", text, predictor.temperature),
    ):
        decoder = BigramPath(text=used, top=options.top).prepare()
        paths = [decoder.decode(tempered(shares, temperature), tokens) for _, shares in found]
        read = ["".join(tokens[i] for i in path) for path in paths]
        wrong = sum(edit_distance(line, text) for (line, _), text in zip(found, read, strict=True))
        print(f"{name}\tCER {wrong / total:.4f}")


def boxes(ink: np.ndarray, noise: float, number: int) -> np.ndarray:
    """The characters of a line as images with noise, (T, 48, 48, 1) uint8."""
    random = np.random.default_rng([20160626, number])
    return np.array(
        [
            as_pixels(with_noise(framed(box.of(ink), line.height), noise, random))
            for line in lines(ink)
            for box in characters(ink, line)
        ]
    )


def runs(path: Path, classes: Sequence[str], least: int) -> Iterator[str]:
    """Neighbouring Chinese characters that are all classes, each text once."""
    chinese = "".join(c for c in classes if "\u4e00" <= c <= "\u9fff")
    pattern = re.compile(f"[{chinese}]{{{least},}}")
    seen: set[str] = set()
    for line in read_lines(path):
        for found in pattern.findall(line):
            if found not in seen:
                seen.add(found)
                yield found


def drawn(face: Typeface, text: str, size: int) -> np.ndarray:
    """The ink of a line, (H, W) bool."""
    ink = face.ink(text, size)
    return np.pad(ink, MARGIN)


if __name__ == "__main__":
    main()
