"""Reference of the task ocr_lines: lines are cut into characters, which are compared with training images."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Sequence
from pathlib import Path

import numpy as np

from nlpx.components.sources.line_images import LineImage
from nlpx.data.glyphs import framed
from nlpx.data.page.box import Box
from nlpx.data.page.projections import characters
from nlpx.specs.predictor import Reference, Say, unheard
from nlpx.tasks.ocr_lines.columns import ink_of_line
from nlpx.tasks.ocr_lines.example import LineExample

MOST = 60_000
"""Characters of training lines that are compared at most, the first ones."""


class CutLine(Reference[LineImage, LineExample]):
    """A line is cut as the task ocr cuts it; a character is that of the largest cosine of the pixels.

    Training lines give their characters where the cutting finds as many as their text has.
    """

    def prepare(
        self,
        rows: Callable[[str], Iterable[LineImage]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        labels: list[str] = []
        glyphs: list[np.ndarray] = []
        for row in rows("train"):
            cut = _glyphs(row)
            if len(cut) == len(row.text):
                labels += row.text
                glyphs += cut
            if len(labels) >= MOST:
                break
        self._labels, self._glyphs = labels, _unit(glyphs)

    def examples(self, rows: Sequence[LineImage], known: Container[str]) -> list[LineExample]:
        return [
            LineExample(
                image=row.where,
                reference=row.text,
                prediction=self._read(_glyphs(row)),
                nll=math.nan,
                characters=len(row.text),
                group=(row.group,) if row.group else (),
            )
            for row in rows
        ]

    def _read(self, glyphs: Sequence[np.ndarray]) -> str:
        if not self._labels or not glyphs:
            return ""
        return "".join(self._labels[i] for i in (_unit(glyphs) @ self._glyphs.T).argmax(1))


def _glyphs(row: LineImage) -> list[np.ndarray]:
    """The characters of a line, each (48, 48) bool."""
    ink = ink_of_line(row)
    line = Box(0, 0, *ink.shape)
    return [framed(box.of(ink), line.height) for box in characters(ink, line)]


def _unit(glyphs: Sequence[np.ndarray]) -> np.ndarray:
    """Masks as vectors of length 1, (n, pixels) float32."""
    flat = np.array(glyphs, np.float32).reshape(len(glyphs), -1)
    return flat / np.maximum(np.sqrt(flat.sum(1, keepdims=True)), 1)
