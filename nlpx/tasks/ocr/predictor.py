"""Predictor of the task ocr: recognizes images of characters, and reads pages."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nlpx.components.decoders.bigram_path import BigramPath
from nlpx.components.values import UNRANKED
from nlpx.data.codec import Vocabularies
from nlpx.data.glyphs import framed
from nlpx.data.images import ImageSource, UnreadableImage, is_blank, read_image
from nlpx.data.page.box import Box
from nlpx.data.page.drawing import Stages, with_boxes
from nlpx.data.page.layout import Show, UnfitPage, unseen
from nlpx.data.page.projections import characters
from nlpx.data.records import LabelledImage
from nlpx.specs.predictor import Prediction, Predictor
from nlpx.tasks.ocr.codec import CHARACTER, GlyphCodec, as_pixels
from nlpx.tasks.ocr.config import Ocr
from nlpx.tasks.ocr.example import GlyphExample
from nlpx.tasks.ocr.temperature import SMALLEST, fitted_temperature, tempered

if TYPE_CHECKING:
    from nlpx.exported.image_classifier import ExportedImageScorer
    from nlpx.tasks.ocr.learner import OcrLearner


@dataclass(frozen=True)
class ReadLine:
    """A line of a page with its text, and the boxes of its characters."""

    text: str
    box: Box
    boxes: Sequence[Box]
    probabilities: Sequence[float]

    def to_json(self) -> dict[str, object]:
        """The line as an object; a box is [top, left, height, width] in pixels."""
        characters = [
            {"character": c, "box": [*box], "probability": p}
            for c, box, p in zip(self.text, self.boxes, self.probabilities, strict=True)
        ]
        return {"text": self.text, "box": [*self.box], "characters": characters}


class OcrPredictor(Predictor[LabelledImage, GlyphExample]):
    """A trained classifier of characters with a decoder of lines.

    Args:
        experiment: its decoder, page and batch size.
        codec: turns records into images.
        learner: the model.
        vocabularies: the classes.

    Attributes:
        temperature: that of the probabilities which the decoder combines with a language model.
    """

    def __init__(
        self,
        experiment: Ocr,
        codec: GlyphCodec,
        learner: OcrLearner | ExportedImageScorer,
        vocabularies: Vocabularies,
    ) -> None:
        self._decoder = BigramPath.of(experiment.decode)
        self._page = experiment.page.prepare()
        self.temperature = 1.0
        self._batch_size: int = experiment.train.evaluation_batch_size
        self._codec = codec
        self._learner = learner
        self._classes = vocabularies[CHARACTER].tokens[1:]
        self._ids = {character: i for i, character in enumerate(self._classes)}

    def predict(self, texts: Sequence[ImageSource]) -> list[Prediction]:
        return [self._prediction(text) for text in texts]

    def examples(self, rows: Sequence[LabelledImage], known: Container[str]) -> list[GlyphExample]:
        probabilities = self.probabilities(np.array([self._codec.pixels(row) for row in rows]))
        pairs = zip(rows, probabilities, strict=True)
        return [glyph_example(row, shares, self._classes, self._ids) for row, shares in pairs]

    def calibrate(self, rows: Iterable[LabelledImage]) -> Mapping[str, float]:
        known = [row for row in rows if row.label in self._ids]
        if not known:
            return {}
        probabilities = self.probabilities(np.array([self._codec.pixels(row) for row in known]))
        labels = np.array([self._ids[row.label] for row in known])
        return {"temperature": fitted_temperature(probabilities, labels)}

    def use(self, chosen: Mapping[str, float]) -> None:
        if chosen.keys() - {"temperature"}:
            raise ValueError("expected only temperature")
        temperature = chosen.get("temperature", self.temperature)
        if not 0 < temperature < math.inf:
            raise ValueError(f"temperature is {temperature:g}, expected a positive number")
        self.temperature = temperature

    def drawings(self, text: str) -> dict[str, bytes]:
        """The stages of finding the text of a page, and the page with the boxes of its characters."""
        pixels = read_image(Path(text), None)
        stages = Stages()
        read = self.read(pixels, stages)
        stages("boxes", with_boxes(pixels, [(line.box, line.boxes) for line in read]))
        return stages.files

    def read(self, pixels: np.ndarray, show: Show = unseen) -> list[ReadLine]:
        """The lines of a page (H, W, 3) uint8.

        Args:
            pixels: the page.
            show: called with an image of every stage of finding its text.

        Raises:
            UnfitPage: the page cannot be read with the options of `page`.
        """
        layout = self._page.layout(pixels, show)
        ink, zoom = layout.ink, layout.zoom
        found = [(line, characters(ink, line)) for line in layout.lines]
        glyphs = [as_pixels(framed(box.of(ink), line.height)) for line, boxes in found for box in boxes]
        rest = self.probabilities(np.array(glyphs)) if glyphs else np.zeros((0, len(self._classes)))
        read = []
        for line, boxes in found:
            shares, rest = rest[: len(boxes)], rest[len(boxes) :]
            path = self._decoder.decode(tempered(shares, self.temperature), self._classes)
            chosen = [float(row[i]) for row, i in zip(shares, path, strict=True)]
            text = "".join(self._classes[i] for i in path)
            read.append(ReadLine(text, line.smaller(zoom), [box.smaller(zoom) for box in boxes], chosen))
        return read

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """The probability of every class for images (n, 48, 48, 1) uint8, (n, U) float32."""
        size = self._batch_size
        parts = (images[start : start + size] for start in range(0, len(images), size))
        return np.concatenate([self._learner.scores(part, size) for part in parts])

    def _prediction(self, text: ImageSource) -> Prediction:
        if is_blank(text):
            return Prediction("", {"lines": []})
        try:
            page = self.read(read_image(text, None))
        except (UnreadableImage, UnfitPage) as error:
            reason = f"{text}: {error}"
            return Prediction(reason, {"error": reason, "lines": []}, failed=True)
        return Prediction("\n".join(line.text for line in page), {"lines": [line.to_json() for line in page]})


def glyph_example(
    row: LabelledImage, probabilities: np.ndarray, classes: Sequence[str], ids: dict[str, int]
) -> GlyphExample:
    """A record with the probabilities (U,) of the classes."""
    best, own = int(probabilities.argmax()), ids.get(row.label)
    share = 0.0 if own is None else float(probabilities[own])
    return GlyphExample(
        image=row.where,
        reference=row.label,
        prediction=classes[best],
        probability=float(probabilities[best]),
        rank=UNRANKED if own is None else int((probabilities >= share).sum()),
        nll=-math.log(max(share, SMALLEST)),
        group=(row.group,) if row.group else (),
    )
