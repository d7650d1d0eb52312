"""`nlpx report`: what a run was and what came of it, as an HTML page."""

from __future__ import annotations

from pathlib import Path

import click

from nlpx.cli.options import include_option, root_option
from nlpx.cli.output_file import OutputFile, OutputPath


@click.command(epilog="Example: nlpx report RUN --output report.html")
@click.argument("run", required=False)
@click.option(
    "-o",
    "--output",
    type=OutputPath(path_type=Path),
    help="The file to write; default: report.html in the run.",
)
@root_option
@include_option
def command(run: str | None, output: Path | None, root: Path, includes: tuple[Path, ...]) -> None:
    """Write a report of RUN: one HTML file that needs nothing else, offline and in print.

    RUN is a folder or an id under --root; default: the newest finished run. The report shows what the run
    has recorded and its evaluations, with intervals, the worst and best predictions, and the settings that
    differ from the defaults; it says what is missing. No model is used.
    """
    from nlpx.report.page import report
    from nlpx.runs.lookup import find, newest

    found = newest(root) if run is None else find(root, run)
    target = found.report if output is None else output
    file = OutputFile(target, [found.snapshot, found.metrics_jsonl, found.samples])
    page = report(found, includes)
    with file.open() as stream:
        stream.write(page)
    click.echo(str(target))
