"""Answer a stream of lines: constant memory, same order, every line answered, blank ones too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Literal

from nlpx.core.printable import printable_json
from nlpx.inference.lines import Line
from nlpx.specs.codec import RowT
from nlpx.specs.predictor import ExampleT, Prediction, Predictor, UnconditionalPredictor

Format = Literal["text", "jsonl", "tsv"]
CHARACTERS_AT_ONCE = 1 << 22
"""Lines are answered before there are more characters of them in memory, or little more."""
LINE_BREAK = re.compile(r"\r\n|[\r\n]")
NEEDS_QUOTES = re.compile(r'[\t\r\n"]')


def answer_lines(
    predictor: Predictor[RowT, ExampleT], lines: Iterable[Line], at_once: int
) -> Iterator[tuple[Line, Prediction]]:
    """Every line with its answer, in order, `at_once` lines in memory; an error is an answer that failed."""
    for portion in _portions(lines, at_once):
        answers = iter(predictor.predict([line.text for line in portion if not line.error]))
        for line in portion:
            yield line, Prediction(line.error, failed=True) if line.error else next(answers)


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


def composed_lines(
    generator: UnconditionalPredictor, count: int, seed: int
) -> Iterator[tuple[Line, Prediction]]:
    """Texts made out of nothing, numbered, each with an empty line for what was asked."""
    for number, answer in enumerate(generator.generate(count, seed), start=1):
        yield Line(str(number), ""), answer


def render(line: Line, answer: Prediction, form: Format) -> str:
    r"""One record of output without its end.

    text: the answer alone, a blank in the place of a line break. jsonl: `id`, `text` and the fields of the
    answer. tsv: id, text, answer; as `csv` and spreadsheets read it, a value that holds a tab, a quote, \r or
    \n stands in quotes. Where there is no answer, it is empty; in jsonl a field `error` says why.
    """
    text = "" if answer.failed else answer.text
    if form == "text":
        return LINE_BREAK.sub(" ", text)
    if form == "tsv":
        return "\t".join(map(_cell, (line.id, line.text, text)))
    failure = {"error": answer.text} if answer.failed else {}
    record = {"id": line.id, "text": line.text, **failure, **answer.fields}
    # Also of the surrogates by which names of files hold bytes that are not UTF-8.
    return printable_json(record, indent=None)


def _cell(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if NEEDS_QUOTES.search(value) else value


def looks_like_json(text: str) -> bool:
    """Whether a text is an object of JSON."""
    if not (text.startswith("{") and text.endswith("}")):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
