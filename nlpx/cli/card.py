"""`nlpx card`: the model card of a run."""

from __future__ import annotations

from pathlib import Path

import click

from nlpx.cli import completed
from nlpx.cli.options import include_option, root_option
from nlpx.cli.output_file import OutputFile, OutputPath


@click.command(epilog="Example: nlpx card RUN --output MODEL_CARD.md")
@click.argument("run", required=False, shell_complete=completed.runs)
@click.option(
    "-o", "--output", type=OutputPath(path_type=Path), help="The file to write; default: standard output."
)
@root_option
@include_option
def command(run: str | None, output: Path | None, root: Path, includes: tuple[Path, ...]) -> None:
    """Write the model card of RUN in Markdown: data, metrics with intervals, limits, how to reproduce it.

    RUN is a folder or an id under --root; default: the newest finished run. Licence and purpose are for you
    to fill in. Bundles contain the same card.
    """
    from nlpx.runs.config import load_run
    from nlpx.runs.history import pointed_step
    from nlpx.runs.lookup import find, newest
    from nlpx.workflow.card import card

    found = newest(root) if run is None else find(root, run)
    file = OutputFile(output, [found.snapshot, found.resolved])
    text = card(found, load_run(found, includes=includes).experiment, pointed_step(found.best))
    with file.open() as stream:
        stream.write(text)
