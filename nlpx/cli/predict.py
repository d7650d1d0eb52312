"""`nlpx predict`: make predictions with a finished run."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from nlpx.cli.chosen_run import choose
from nlpx.cli.drawing_folder import DrawingFolder
from nlpx.cli.echo import tell
from nlpx.cli.options import checkpoint_option, include_option, root_option, set_option
from nlpx.cli.output_file import OutputFile, OutputPath
from nlpx.core.printable import shown
from nlpx.errors import DataError, UsageError

if TYPE_CHECKING:
    from nlpx.data.codec import Codec
    from nlpx.inference.lines import Line
    from nlpx.inference.stream import Format

LINES_AT_ONCE = 4096
DEFAULT_COUNT = 5
REPORTED = 100
"""Failures that are reported individually."""
NO_LINES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".npy", ".npz"})
"""Names of files that contain no lines."""
WANTED = "give either --text (once or more) or --input FILE (- for standard input)."


@click.command(epilog="Example: nlpx predict --text 晚风摇树树还挺")
@click.argument("run", required=False)
@click.option("--text", "texts", multiple=True, help="An input text; can be given several times.")
@click.option(
    "--input",
    "source",
    help="A UTF-8 file with one text per line, - for standard input; an image, or a folder of images.",
)
@click.option(
    "--output", type=OutputPath(dir_okay=False, path_type=Path), help="Write here instead of standard output."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "jsonl", "tsv"]), default="text", show_default=True
)
@click.option(
    "--ids", is_flag=True, help="Input lines are `id<TAB>text`; jsonl and tsv output contains the ids."
)
@click.option(
    "--count",
    type=click.IntRange(min=1),
    help=f"Number of samples to generate if no input is given (default {DEFAULT_COUNT}).",
)
@click.option("--seed", type=click.IntRange(min=0), help="Random seed if no input is given (default 0).")
@click.option(
    "--corpus",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Search the lines of this file instead of the training split (retrieval tasks only).",
)
@click.option(
    "--draw",
    type=OutputPath(file_okay=False, path_type=Path),
    help="Write images of how each page was read into this folder (tasks ocr and ocr_lines).",
)
@set_option("Override a value, e.g. decode=argmax.")
@checkpoint_option
@root_option
@include_option
def command(
    run: str | None,
    texts: tuple[str, ...],
    source: str | None,
    output: Path | None,
    form: Format,
    ids: bool,
    count: int | None,
    seed: int | None,
    corpus: Path | None,
    draw: Path | None,
    overrides: tuple[str, ...],
    checkpoint: str,
    root: Path,
    includes: tuple[Path, ...],
) -> None:
    """Make predictions with RUN, a folder or an id under --root; default: the newest finished run.

    Every input line gives one output record, in order; blank lines give blank predictions. Without --text and
    --input, a run of a generative task generates unconditionally; if it generates images or points, the name
    of the --output file may end in .png or .npz, and for vectors of words, which are listed by frequency, in
    .vec, .bin, .npz or .svg. A line that cannot be read gives an empty prediction and a
    message on standard error; the exit code is then 3. The --output file is replaced only when all
    predictions are complete.
    """
    unconditional = not texts and source is None
    if texts and source is not None:
        raise UsageError(WANTED)
    if not unconditional and (count is not None or seed is not None):
        raise UsageError("--count and --seed cannot be combined with --text or --input.")
    if unconditional and draw is not None:
        raise UsageError("--draw: there is nothing to draw without --text or --input.")
    if source not in (None, "-") and not (path := Path(str(source))).exists():
        # Check this before loading the model, which takes seconds.
        raise UsageError(f"{path}: there is no such file. Expected a text file with one text per line.")
    from nlpx.config.paths import files_read
    from nlpx.inference.stream import generated_lines, predict_lines, render
    from nlpx.runs.config import load_run
    from nlpx.specs.predictor import UnconditionalPredictor
    from nlpx.workflow.corpus import open_corpus
    from nlpx.workflow.model import open_model

    chosen = choose(root, run, includes)
    if unconditional and not chosen.experiment.generates:
        raise UsageError(WANTED)
    chosen.expect_input(texts, source)
    used = load_run(chosen.run, overrides, includes).experiment if overrides else chosen.experiment
    given = (Path(str(path)) for path in (source, corpus, *includes) if path is not None)
    read = [chosen.run.path, *files_read(chosen.experiment), *files_read(used)]
    target = OutputFile(output, [*given, *read])
    if not chosen.takes_images:
        _check_texts(texts)
    failures = _Failures()
    with ExitStack() as stack:
        model = open_model(root, str(chosen.run.path), checkpoint, includes, overrides)
        model.prepare(lambda: open_corpus(model.trained), tell)
        if corpus is not None:
            model.search_in(corpus, tell)
        suffix = "" if output is None else output.suffix.lower()
        own = getattr(model.predictor, "suffixes", ())
        suffixes = own if unconditional else ()
        if suffix in NO_LINES.union(own) - {*suffixes}:
            wanted = f", or {' or '.join(suffixes)}" if suffixes else ""
            raise UsageError(f"{output}: this command writes lines of text{wanted}; choose another suffix.")
        typed = source == "-" and sys.stdin is not None and sys.stdin.isatty()
        at_once = 1 if typed else LINES_AT_ONCE
        if unconditional and isinstance(model.predictor, UnconditionalPredictor):
            if suffix in suffixes:
                content = model.predictor.file(suffix, count or DEFAULT_COUNT, seed or 0)
                stack.enter_context(target.open()).buffer.write(content)
                return
            predicted = generated_lines(model.predictor, count or DEFAULT_COUNT, seed or 0)
        else:
            lines = _lines(stack, model.codec, texts, source, ids)
            if source == "-":
                lines = chosen.expecting_input(lines)
            lines = _warned(lines)
            predicted = predict_lines(model.predictor, lines, at_once)
        drawn = None if draw is None else DrawingFolder(draw)
        out = stack.enter_context(target.open())
        for line, prediction in predicted:
            if prediction.failed:
                failures.report(prediction.text)
            elif drawn is not None and line.text.strip():
                drawn.write(line.text, model.predictor.drawings(line.text))
            out.write(shown(render(line, prediction, form) + "\n", out))
            if at_once == 1:
                out.flush()
    failures.end()


class _Failures:
    """Reports the first failed inputs individually, and their total number at the end."""

    def __init__(self) -> None:
        self._count = 0

    def report(self, reason: str) -> None:
        self._count += 1
        if self._count <= REPORTED:
            tell(f"error: {reason}")
        elif self._count == REPORTED + 1:
            click.echo("error: further failed inputs are only counted", err=True)

    def end(self) -> None:
        if self._count:
            raise DataError(f"no prediction for {self._count} of the inputs; see the messages above.")


def _check_texts(texts: Sequence[str]) -> None:
    for text in texts:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            # Python represents a byte that is not UTF-8 in an argument as a surrogate.
            byte = ord(text[error.start]) & 0xFF
            raise UsageError(
                f"--text {text!r}: character {error.start + 1} is the byte {byte:#04x}, which is not UTF-8. "
                "Expected UTF-8 whatever the locale; set the terminal to UTF-8."
            ) from None


def _warned(lines: Iterable[Line]) -> Iterator[Line]:
    """The same lines, with a warning about the first one that is JSON and is treated as plain text."""
    from nlpx.inference.stream import looks_like_json

    warned = False
    for line in lines:
        if not warned and looks_like_json(line.text):
            tell(
                f"warning: text {line.id} is JSON, but is treated as plain text. Expected one text per line; "
                "extract the texts first, for example with `jq -r .text FILE`."
            )
            warned = True
        yield line


def _lines(
    stack: ExitStack, codec: Codec[Any], texts: Sequence[str], source: str | None, ids: bool
) -> Iterator[Line]:
    from nlpx.inference.lines import Line, read_lines

    if source not in (None, "-"):
        meant = codec.inputs(Path(str(source)))
        if meant is not None:
            source, texts = None, meant
    if source is None:
        return (Line(str(number), text) for number, text in enumerate(texts, start=1))
    if source == "-":
        if sys.stdin is None:
            raise UsageError("--input -: standard input is closed. Open it, or name a file.")
        return read_lines(sys.stdin.buffer, "standard input", with_ids=ids)
    return read_lines(stack.enter_context(_open(Path(source))), source, with_ids=ids)


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read: {error.strerror}. Expected a text file with one text per line."
        ) from None
