"""`nlpx tune-lr`: a learning-rate range test."""

from __future__ import annotations

from pathlib import Path

import click

from nlpx.cli.echo import echo, echo_json, tell
from nlpx.cli.options import PATH, include_option, json_option, set_option
from nlpx.cli.output_file import OutputPath
from nlpx.cli.plot_file import PlotFile


@click.command(epilog="Example: nlpx tune-lr configs/sentiment.yaml --from 1e-5 --steps 60 --plot rates.svg")
@click.argument("config", type=PATH)
@click.option("--from", "low", type=float, default=1e-6, show_default=True, help="The first rate.")
@click.option("--to", "high", type=float, default=1.0, show_default=True, help="The last rate.")
@click.option("--steps", type=int, default=150, show_default=True, help="Number of updates.")
@click.option("--plot", type=OutputPath(path_type=Path), help="SVG file for the losses over the rates.")
@set_option()
@include_option
@json_option
def command(
    config: Path,
    low: float,
    high: float,
    steps: int,
    plot: Path | None,
    overrides: tuple[str, ...],
    includes: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Train CONFIG for a few updates with a growing learning rate, and print where its loss falls fastest.

    The steepest rate is a good peak for a schedule with a warm-up; the rate of the smallest loss is close to
    where training diverges. The optimizer of the config is used without its schedule. Nothing is written but
    the plot and the data cache.
    """
    from nlpx.workflow.trial import open_trial
    from nlpx.workflow.tune_lr import range_test

    target = PlotFile(plot, [config])
    found = range_test(open_trial(config, overrides, includes, tell), low, high, steps)
    target.write(found.plot())
    if found.ended:
        tell(f"ended early: {found.ended}")
    if as_json:
        curves = {"rates": found.rates, "losses": found.losses, "smoothed": found.smoothed}
        echo_json({"steepest": found.steepest, "lowest": found.lowest, "ended": found.ended, **curves})
        return
    echo(f"steepest       {found.steepest:.2e}")
    echo(f"smallest loss  {found.lowest:.2e}")
