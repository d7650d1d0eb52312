"""`nlpx average`: average the weights of several checkpoints."""

from __future__ import annotations

from pathlib import Path

import click

from nlpx.cli import completed
from nlpx.cli.echo import echo, echo_json, tell
from nlpx.cli.options import PATH, include_option, json_option
from nlpx.core.paths import is_there


@click.command(epilog="Example: nlpx average RUN_A RUN_B")
@click.argument(
    "runs", nargs=-1, required=True, type=PATH, metavar="RUN RUN...", shell_complete=completed.runs
)
@click.option("--output", type=PATH, default="runs", show_default=True, help="Folder of the runs.")
@click.option("--name", help="Name of the new run; default: date and time.")
@include_option
@json_option
def command(
    runs: tuple[Path, ...], output: Path, name: str | None, includes: tuple[Path, ...], as_json: bool
) -> None:
    """Average the weights of RUNS of the same model into a new run, and compare it with them.

    RUN is a folder, or an id or TASK/ID under --output, whose best checkpoint is used; or the folder of a
    checkpoint. Averaging runs that differ in the seed alone rarely helps; runs that started from the same
    weights, or several checkpoints of one run, often do. The metrics are those of the validation split.
    """
    from nlpx.cli.tables import print_metrics
    from nlpx.runs.lookup import locate
    from nlpx.workflow.average import average

    folders = [run if is_there(run) else locate(output, str(run)) for run in runs]
    found = average(folders, output, name, includes, tell)
    if as_json:
        echo_json({"run": str(found.run.path), "metrics": found.metrics, "parts": found.parts})
        return
    print_metrics("average", found.metrics, found.parts)
    echo(f"run: {found.run.path}")
