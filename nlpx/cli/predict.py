"""`nlpx predict`: answer texts with a finished run."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

import click

from nlpx.errors import DataError, EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from nlpx.inference.stream import Format, Line
    from nlpx.tasks.base import AnyTask

LINES_AT_ONCE = 4096
COMPOSED = 5
WANTED = "give either --text (once or more) or --input FILE (- for standard input)."


@click.command(epilog="Example: nlpx predict --text 晚风摇树树还挺")
@click.argument("run", required=False)
@click.option("--text", "texts", multiple=True, help="A text to answer; may be given several times.")
@click.option(
    "--input",
    "source",
    help="A UTF-8 file with one text a line, - for standard input; a picture, or a folder of them.",
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here instead of standard output."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "jsonl", "tsv"]), default="text", show_default=True
)
@click.option(
    "--ids", is_flag=True, help="Lines of the input are `id<TAB>text`; ids are kept in jsonl and tsv."
)
@click.option(
    "--count",
    type=click.IntRange(min=1),
    help=f"Without a text: how many texts a run that composes is to make ({COMPOSED}).",
)
@click.option(
    "--seed", type=click.IntRange(min=0), help="Without a text: another seed makes other texts (0)."
)
@click.option(
    "--corpus",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Search the lines of this file instead of the training rows, for tasks that search.",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Answer with another value, as decode=argmax.",
)
@click.option("--checkpoint", default="best", show_default=True, help="best, last, or a step.")
@click.option(
    "--root", type=click.Path(path_type=Path), default="runs", show_default=True, help="Where runs lie."
)
@click.option("--include", "includes", multiple=True, type=click.Path(path_type=Path), help="A plugin file.")
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
    overrides: tuple[str, ...],
    checkpoint: str,
    root: Path,
    includes: tuple[Path, ...],
) -> None:
    """Answer texts with RUN (a folder, or an id under --root; the newest finished run without it).

    Every line of the input gives one line of output, in order; blank lines give blank answers. Without a text
    and without an input, a run whose task can (poem) composes. What cannot be read gives a line on standard
    error and, at the end, exit code 3.
    """
    composes = not texts and source is None
    if texts and source is not None:
        raise UsageError(WANTED)
    if not composes and (count is not None or seed is not None):
        raise UsageError(
            "--count and --seed are for runs that compose without a text; leave out one or the other."
        )
    from nlpx.inference.stream import answer_lines, composed_lines, render
    from nlpx.tasks.base import Composer
    from nlpx.workflow.corpus import open_corpus
    from nlpx.workflow.model import config_of, open_model

    def report(message: str) -> None:
        click.echo(message, err=True)

    if composes and not config_of(root, run, includes).composes:
        raise UsageError(WANTED)
    with ExitStack() as stack:
        if source not in (None, "-"):
            _check_input(Path(str(source)))
        model = open_model(root, run, checkpoint, includes, overrides)
        model.equip(lambda: open_corpus(model.trained), report)
        if corpus is not None:
            model.search_in(corpus, report)
        out = stack.enter_context(_create(output)) if output else sys.stdout
        at_once = 1 if source == "-" and sys.stdin.isatty() else LINES_AT_ONCE
        if composes and isinstance(model.answerer, Composer):
            answered = composed_lines(model.answerer, count or COMPOSED, seed or 0)
        else:
            lines = _lines(stack, model.task, texts, source, ids)
            answered = answer_lines(model.answerer, lines, at_once)
        failed = 0
        for line, answer in answered:
            if answer.failed:
                failed += 1
                click.echo(f"error: {answer.text}", err=True)
                if form == "text":
                    continue
            out.write(render(line, answer, form) + "\n")
            if at_once == 1:
                out.flush()
        if failed:
            raise DataError(f"{failed} of the inputs could not be answered; the messages above say why.")


def _lines(
    stack: ExitStack, task: AnyTask, texts: Sequence[str], source: str | None, ids: bool
) -> Iterator[Line]:
    from nlpx.inference.stream import Line, read_lines

    if source not in (None, "-"):
        meant = task.inputs(Path(str(source)))
        if meant is not None:
            source, texts = None, meant
    if source is None:
        return (Line(str(number), text) for number, text in enumerate(texts, start=1))
    if source == "-":
        return read_lines(sys.stdin.buffer, "standard input", with_ids=ids)
    return read_lines(stack.enter_context(_open(Path(source))), source, with_ids=ids)


def _check_input(path: Path) -> None:
    """Find out before the model is opened, which takes seconds."""
    if not path.exists():
        raise UsageError(f"{path}: there is no such file. Expected one to answer, with one text a line.")


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read: {error.strerror}. Expected a text file with one text a line."
        ) from None


def _create(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be written: {error.strerror}. Choose another --output."
        ) from None
