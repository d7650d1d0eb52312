"""What `nlpx predict` does with a run, without its flags."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from nlpx import __version__
from nlpx.core.printable import shown
from nlpx.inference.lines import Line
from nlpx.inference.partial import Journal
from nlpx.inference.progress import PredictionProgress
from nlpx.inference.rendering import Rendering
from nlpx.inference.stream import Portion, PortionReader, Rendered, predictions, rendered
from nlpx.runs.directory import MANIFEST, RunDirectory, is_bundle
from nlpx.runs.origin import checkpoint_name, hashes_of
from nlpx.specs.predictor import Prediction, Predictor, Say
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.model import open_model

if TYPE_CHECKING:
    from nlpx.workflow.engine import Engine

SHOWN = 16
"""Digits of a hash in messages."""


@dataclass(frozen=True)
class RunOpener:
    """Loads the model of a run, in this process or in a worker.

    Attributes:
        root, run, checkpoint, includes, overrides, engine: as for `open_model`.
        corpus: texts that are searched instead of the training rows.
    """

    root: Path
    run: Path
    checkpoint: str
    includes: tuple[Path, ...]
    overrides: tuple[str, ...]
    corpus: Path | None = None
    engine: Engine = "tensorflow"

    def __call__(self, say: Say) -> Predictor[Any, Any]:
        model = open_model(
            self.root, str(self.run), self.checkpoint, self.includes, self.overrides, engine=self.engine
        )
        model.prepare(lambda: open_corpus(model.trained), say)
        if self.corpus is not None:
            model.search_in(self.corpus, say)
        return model.predictor

    def identity(self) -> dict[str, str]:
        """What determines the predictions, by name, without loading the model."""
        run = RunDirectory(self.run)
        name = checkpoint_name(run, self.checkpoint)
        bundle = run.path if is_bundle(run.path) else run.bundle if self.engine != "tensorflow" else None
        files = {
            "checkpoint": run.checkpoints / name / MANIFEST,
            "bundle": bundle and bundle / MANIFEST,  # it has the hashes of all other files
            "config": run.resolved,
            "calibration": run.calibration,
            "--corpus": self.corpus,
            **{f"--include {path.name}": path for path in self.includes},
        }
        hashes = {key: each[:SHOWN] for key, each in zip(files, hashes_of([*files.values()]), strict=True)}
        hashes["checkpoint"] = f"{name} {hashes['checkpoint']}"
        return {
            "nlpx": __version__,
            "run": str(run.path.resolve()),
            **hashes,
            "--engine": self.engine,
            "--set": " ".join(self.overrides),
        }


class Output(Protocol):
    """Where records go."""

    @property
    def state(self) -> Journal:
        """What has been written, also by an earlier process."""
        ...

    def write(self, output: str, lines: int, digest: str, failures: int) -> None:
        """Append records, as `PartialOutput` does."""
        ...


class DirectOutput:
    """Records that are written at once, to a pipe, a device or a terminal.

    Args:
        stream: where to.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._failed = 0

    @property
    def state(self) -> Journal:
        return Journal({}, failed=self._failed)

    def write(self, output: str, lines: int, digest: str, failures: int) -> None:
        self._failed += failures
        self._stream.write(shown(output, self._stream))
        self._stream.flush()


Watch = Callable[[Predictor[Any, Any], Iterable[tuple[Line, Prediction]]], Iterable[tuple[Line, Prediction]]]
"""Sees every prediction on its way to the output."""


def unfinished(reading: PortionReader, output: Output) -> Iterator[Portion]:
    """The portions that are not in the output yet; raises UsageError if it was made for another input."""
    if output.state.lines:
        reading.skip(output.state.lines, output.state.digest)
    return iter(reading)


def rendered_here(
    predictor: Predictor[Any, Any], rendering: Rendering, portions: Iterable[Portion], watch: Watch | None
) -> Generator[tuple[Portion, Rendered]]:
    """Every portion with its output, computed in this process."""
    for portion in portions:
        predicted: Iterable[tuple[Line, Prediction]] = predictions(predictor, portion.lines)
        if watch is not None:
            predicted = watch(predictor, predicted)
        yield portion, rendered(rendering, predicted)


def write_rendered(
    outputs: Iterable[tuple[Portion, Rendered]],
    rendering: Rendering,
    output: Output,
    progress: PredictionProgress,
    failed: Say,
) -> None:
    """Write the output for all portions that are not in the output yet.

    Args:
        outputs: in order.
        rendering: gives the header.
        output: receives them.
        progress: counts them.
        failed: called with the reasons of failed predictions.
    """
    header = "" if output.state.lines else rendering.header
    for portion, new in outputs:
        for reason in new.failures:
            failed(reason)
        output.write(header + new.output, portion.end, portion.digest, len(new.failures))
        header = ""
        progress.add(len(portion.lines), portion.position)
    if header:
        output.write(header, 0, "", 0)
