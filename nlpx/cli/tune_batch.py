"""`nlpx tune-batch`: speed and memory of batch sizes."""

from __future__ import annotations

from pathlib import Path

import click

from nlpx.cli.echo import echo, echo_json, tell
from nlpx.cli.options import PATH, include_option, json_option, set_option
from nlpx.cli.output_file import OutputPath
from nlpx.cli.plot_file import PlotFile

MB = 1e6


@click.command(epilog="Example: nlpx tune-batch configs/sentiment.yaml --largest 128")
@click.argument("config", type=PATH)
@click.option(
    "--largest", type=click.IntRange(min=1), default=1024, show_default=True, help="The largest size to try."
)
@click.option("--plot", type=OutputPath(path_type=Path), help="SVG file for the rows per second by size.")
@set_option()
@include_option
@json_option
def command(
    config: Path,
    largest: int,
    plot: Path | None,
    overrides: tuple[str, ...],
    includes: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Time a few updates of CONFIG with 1, 2, 4, ... rows, and print the smallest size that is nearly as fast
    as the fastest one.

    Updates are those of the widest batch. Memory is that of the process so far, or of the first GPU. Another
    batch size usually needs another learning rate. Nothing is written but the plot and the data cache.
    """
    from nlpx.cli.tables import table, terminal_width
    from nlpx.workflow.trial import open_trial
    from nlpx.workflow.tune_batch import batch_sizes

    target = PlotFile(plot, [config])
    found = batch_sizes(open_trial(config, overrides, includes, tell), largest, tell)
    target.write(found.plot())
    tell(f"ended: {found.ended}")
    if as_json:
        rows = [
            {"size": m.size, "seconds": m.seconds, "rows_per_second": m.throughput, "memory": m.memory}
            for m in found.measured
        ]
        echo_json({"suggested": found.suggested, "measured": rows})
        return
    cells = [
        ["batch_size", "ms per step", "rows per second", "memory MB"],
        *(
            [f"{m.size}", f"{1e3 * m.seconds:.1f}", f"{m.throughput:.0f}", f"{m.memory / MB:.0f}"]
            for m in found.measured
        ),
    ]
    for line in table(cells, left=(), fold=(), width=terminal_width()):
        echo(line)
    echo(f"suggested: {found.suggested}")
