"""The output of `nlpx predict`: records of lines, or a file of a generator; and messages about failures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlpx.cli.drawing_folder import DrawingFolder
from nlpx.cli.echo import tell
from nlpx.cli.output_file import OutputFile
from nlpx.core.printable import shown
from nlpx.errors import UsageError

if TYPE_CHECKING:
    from nlpx.inference.lines import Line
    from nlpx.inference.rendering import Format
    from nlpx.specs.predictor import Prediction, Predictor, Say
    from nlpx.workflow.predict import Output, Watch

REPORTED = 100
"""Failures that are reported individually."""
NO_LINES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".npy", ".npz"})
"""Names of files that contain no lines."""
PACKED = frozenset({".gz", ".xz", ".bz2", ".zst", ".zip"})
"""Names of files that are compressed."""


class Failures:
    """Reports the first failed inputs individually; the others are only counted.

    Args:
        say: prints a message.
    """

    def __init__(self, say: Say) -> None:
        self._say = say
        self._count = 0

    def report(self, reason: str) -> None:
        self._count += 1
        if self._count <= REPORTED:
            self._say(f"error: {reason}")
        elif self._count == REPORTED + 1:
            self._say("error: further failed inputs are only counted")


def open_output(stack: ExitStack, target: OutputFile, job: Mapping[str, str] | None, resume: bool) -> Output:
    """Where the records for an input go.

    Args:
        stack: completes the file when it is left without an error.
        target: the file.
        job: what determines the output besides the input; None if it cannot be resumed.
        resume: continue an unfinished output.

    Raises:
        UsageError: there is nothing that could be resumed.
    """
    from nlpx.inference.partial import PartialOutput
    from nlpx.workflow.predict import DirectOutput

    if target.regular is not None and job is not None:
        return stack.enter_context(PartialOutput(target.regular, target.name, job, resume, tell))
    if resume:
        raise UsageError("--resume needs an --output FILE that is no device or pipe.")
    return DirectOutput(stack.enter_context(target.open()))


def expect_lines(output: Path | None, own: Sequence[str], allowed: Sequence[str] = ()) -> None:
    """Raise UsageError for the name of a file that contains no lines.

    Args:
        output: as given.
        own: what the names of files end in that the task makes.
        allowed: those that this command makes.
    """
    suffix = "" if output is None else output.suffix.lower()
    if output is not None and suffix in PACKED - {*allowed}:
        raise UsageError(
            f"{output}: this command writes text that is not compressed. Write {output.with_suffix('')}, or "
            "omit --output and compress standard output, for example with `| gzip >`."
        )
    if suffix in NO_LINES.union(own) - {*allowed}:
        wanted = f", or {' or '.join(allowed)}" if allowed else ""
        raise UsageError(f"{output}: this command writes lines of text{wanted}; choose another suffix.")


def generate(
    predictor: Predictor[Any, Any],
    target: OutputFile,
    output: Path | None,
    form: Format,
    count: int,
    seed: int,
) -> None:
    """Write what a run generates unconditionally: lines, or a file of its own kind."""
    from nlpx.inference.rendering import Rendering
    from nlpx.inference.stream import generated_lines
    from nlpx.specs.predictor import UnconditionalPredictor

    suffixes = getattr(predictor, "suffixes", ())
    expect_lines(output, suffixes, suffixes)
    with target.open() as out:
        if not isinstance(predictor, UnconditionalPredictor):
            return
        if output is not None and output.suffix.lower() in suffixes:
            out.buffer.write(predictor.file(output.suffix.lower(), count, seed))
            return
        rendering = Rendering(form, named=form == "csv")
        out.write(rendering.header)
        for line, prediction in generated_lines(predictor, count, seed):
            out.write(shown(rendering(line, prediction) + "\n", out))


def drawing(folder: Path | None) -> Watch | None:
    """Draws how the predictions were made into a new folder."""
    if folder is None:
        return None
    drawn = DrawingFolder(folder)

    def watch(
        predictor: Predictor[Any, Any], predicted: Iterable[tuple[Line, Prediction]]
    ) -> Iterator[tuple[Line, Prediction]]:
        for line, prediction in predicted:
            if not prediction.failed and line.text.strip():
                drawn.write(line.text, predictor.drawings(line.text))
            yield line, prediction

    return watch
