"""Predict for a stream of lines in constant memory: one prediction per line, in order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Literal

from nlpx.core.printable import printable_json
from nlpx.data.codec import RowT
from nlpx.inference.lines import Line
from nlpx.specs.predictor import ExampleT, Prediction, Predictor, UnconditionalPredictor

Format = Literal["text", "jsonl", "tsv"]
CHARACTERS_AT_ONCE = 1 << 22
"""Approximate maximum number of characters in memory."""
LINE_BREAK = re.compile(r"\r\n|[\r\n]")
NEEDS_QUOTES = re.compile(r'[\t\r\n"]')


def predict_lines(
    predictor: Predictor[RowT, ExampleT], lines: Iterable[Line], at_once: int
) -> Iterator[tuple[Line, Prediction]]:
    """Every line with its prediction, in order, with at most `at_once` lines in memory."""
    for portion in _portions(lines, at_once):
        predictions = iter(predictor.predict([line.text for line in portion if not line.error]))
        for line in portion:
            yield line, Prediction(line.error, failed=True) if line.error else next(predictions)


def _portions(lines: Iterable[Line], at_once: int) -> Iterator[list[Line]]:
    portion: list[Line] = []
    characters = 0
    for line in lines:
        portion.append(line)
        characters += len(line.text)
        if len(portion) == at_once or characters >= CHARACTERS_AT_ONCE:
            yield portion
            portion, characters = [], 0
    if portion:
        yield portion


def generated_lines(
    generator: UnconditionalPredictor, count: int, seed: int
) -> Iterator[tuple[Line, Prediction]]:
    """Unconditionally generated texts, each with an empty, numbered line as its input."""
    for number, prediction in enumerate(generator.generate(count, seed), start=1):
        yield Line(str(number), ""), prediction


def render(line: Line, prediction: Prediction, form: Format) -> str:
    r"""One record of output, without its end of line.

    text: the prediction, with line breaks replaced by blanks. jsonl: `id`, `text` and the fields of the
    prediction. tsv: id, text and prediction; values that contain a tab, a quote, \r or \n are quoted as in
    CSV. A failed prediction is empty; in jsonl, a field `error` contains the reason.
    """
    text = "" if prediction.failed else prediction.text
    if form == "text":
        return LINE_BREAK.sub(" ", text)
    if form == "tsv":
        return "\t".join(map(_cell, (line.id, line.text, text)))
    failure = {"error": prediction.text} if prediction.failed else {}
    record = {"id": line.id, "text": line.text, **failure, **prediction.fields}
    # File names may contain surrogates for bytes that are not UTF-8.
    return printable_json(record, indent=None)


def _cell(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if NEEDS_QUOTES.search(value) else value


def looks_like_json(text: str) -> bool:
    """Whether a text is a JSON object."""
    if not (text.startswith("{") and text.endswith("}")):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
