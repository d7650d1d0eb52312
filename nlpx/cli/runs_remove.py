"""`nlpx runs rm`, `restore` and `purge`: remove runs in two steps."""

from __future__ import annotations

from pathlib import Path

import click

from nlpx.cli import completed
from nlpx.cli.echo import echo, tell
from nlpx.cli.options import root_option
from nlpx.core.paths import is_folder, why_no_folder
from nlpx.errors import UsageError

yes_option = click.option("--yes", is_flag=True, help="Do it; otherwise it is only shown what would be done.")


@click.command("rm", short_help="Move runs to the trash.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", shell_complete=completed.runs)
@root_option
def remove_runs(runs: tuple[str, ...], root: Path) -> None:
    """Move RUNS to the trash, a hidden folder next to the tasks; their names can be used again.

    A run that is being trained is refused. `nlpx runs restore` moves a run back, `nlpx runs purge` deletes
    the trash for good.
    """
    from nlpx.runs.lookup import locate
    from nlpx.runs.trash import discard, in_trash, removable

    found = []
    for run in runs:
        if is_folder(Path(run)):
            found.append(Path(run))
            continue
        try:
            found.append(locate(root, run))
        except UsageError:
            gone = next(in_trash(root, run), None)
            if gone is None:
                raise
            tell(f"{run} is already in the trash: {gone}")
    for path in dict.fromkeys(found):
        if not is_folder(path):
            raise UsageError(f"{path}: {why_no_folder(path)}. Expected a run.")
        removable(path)
    for path in dict.fromkeys(found):
        echo(f"{path} -> {discard(path)}")


@click.command("restore", short_help="Move runs back from the trash.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@root_option
def restore_runs(runs: tuple[str, ...], root: Path) -> None:
    """Move RUNS, as named when they were removed, from the trash back."""
    from nlpx.runs.trash import in_trash, restore

    for run in runs:
        found = list(in_trash(root, run))
        if len(found) != 1:
            raise UsageError(_not_one(run, root, found))
        echo(f"{found[0]} -> {restore(found[0])}")


@click.command("purge", short_help="Delete what is in the trash.")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@root_option
@yes_option
def purge_runs(runs: tuple[str, ...], root: Path, yes: bool) -> None:
    """Delete RUNS that are in the trash, or all that are in it.

    Shows what would be deleted, unless --yes is given.
    """
    from nlpx.cli.run_text import size_text
    from nlpx.runs.listing import folder_size
    from nlpx.runs.trash import discarded, in_trash, purge

    found = discarded(root)
    if runs:
        found = []
        for run in runs:
            named = list(in_trash(root, run))
            if not named:
                raise UsageError(_not_one(run, root, named))
            found += named
    for path in found:
        size = size_text(path.lstat().st_size if path.is_symlink() else folder_size(path))
        if yes:
            purge(path)
        echo(f"{'deleted' if yes else 'would delete'} {path}  {size}")
    if not found:
        tell("the trash is empty")
    elif not yes:
        tell("nothing is deleted yet; add --yes to delete these runs for good")


def _not_one(run: str, root: Path, found: list[Path]) -> str:
    from nlpx.runs.trash import discarded

    shown = found or discarded(root)
    listed = "".join(f"\n  {path.parent.name}/{path.name}" for path in shown) or " nothing"
    what = (
        f"{len(found)} runs in the trash are called {run!r}" if found else f"there is no {run!r} in the trash"
    )
    return f"{what}. The trash of {root} contains:{listed}"
