"""`nlpx predict`: make predictions with a finished run."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli import completed
from nlpx.cli.chosen_run import choose
from nlpx.cli.echo import tell
from nlpx.cli.options import (
    checkpoint_option,
    encoding_option,
    engine_option,
    include_option,
    precision_option,
    root_option,
    set_option,
)
from nlpx.cli.output_file import OutputFile, OutputPath
from nlpx.cli.predict_input import InputForm, check_texts, expect_there, open_input, rendering_of
from nlpx.cli.predict_output import Failures, drawing, expect_lines, generate, open_output
from nlpx.core.zip_files import is_zip
from nlpx.errors import DataError, UsageError

if TYPE_CHECKING:
    from nlpx.data.formats.character_sets import Encoding
    from nlpx.inference.rendering import Format
    from nlpx.workflow.engine import Engine

LINES_AT_ONCE = 4096
DEFAULT_COUNT = 5
WANTED = "give either --text (once or more) or --input FILE (- for standard input)."


@click.command(epilog="Example: nlpx predict --text 晚风摇树树还挺")
@click.argument("run", required=False, shell_complete=completed.runs)
@click.option("--text", "texts", multiple=True, help="An input text; can be given several times.")
@click.option(
    "--input",
    "source",
    shell_complete=completed.files,
    help="A file with one text per line, plain or compressed by gzip, xz, zstd or ZIP, - for standard input; "
    "an image, or a folder of images.",
)
@encoding_option
@click.option(
    "--field", metavar="NAME", help="The input is JSONL with the texts in this field; a.b is b in a."
)
@click.option(
    "--column", metavar="NAME", help="The input is CSV or TSV with a header and the texts in this column."
)
@click.option(
    "--id", "identity", metavar="NAME", help="The field or column of the ids (default: line numbers)."
)
@click.option(
    "--ids", is_flag=True, help="Input lines are `id<TAB>text`; jsonl, tsv and csv output contains the ids."
)
@click.option(
    "--output", type=OutputPath(dir_okay=False, path_type=Path), help="Write here instead of standard output."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "jsonl", "tsv", "csv"]),
    help="Format of the output; default: text, with --keep that of the input.",
)
@click.option(
    "--keep",
    is_flag=True,
    help="Write all fields or columns of the input, and the prediction as one more, `prediction`.",
)
@click.option(
    "--resume", is_flag=True, help="Continue an --output file that an interrupted command left incomplete."
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Number of processes, each with its own copy of the model.",
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
@precision_option
@engine_option("auto: onnxruntime if there is a bundle of the checkpoint.")
@root_option
@include_option
def command(
    run: str | None,
    texts: tuple[str, ...],
    source: str | None,
    encoding: Encoding,
    field: str | None,
    column: str | None,
    identity: str | None,
    ids: bool,
    output: Path | None,
    form: Format | None,
    keep: bool,
    resume: bool,
    jobs: int,
    count: int | None,
    seed: int | None,
    corpus: Path | None,
    draw: Path | None,
    overrides: tuple[str, ...],
    checkpoint: str,
    engine: Engine,
    precision: tuple[str, ...],
    root: Path,
    includes: tuple[Path, ...],
) -> None:
    """Make predictions with RUN, a folder or an id under --root; default: the newest finished run.

    Every input line gives one output record, in order; blank lines give blank predictions, but are no records
    of JSONL and tables. Without --text and --input, a run of a generative task generates unconditionally; if
    it generates images or points, the name of the --output file may end in .png or .npz, and for vectors of
    words, which are listed by frequency, in .vec, .bin, .npz or .svg. A line that cannot be read gives an
    empty prediction and a message on standard error; the exit code is then 3. The --output file is replaced
    only when all predictions are complete; the same command with --resume continues after an interruption.
    """
    overrides = (*overrides, *precision)
    unconditional = not texts and source is None
    if texts and source is not None:
        raise UsageError(WANTED)
    if not unconditional and (count is not None or seed is not None):
        raise UsageError("--count and --seed cannot be combined with --text or --input.")
    if unconditional and draw is not None:
        raise UsageError("--draw: there is nothing to draw without --text or --input.")
    reading = InputForm(ids, field, column, identity, keep, encoding)
    if source is None and (reading.named or resume or jobs > 1 or encoding != "utf-8"):
        raise UsageError("--field, --column, --encoding, --resume and --jobs need --input FILE.")
    if draw is not None and jobs > 1:
        raise UsageError("--draw cannot be combined with --jobs.")
    if source == "":
        raise UsageError("--input: the path is empty. Is a shell variable not set?")
    if source not in (None, "-"):
        expect_there(Path(str(source)))  # before loading the model, which takes seconds
    from nlpx.config.paths import files_read
    from nlpx.inference.progress import PredictionProgress
    from nlpx.inference.stream import PortionReader
    from nlpx.runs.config import load_run
    from nlpx.workflow.predict import RunOpener, rendered_here, unfinished, write_rendered

    chosen = choose(root, run, includes)
    if unconditional and not chosen.experiment.generates:
        raise UsageError(WANTED)
    chosen.expect_engine(engine)
    chosen.expect_input(texts, source, encoding)
    used = load_run(chosen.run, overrides, includes).experiment if overrides else chosen.experiment
    zipped = run if run and is_zip(Path(run)) else None  # the folder of the run is where it was unpacked
    given = (Path(str(path)) for path in (zipped, source, corpus, *includes) if path is not None)
    read = [chosen.run.path, *files_read(chosen.experiment), *files_read(used)]
    target = OutputFile(output, [*given, *read])
    if not chosen.takes_images:
        check_texts(texts)
    opener = RunOpener(root, chosen.run.path, checkpoint, includes, overrides, corpus, engine)
    if unconditional:
        generate(opener(tell), target, output, form or "text", count or DEFAULT_COUNT, seed or 0)
        return
    expect_lines(output, ())
    with ExitStack() as stack:
        opened = open_input(stack, used.codec(), texts, source, reading)
        rendering = rendering_of(form, reading, opened)
        job = {**opener.identity(), **reading.identity, "--format": rendering.form}
        records = open_output(stack, target, None if source is None else job, resume)
        hidden = output is None and sys.stdout.isatty()
        progress = PredictionProgress(None if hidden else sys.stderr, tell, opened.total)
        typed = source == "-" and sys.stdin is not None and sys.stdin.isatty()
        lines = chosen.expecting_input(opened.lines) if source == "-" else opened.lines
        portions = unfinished(PortionReader(lines, 1 if typed else LINES_AT_ONCE, opened.position), records)
        if jobs > 1:
            from nlpx.inference.workers import rendered_by_workers

            outputs = rendered_by_workers(opener, rendering, portions, jobs, progress.say)
        else:
            predictor = opener(tell)
            expect_lines(output, getattr(predictor, "suffixes", ()))
            outputs = rendered_here(predictor, rendering, portions, drawing(draw))
        failures = Failures(progress.say)
        progress.begin(records.state.lines, opened.position())
        with progress, closing(outputs):
            write_rendered(outputs, rendering, records, progress, failures.report)
    if failed := records.state.failed:
        raise DataError(f"no prediction for {failed} of the inputs; see the messages above.")
