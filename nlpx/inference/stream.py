"""Predict for a stream of lines in constant memory: one prediction per line, in order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nlpx.errors import UsageError
from nlpx.inference.lines import Line
from nlpx.inference.rendering import Rendering
from nlpx.specs.predictor import Prediction, Predictor, UnconditionalPredictor

CHARACTERS_AT_ONCE = 1 << 19
"""Approximate maximum number of characters of a portion, so that long texts are also recorded often."""


class PortionReader:
    """Lines of an input in portions, with a fingerprint of all that has been read.

    Args:
        lines: all lines of the input.
        at_once: maximum number of lines of a portion.
        position: how much of the input has been read, for the progress.
    """

    def __init__(self, lines: Iterable[Line], at_once: int, position: Callable[[], int] = lambda: 0) -> None:
        self._lines = iter(lines)
        self._at_once, self._position = at_once, position
        self._read = 0
        self._fingerprint = hashlib.sha256()

    def skip(self, count: int, digest: str) -> None:
        """Skip the first lines, for which predictions exist.

        Raises:
            UsageError: these are not the lines that they were made for.
        """
        for _ in range(count):
            if self._next() is None:
                break
        if (self._read, self._fingerprint.hexdigest()) != (count, digest):
            raise UsageError(
                f"--resume: the first {count:,} lines of the input are not those that predictions exist for"
                f"{'' if self._read == count else f'; it has only {self._read:,}'}. Give the same input, or "
                "omit --resume to start again."
            )

    def __iter__(self) -> Iterator[Portion]:
        lines: list[Line] = []
        characters = 0
        while (line := self._next()) is not None:
            lines.append(line)
            characters += len(line.text)
            if len(lines) == self._at_once or characters >= CHARACTERS_AT_ONCE:
                yield self._portion(lines)
                lines, characters = [], 0
        if lines:
            yield self._portion(lines)

    def _next(self) -> Line | None:
        line = next(self._lines, None)
        if line is not None:
            self._read += 1
            # Messages of errors contain the path, which may be another one.
            whole = json.dumps((line.id, line.text, bool(line.error), line.record))
            self._fingerprint.update(whole.encode() + b"\n")
        return line

    def _portion(self, lines: list[Line]) -> Portion:
        return Portion(lines, self._read, self._fingerprint.hexdigest(), self._position())


@dataclass(frozen=True, slots=True)
class Portion:
    """Consecutive lines.

    Attributes:
        lines: the lines.
        end: number of lines of the input up to the last of them.
        digest: fingerprint of these.
        position: where they end in the input.
    """

    lines: Sequence[Line]
    end: int
    digest: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class Rendered:
    """The output for a portion.

    Attributes:
        output: its records, each with the end of line.
        failures: reasons of failed predictions.
    """

    output: str
    failures: Sequence[str]


def predictions(predictor: Predictor[Any, Any], lines: Sequence[Line]) -> Iterator[tuple[Line, Prediction]]:
    """Every line with its prediction, in order."""
    predicted = iter(predictor.predict([line.text for line in lines if not line.error]))
    for line in lines:
        yield line, Prediction(line.error, failed=True) if line.error else next(predicted)


def rendered(rendering: Rendering, predicted: Iterable[tuple[Line, Prediction]]) -> Rendered:
    """The output for lines with their predictions."""
    output, failures = [], []
    for line, prediction in predicted:
        output.append(rendering(line, prediction) + "\n")
        if prediction.failed:
            failures.append(prediction.text)
    return Rendered("".join(output), failures)


def generated_lines(
    generator: UnconditionalPredictor, count: int, seed: int
) -> Iterator[tuple[Line, Prediction]]:
    """Unconditionally generated texts, each with an empty, numbered line as its input."""
    for number, prediction in enumerate(generator.generate(count, seed), start=1):
        yield Line(str(number), ""), prediction


def looks_like_json(text: str) -> bool:
    """Whether a text is a JSON object."""
    if not (text.startswith("{") and text.endswith("}")):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
