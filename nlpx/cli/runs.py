"""`nlpx runs`: list, show, compare, label and remove runs."""

from __future__ import annotations

import click

from nlpx.cli.runs_clean import archive_runs, clean_runs
from nlpx.cli.runs_compare import compare_runs
from nlpx.cli.runs_list import list_runs
from nlpx.cli.runs_notes import note_run, tag_run
from nlpx.cli.runs_plot import command as plot_runs
from nlpx.cli.runs_remove import purge_runs, remove_runs, restore_runs
from nlpx.cli.runs_show import show_run


@click.group()
def command() -> None:
    """List, compare, label and remove runs.

    RUN is a folder, or an id or TASK/ID under --root, or a prefix of one.
    """


for each in (list_runs, show_run, compare_runs, plot_runs, tag_run, note_run):
    command.add_command(each)
for each in (clean_runs, archive_runs, remove_runs, restore_runs, purge_runs):
    command.add_command(each)
