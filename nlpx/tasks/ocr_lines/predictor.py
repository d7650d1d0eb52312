"""Predictor of the task ocr_lines: recognizes lines, and reads pages."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nlpx.components.decoders.ctc_beam import DEFAULT_WEIGHT, CTCBeam
from nlpx.components.decoders.frames import FrameDecoder
from nlpx.components.sources.line_images import LineImage
from nlpx.data.batching import padded_batches
from nlpx.data.codec import Vocabularies
from nlpx.data.images import ImageSource, UnreadableImage, is_blank, read_image
from nlpx.data.page.box import Box
from nlpx.data.page.drawing import Stages, with_boxes
from nlpx.data.page.layout import Show, UnfitPage, unseen
from nlpx.specs.predictor import Prediction, Predictor
from nlpx.tasks.ocr_lines.codec import CHARACTER, IMAGE, TRANSCRIPT, LineCodec
from nlpx.tasks.ocr_lines.columns import FRAME, columns_of
from nlpx.tasks.ocr_lines.config import OcrLines
from nlpx.tasks.ocr_lines.example import LineExample

if TYPE_CHECKING:
    from nlpx.exported.line_recognizer import ExportedLineRecognizer
    from nlpx.tasks.ocr_lines.learner import LineLearner

UNKNOWN_NLL = -math.log(1e-38)
"""Negative log-likelihood of a character that is not in the training split; keeps that of a line finite."""
COLUMNS_PER_BATCH = 1 << 15
"""Limits the memory of a batch, whatever the widths of its lines."""
CALIBRATION_LINES = 300
"""Validation lines from which the weight of a language model is chosen, at most."""


@dataclass(frozen=True)
class FoundLine:
    """A line of a page with its text, and the log-probability that the decoder gives it."""

    text: str
    box: Box
    log_probability: float

    def to_json(self) -> dict[str, object]:
        """The line as an object; a box is [top, left, height, width] in pixels."""
        return {"text": self.text, "box": [*self.box], "log_probability": self.log_probability}


class LinePredictor(Predictor[LineImage, LineExample]):
    """A trained recognizer with a decoder of frames.

    Args:
        experiment: its decoder, page and batch size.
        codec: turns records into columns.
        learner: the model.
        vocabularies: the characters.
    """

    def __init__(
        self,
        experiment: OcrLines,
        codec: LineCodec,
        learner: LineLearner | ExportedLineRecognizer,
        vocabularies: Vocabularies,
    ) -> None:
        self._decoder = FrameDecoder.of(experiment.decode)
        self._page = experiment.page.prepare()
        self._weight = DEFAULT_WEIGHT
        self._batch_size: int = experiment.train.evaluation_batch_size
        self._codec = codec
        self._learner = learner
        self._vocabularies = vocabularies
        self._characters = vocabularies[CHARACTER].tokens

    def predict(self, texts: Sequence[ImageSource]) -> list[Prediction]:
        return [self._prediction(text) for text in texts]

    def examples(self, rows: Sequence[LineImage], known: Container[str]) -> list[LineExample]:
        examples: list[LineExample | None] = [None] * len(rows)
        for place, log_probs, nll in self._scored(rows):
            row = rows[place]
            unknown = sum(character not in self._vocabularies[CHARACTER] for character in row.text)
            examples[place] = LineExample(
                image=row.where,
                reference=row.text,
                prediction=self._decode(log_probs)[0],
                nll=nll + UNKNOWN_NLL * unknown,
                characters=len(row.text),
                group=(row.group,) if row.group else (),
            )
        return [example for example in examples if example is not None]

    def read(self, pixels: np.ndarray, show: Show = unseen) -> list[FoundLine]:
        """The lines of a page (H, W, 3) uint8.

        Args:
            pixels: the page.
            show: called with an image of every stage of finding its lines.

        Raises:
            UnfitPage: the page cannot be read with the options of `page`.
        """
        layout = self._page.layout(pixels, show)
        none = np.zeros(0, np.int32)
        items = [{IMAGE: columns_of(box.of(layout.ink)), TRANSCRIPT: none} for box in layout.lines]
        decoded = {place: self._decode(log_probs) for place, log_probs, _ in self._scores(items)}
        return [
            FoundLine(decoded[i][0], box.smaller(layout.zoom), decoded[i][1])
            for i, box in enumerate(layout.lines)
        ]

    def drawings(self, text: str) -> dict[str, bytes]:
        """The stages of finding the lines of a page, and the page with their boxes."""
        pixels = read_image(Path(text), None)
        stages = Stages()
        lines = self.read(pixels, stages)
        stages("boxes", with_boxes(pixels, [(line.box, ()) for line in lines]))
        return stages.files

    def calibrate(self, rows: Iterable[LineImage]) -> Mapping[str, float]:
        decoder = self._decoder
        if not isinstance(decoder, CTCBeam) or decoder.text is None or decoder.weight is not None:
            return {}
        chosen = list(islice(rows, CALIBRATION_LINES))
        found = [(log_probs, chosen[place].text) for place, log_probs, _ in self._scored(chosen)]
        log_probs, texts = [row for row, _ in found], [text for _, text in found]
        return {"weight": decoder.choose(log_probs, texts, self._characters)}

    def use(self, chosen: Mapping[str, float]) -> None:
        if chosen.keys() - {"weight"}:
            raise ValueError("expected only weight")
        weight = chosen.get("weight", self._weight)
        if not 0 <= weight < math.inf:
            raise ValueError(f"weight is {weight:g}, expected a number from 0")
        self._weight = weight

    def _decode(self, log_probs: np.ndarray) -> tuple[str, float]:
        if isinstance(self._decoder, CTCBeam):
            return self._decoder.decode(log_probs, self._characters, self._weight)
        return self._decoder.decode(log_probs, self._characters)

    def _scored(self, rows: Sequence[LineImage]) -> Iterator[tuple[int, np.ndarray, float]]:
        """The place of a row, the log-probabilities of its frames (T, U), and its NLL, in any order."""
        return self._scores([item for row in rows for item in self._codec.encode(row, self._vocabularies)])

    def _scores(self, items: Sequence[Mapping[str, np.ndarray]]) -> Iterator[tuple[int, np.ndarray, float]]:
        for places, batch in padded_batches(items, self._codec.fields, self._batch_size, COLUMNS_PER_BATCH):
            for place, log_probs, nll in zip(places, *self._learner.scores(batch), strict=True):
                yield place, log_probs[: len(items[place][IMAGE]) // FRAME], float(nll)

    def _prediction(self, text: ImageSource) -> Prediction:
        if is_blank(text):
            return Prediction("", {"lines": []})
        try:
            found = self.read(read_image(text, None))
        except (UnreadableImage, UnfitPage) as error:
            reason = f"{text}: {error}"
            return Prediction(reason, {"error": reason, "lines": []}, failed=True)
        return Prediction(
            "\n".join(line.text for line in found), {"lines": [line.to_json() for line in found]}
        )
