"""Predictors that need no model, for streams, and a job that runs one."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlpx.errors import DataError
from nlpx.inference.lines import Line, read_lines
from nlpx.inference.partial import PartialOutput
from nlpx.inference.progress import PredictionProgress
from nlpx.inference.rendering import Rendering
from nlpx.inference.stream import PortionReader
from nlpx.specs.predictor import Example, Prediction, Predictor, Say
from nlpx.workflow.predict import rendered_here, unfinished, write_rendered

DIE = "die"
"""A text that kills the process that gets it."""
JOB = {"run": "cheap"}


@dataclass(frozen=True)
class Reverser(Predictor[str, Example]):
    """Rendered a text by its reverse, after some seconds."""

    seconds: float = 0.0

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        if DIE in texts:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(self.seconds)
        return [Prediction(text[::-1], {"reverse": text[::-1], "by": os.getpid()}) for text in texts]

    def examples(self, rows: Sequence[str], known: Container[str]) -> list[Example]:
        return []


def open_reverser(say: Say) -> Reverser:
    say("opened")
    return Reverser(0.01)


def open_nothing(say: Say) -> Reverser:
    raise DataError("there is nothing to open")


def numbered(count: int) -> list[Line]:
    return [Line(str(i), f"第{i}行") for i in range(count)]


def run_job(source: Path, target: Path, at_once: int, seconds: float = 0.0) -> None:
    """Predict for the lines of a file, going on with what is there."""
    rendering = Rendering("csv", named=True)
    messages: list[str] = []
    with source.open("rb") as file, PartialOutput(target, "out", JOB, True, messages.append) as output:
        portions = unfinished(PortionReader(read_lines(file, "in"), at_once), output)
        outputs = rendered_here(Reverser(seconds), rendering, portions, None)
        write_rendered(outputs, rendering, output, PredictionProgress(None, messages.append), messages.append)
