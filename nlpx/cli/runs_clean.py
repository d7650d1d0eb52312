"""`nlpx runs clean` and `nlpx runs archive`: free space."""

from __future__ import annotations

from pathlib import Path

import click

from nlpx.cli import completed
from nlpx.cli.echo import echo, tell
from nlpx.cli.options import root_option
from nlpx.cli.runs_remove import yes_option
from nlpx.errors import DamagedRun, UsageError


@click.command("clean", short_help="Delete checkpoints that finished runs do not need.")
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=completed.runs)
@root_option
@click.option("--best", is_flag=True, help="Also the best checkpoints, after a question for each run.")
@yes_option
def clean_runs(runs: tuple[str, ...], root: Path, best: bool, yes: bool) -> None:
    """Delete all checkpoints except the best one of RUNS, or of all finished runs under --root.

    Shows what would be deleted, unless --yes is given. Runs that are not finished keep theirs, because they
    can be resumed.
    """
    from nlpx.cli.run_text import size_text
    from nlpx.runs.clean import delete, waste
    from nlpx.runs.directory import RunDirectory
    from nlpx.runs.folders import run_folders
    from nlpx.runs.lookup import find

    total = 0
    for run in [find(root, run) for run in runs] or map(RunDirectory, run_folders(root)):
        try:
            found = waste(RunDirectory.open(run.path), best=best)
        except (DamagedRun, UsageError) as error:
            if runs:
                raise
            tell(f"left out: {error}")
            continue
        for checkpoint in found:
            what = f"{checkpoint.path}  {size_text(checkpoint.size)}"
            if checkpoint.best:
                what += ", the best one: without it, the run cannot be used"
                if yes and not click.confirm(f"delete {what}?", err=True):
                    continue
            if yes:
                delete(checkpoint)
            echo(f"{'deleted' if yes else 'would delete'} {what}")
            total += checkpoint.size
    if total and not yes:
        tell(f"nothing is deleted yet; add --yes to free {size_text(total)}")
    elif not total:
        tell("there is nothing to delete")


@click.command("archive", short_help="Pack runs into one file each.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", shell_complete=completed.runs)
@root_option
@yes_option
def archive_runs(runs: tuple[str, ...], root: Path, yes: bool) -> None:
    """Replace the folder of each of RUNS by a compressed file in `.archive` under --root.

    The file is compared with the run before the folder is deleted; tar unpacks it in the folder of the task.
    Shows what would be done, unless --yes is given.
    """
    from nlpx.cli.run_text import size_text
    from nlpx.runs.clean import archive
    from nlpx.runs.listing import folder_size
    from nlpx.runs.lookup import find

    for run in [find(root, run) for run in runs]:
        before = size_text(folder_size(run.path))
        if yes:
            packed = archive(run)
            echo(f"{run.path} ({before}) -> {packed} ({size_text(packed.stat().st_size)})")
        else:
            echo(f"would pack {run.path} ({before})")
    if not yes:
        tell("nothing is done yet; add --yes")
