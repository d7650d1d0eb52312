"""`nlpx report`: what a run was and what came of it, as an HTML page."""

from __future__ import annotations

from pathlib import Path

import click

from nlpx.cli import completed
from nlpx.cli.options import include_option, root_option
from nlpx.cli.output_file import OutputFile, OutputPath
from nlpx.errors import UsageError


@click.command(epilog="Example: nlpx report RUN --output report.html")
@click.argument("runs", nargs=-1, metavar="[RUN...]", shell_complete=completed.runs)
@click.option(
    "-o",
    "--output",
    type=OutputPath(path_type=Path),
    help="The file to write; default: report.html in the run. Several runs need it.",
)
@click.option(
    "--read-data",
    is_flag=True,
    help="Read the data of the run, for images of cases and a map of vectors; a sample is always read.",
)
@click.option(
    "--lang",
    "language",
    type=click.Choice(["zh", "en"]),
    help="The language of the report: Chinese or English; default: $NLPX_LANG, or that of the terminal.",
)
@root_option
@include_option
def command(
    runs: tuple[str, ...],
    output: Path | None,
    read_data: bool,
    language: str | None,
    root: Path,
    includes: tuple[Path, ...],
) -> None:
    """Write a report of RUN: one HTML file that needs nothing else, offline and in print.

    RUN is a folder or an id under --root; default: the newest finished run. The report shows what the run
    has recorded and its evaluations, with intervals, the worst and best predictions, and the settings that
    differ from the defaults; it says what is missing.

    Several runs are compared: their curves, metrics with differences from the first run on the same rows,
    and the settings in which they differ.
    """
    from nlpx.core.language import preferred
    from nlpx.report.comparison import comparison
    from nlpx.report.page import report
    from nlpx.runs.lookup import find, newest

    found = list({run.path.resolve(): run for run in (find(root, name) for name in runs)}.values())
    found = found or [newest(root)]
    if output is None and len(found) > 1:
        raise UsageError("a comparison belongs to no single run. Give the file to write with --output.")
    target = found[0].report if output is None else output
    file = OutputFile(
        target, [path for run in found for path in (run.snapshot, run.metrics_jsonl, run.samples)]
    )
    written_in = language or preferred()
    if len(found) == 1:
        page = report(found[0], includes, read_data=read_data, language=written_in)
    else:
        page = comparison(found, includes, language=written_in)
    with file.open() as stream:
        stream.write(page)
    if file.regular is not None:
        click.echo(str(target))
