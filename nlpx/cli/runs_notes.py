"""`nlpx runs tag` and `nlpx runs note`."""

from __future__ import annotations

from pathlib import Path

import click

from nlpx.cli import completed
from nlpx.cli.echo import echo
from nlpx.cli.options import root_option


@click.command("tag", short_help="Add tags to a run, or remove them.")
@click.argument("run", shell_complete=completed.runs)
@click.argument("tags", nargs=-1, metavar="[TAG]...")
@click.option("--remove", multiple=True, metavar="TAG", help="Remove this tag.")
@root_option
def tag_run(run: str, tags: tuple[str, ...], remove: tuple[str, ...], root: Path) -> None:
    """Add TAGS to RUN, and print all that it has. `nlpx runs list` shows and selects them."""
    from nlpx.runs.lookup import find
    from nlpx.runs.notes import tag

    found = find(root, run)
    echo(f"{found.path}: {' '.join(tag(found, tags, remove)) or 'no tags'}")


@click.command("note", short_help="Write a note about a run.")
@click.argument("run", shell_complete=completed.runs)
@click.argument("text")
@root_option
def note_run(run: str, text: str, root: Path) -> None:
    """Replace the note about RUN by TEXT; an empty one removes it."""
    from nlpx.runs.lookup import find
    from nlpx.runs.notes import note

    found = find(root, run)
    note(found, text)
    echo(f"{found.path}: {text or 'no note'}")
