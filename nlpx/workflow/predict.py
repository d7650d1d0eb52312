"""What `nlpx predict` does with a run, without its flags."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

from nlpx import __version__
from nlpx.core.files import file_hash
from nlpx.core.printable import shown
from nlpx.errors import DamagedRun
from nlpx.inference.lines import Line
from nlpx.inference.partial import Journal
from nlpx.inference.progress import PredictionProgress
from nlpx.inference.rendering import Rendering
from nlpx.inference.stream import Portion, PortionReader, Rendered, predictions, rendered
from nlpx.runs.directory import MANIFEST, RunDirectory, is_bundle
from nlpx.runs.files import SMALL, read_file
from nlpx.specs.predictor import Prediction, Predictor, Say
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.model import open_model

POINTERS = ("best", "last")


@dataclass(frozen=True)
class RunOpener:
    """Loads the model of a run, in this process or in a worker.

    Attributes:
        root, run, checkpoint, includes, overrides: as for `open_model`.
        corpus: texts that are searched instead of the training rows.
    """

    root: Path
    run: Path
    checkpoint: str
    includes: tuple[Path, ...]
    overrides: tuple[str, ...]
    corpus: Path | None = None

    def __call__(self, say: Say) -> Predictor[Any, Any]:
        model = open_model(self.root, str(self.run), self.checkpoint, self.includes, self.overrides)
        model.prepare(lambda: open_corpus(model.trained), say)
        if self.corpus is not None:
            model.search_in(self.corpus, say)
        return model.predictor

    def identity(self) -> dict[str, str]:
        """What determines the predictions, by name, without loading the model."""
        run = RunDirectory(self.run)
        name = self.checkpoint
        with suppress(DamagedRun):  # which is reported when it is opened
            if name in POINTERS:
                name = read_file(run.path / name, SMALL).decode("utf-8", "replace").strip()
            else:
                name = f"step-{name.rjust(8, '0')}"
        files = {
            "checkpoint": run.checkpoints / name / "manifest.json",
            "config": run.resolved,
            "calibration": run.calibration,
            "--corpus": self.corpus,
            **{f"--include {path.name}": path for path in self.includes},
        }
        if is_bundle(run.path):
            files["checkpoint"] = run.path / MANIFEST  # it has the hashes of all other files
        hashes = {key: _short_hash(path) for key, path in files.items()}
        hashes["checkpoint"] = f"{name} {hashes['checkpoint']}"
        return {
            "nlpx": __version__,
            "run": str(run.path.resolve()),
            **hashes,
            "--set": " ".join(self.overrides),
        }


def _short_hash(path: Path | None) -> str:
    try:
        return "" if path is None else file_hash(path)[:16]
    except OSError:
        return ""  # who needs the file reports it


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
