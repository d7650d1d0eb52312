"""`nlpx runs compare`."""

from __future__ import annotations

from pathlib import Path

import click

from nlpx.cli import completed
from nlpx.cli.echo import echo_json
from nlpx.cli.options import json_option, root_option
from nlpx.cli.run_text import number_text, print_table, value_text
from nlpx.core.printable import printable


@click.command("compare", short_help="Compare settings and metrics of runs.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...", shell_complete=completed.runs)
@root_option
@click.option("--groups", is_flag=True, help="Also show the metrics of subsets.")
@json_option
def compare_runs(runs: tuple[str, ...], root: Path, groups: bool, as_json: bool) -> None:
    """Show the settings in which runs differ, and their metrics; * marks the best value.

    The metrics are those of `nlpx eval`, and those on the validation split at the best checkpoint.
    """
    from dataclasses import asdict

    from nlpx.cli.tables import BLANK, folded_lines, terminal_width
    from nlpx.errors import UsageError
    from nlpx.runs.compare import compare
    from nlpx.runs.lookup import find

    if len(runs) < 2:
        raise UsageError("compare needs at least two runs; `nlpx runs list` shows the available ones.")
    result = compare([find(root, run) for run in runs])
    if as_json:
        echo_json(asdict(result))
        return
    print_table(
        ["setting", *result.runs],
        [[key, *map(value_text, values)] for key, values in result.settings.items()]
        or [["(none differs)", *("" for _ in runs)]],
        fold=range(len(runs) + 1),
    )
    click.echo()
    shown = [row for row in result.metrics if groups or row.name.count("/") == 1]
    zero = [row.name for row in shown if set(row.values) == {0.0}]
    folded = zero if len(zero) > 1 else []
    rows = [
        [
            row.name,
            *(
                number_text(value) + ("*" if best else BLANK)
                for value, best in zip(row.values, row.best, strict=True)
            ),
        ]
        for row in shown
        if row.name not in folded
    ]
    print_table(["metric", *(run + BLANK for run in result.runs)], rows, fold=())
    if folded:
        for line in folded_lines(printable(f"0 in every column: {', '.join(folded)}"), terminal_width()):
            click.echo(line)
    for note in result.notes:
        click.echo(printable(note), err=True)
