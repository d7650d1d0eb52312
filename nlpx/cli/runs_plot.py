"""`nlpx runs plot`: curves of runs as text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli import completed
from nlpx.cli.options import root_option

if TYPE_CHECKING:
    from nlpx.report.sections.curves import Curve

COLOURS = ("blue", "red", "green", "magenta", "yellow", "cyan")
WIDTH = 80
"""Columns where standard output is no terminal."""


@click.command("plot", short_help="Draw curves of runs as text.")
@click.argument("runs", nargs=-1, metavar="[RUN...]", shell_complete=completed.runs)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="Such as nll, valid/nll or train/loss; default: the loss, and the metric that selects checkpoints.",
)
@root_option
def command(runs: tuple[str, ...], metrics: tuple[str, ...], root: Path) -> None:
    """Draw curves of RUN as text, those of several runs in one plot; default: the newest run that finished.

    On a terminal, the runs have colours; elsewhere letters.
    """
    from nlpx.cli.tables import terminal_width
    from nlpx.core.printable import printable
    from nlpx.core.text_plot import TextPlot
    from nlpx.report.sections.curves import curves_of, is_log, thinned
    from nlpx.runs.json_lines import JsonLines
    from nlpx.runs.lookup import find, labels_of, newest
    from nlpx.runs.record import Snapshot

    found = [find(root, run) for run in runs] or [newest(root)]
    labels = [printable(label) for label in labels_of([run.path for run in found])]
    recorded = {
        label: curves_of(list(JsonLines.read(run.metrics_jsonl).forwards()))
        for label, run in zip(labels, found, strict=True)
    }
    names = _names(recorded, metrics, [Snapshot.of(run).monitor for run in found])
    paint = _painter()
    for number, name in enumerate(names):
        group = {label: thinned(curves[name]) for label, curves in recorded.items() if name in curves}
        if number:
            click.echo()
        plot = TextPlot(printable(name), group, log=is_log(group.values()))
        try:
            lines = plot.lines(terminal_width() or WIDTH, paint)
        except ValueError:
            click.echo(f"{printable(name)}: no recorded number is finite")
            continue
        for line in lines:
            click.echo(line)
        for place, (label, curve) in enumerate(group.items()):
            click.echo(f"  {plot.mark(place, paint)} {label}  {_summary(curve)}")


def _names(
    recorded: Mapping[str, Mapping[str, Curve]], wanted: Sequence[str], monitors: Sequence[str]
) -> list[str]:
    """The recorded names of what is wanted; raises UsageError for one that no run has."""
    from nlpx.core.suggest import did_you_mean, listed
    from nlpx.errors import UsageError

    known = list(dict.fromkeys(name for curves in recorded.values() for name in curves))
    if not known:
        raise UsageError(f"{', '.join(recorded)}: nothing is recorded yet, so there is nothing to plot.")
    if not wanted:
        return [name for name in dict.fromkeys(["train/loss", *monitors]) if name in known]
    names = []
    for name in wanted:
        full = next((each for each in (name, f"valid/{name}", f"train/{name}") if each in known), None)
        if full is None:
            whole = [each for each in known if each.count("/") == 1]
            advice = did_you_mean(name, known) or f"recorded are {listed(whole)}."
            raise UsageError(f"--metric {name}: no such number is recorded; {advice}")
        names.append(full)
    return names


def _painter() -> Callable[[str, int], str] | None:
    """Colours, if standard output shows them."""
    context = click.get_current_context()
    if context.color is False or not sys.stdout.isatty():
        return None
    return lambda text, number: click.style(text, fg=COLOURS[number % len(COLOURS)])


def _summary(curve: Curve) -> str:
    values = [value for _, value in curve if value == value]
    return (
        f"last {values[-1]:.4g}, lowest {min(values):.4g}, highest {max(values):.4g}"
        if values
        else "no number"
    )
