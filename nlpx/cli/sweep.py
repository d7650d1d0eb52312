"""`nlpx sweep`: train a config with many values, and show which are best."""

from __future__ import annotations

import os
import shlex
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli.echo import echo, echo_json, tell
from nlpx.cli.options import PATH, include_option, json_option, set_option
from nlpx.cli.output_file import OutputFile, OutputPath
from nlpx.cli.run_text import value_text
from nlpx.core.counted import counted
from nlpx.errors import EnvironmentProblem, Interrupted, UsageError

if TYPE_CHECKING:
    from nlpx.sweeps.load import LoadedSweep
    from nlpx.sweeps.summary import Row, Summary

MOST_COUNTED = 10_000
"""Points of a grid that are counted."""

output_option = click.option(
    "--output", type=PATH, default="runs", show_default=True, help="Folder of the runs."
)


class _RunByDefault(click.Group):
    """`nlpx sweep FILE` is `nlpx sweep run FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and "--help" not in args[:1]:
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_RunByDefault,
    epilog="Example: nlpx sweep configs/sweeps/couplet_lr.yaml",
    subcommand_metavar="[run] SWEEP | show SWEEP",
)
def command() -> None:
    """Train a config with many values and seeds, as SWEEP says, and find the best ones.

    Every trial is an ordinary run. A sweep that was stopped or killed is continued by the same command.
    """


@command.command(
    "run",
    short_help="Run a sweep, or continue it.",
    epilog="Example: nlpx sweep run configs/sweeps/couplet_lr.yaml --jobs 2",
)
@click.argument("path", metavar="SWEEP", type=PATH)
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Number of runs at a time."
)
@output_option
@set_option("Override a value of the config in all trials.")
@include_option
def run_sweep(
    path: Path, jobs: int, output: Path, overrides: tuple[str, ...], includes: tuple[Path, ...]
) -> None:
    """Run SWEEP until its budget is used up, and print its trials.

    Finished runs are never trained again, interrupted ones are resumed. The same command in other terminals,
    or on other machines with the same folders, takes part in the sweep.
    """
    from nlpx.sweeps.load import load_sweep
    from nlpx.sweeps.process import Trainer, needed_to_resume
    from nlpx.sweeps.runner import Runner

    sweep = load_sweep(path, overrides, includes)
    named = needed_to_resume(sweep.base)
    runner = Runner(sweep, output, jobs, tell, Trainer(sweep.config, output, includes, named))
    shown = [str(path), *(["--jobs", str(jobs)] if jobs > 1 else [])]
    shown += ["--output", str(output)] if str(output) != "runs" else []
    shown += [word for value in overrides for word in ("--set", value)]
    shown += [word for value in includes for word in ("--include", str(value))]
    again = shlex.join(["nlpx", "sweep", *shown])
    tell(_beginning(sweep, output))
    try:
        runner.run()
    except Interrupted as error:
        raise Interrupted(error.signal_number, f"{error} Continue with: {again}") from None
    summary = _summary(sweep, output)
    _print(summary, sweep)
    if runner.failed:
        failed = "".join(f"\n  {run}: {reason}" for run, reason in runner.failed.items())
        raise EnvironmentProblem(f"runs are left, which are resumed by: {again}{failed}")
    if left := [row for row in summary.rows if row.decision == "open"]:
        tell(_why_left(left, spent=runner.spent))


@command.command(
    "show",
    short_help="Print the trials of a sweep, the best first.",
    epilog="Example: nlpx sweep show configs/sweeps/couplet_lr.yaml",
)
@click.argument("path", metavar="SWEEP", type=PATH)
@output_option
@click.option("--plot", type=OutputPath(path_type=Path), help="SVG or HTML file for parallel coordinates.")
@set_option("As given to the sweep.")
@include_option
@json_option
def show_sweep(
    path: Path,
    output: Path,
    plot: Path | None,
    overrides: tuple[str, ...],
    includes: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Print the trials of SWEEP, the best one first, and how much each dimension matters.

    A mean over seeds is followed by half of its 95 % interval.
    """
    from nlpx.sweeps.load import load_sweep
    from nlpx.sweeps.parallel import parallel_html, parallel_svg

    makers = {".svg": parallel_svg, ".html": parallel_html}
    if plot is not None and plot.suffix.lower() not in makers:
        raise UsageError(f"--plot {plot}: expected a name that ends in .svg or .html.")
    target = None if plot is None else OutputFile(plot, [path])
    sweep = load_sweep(path, overrides, includes)
    summary = _summary(sweep, output)
    if target is not None and plot is not None:
        with target.open() as file:
            file.write(makers[plot.suffix.lower()](sweep.spec.space, summary))
    if as_json:
        echo_json(asdict(summary))
        return
    _print(summary, sweep)
    for row in summary.rows:
        if row.problem and row.decision in ("open", "invalid"):
            tell(f"trial {row.number}: {row.problem}")


def _why_left(rows: list[Row], *, spent: bool) -> str:
    """Why there are trials that are not decided, and what to do."""
    if spent and not any(row.running for row in rows):
        numbers = ", ".join(str(row.number) for row in rows)
        return f"the budget is used up; runs of these trials are missing: {numbers}. Set a larger `budget`."
    return "other processes are training the runs that are left"


def _beginning(sweep: LoadedSweep, output: Path) -> str:
    """What is going to be trained, in one line."""
    from nlpx.sweeps.space import grid

    spec, points = sweep.spec, f"the sampler {sweep.spec.sampler}"
    if spec.sampler == "grid":
        count = sum(1 for _ in islice(grid(spec.space), MOST_COUNTED + 1))
        more = "more than " if count > MOST_COUNTED else ""
        points = f"a grid of {more}{counted(min(count, MOST_COUNTED), 'point')}"
    limits = [f"{value} {unit}" for unit, value in spec.budget.model_dump().items() if value is not None]
    what = ", at most ".join([points, *limits])
    runs = output / sweep.base.experiment.type / f"{sweep.name}-*"
    return f"{sweep.name}: {what}, {counted(len(sweep.seeds), 'seed')} each; {sweep.metric}; runs are {runs}"


def _summary(sweep: LoadedSweep, output: Path) -> Summary:
    from nlpx.sweeps.ledger import Ledger
    from nlpx.sweeps.recorded import recorded
    from nlpx.sweeps.results import Runs
    from nlpx.sweeps.summary import summarize

    runs = Runs(output, sweep.base.experiment.type, sweep.name, sweep.metric)
    trials = recorded(sweep, Ledger.of(output, sweep.name, sweep.id))
    return summarize(sweep, [runs.outcome(trial, sweep.seeds) for trial in trials])


def _print(summary: Summary, sweep: LoadedSweep) -> None:
    from nlpx.cli.tables import table, terminal_width

    better = "lower" if summary.direction == "min" else "higher"
    tell(f"{summary.name}: {summary.counts}; {summary.metric}, {better} is better")
    if not summary.rows:
        tell(f"run it with: nlpx sweep {shlex.quote(str(sweep.path))}")
        return
    names = list(sweep.spec.space)
    header = ["trial", *names, summary.metric, "95 %", "n", "status", "steps"]
    rows = [_cells(row, names, row.number == summary.best) for row in summary.rows]
    fold = range(1, len(names) + 1)
    for line in table([header, *rows], left=(0, len(names) + 4), fold=fold, width=terminal_width()):
        echo(line)
    known = {name: share for name, share in summary.importance.items() if share is not None}
    if known:
        shares = ", ".join(
            f"{name} {share:.2f}" for name, share in sorted(known.items(), key=lambda i: -i[1])
        )
        echo(f"importance (share of the variance of ranks): {shares}")
    best = next((row for row in summary.rows if row.number == summary.best), None)
    if best is not None:
        values = " ".join(f"--set {shlex.quote(argument)}" for argument in sweep.arguments(best.point))
        echo(f"best: trial {best.number}, {', '.join(map(os.fspath, best.runs))}")
        echo(f"train it again: nlpx train {shlex.quote(str(sweep.config))} {values}")


def _cells(row: Row, names: list[str], best: bool) -> list[str]:
    values = [value_text(row.point[name]) if name in row.point else "" for name in names]
    return [
        f"{row.number}{'*' if best else ''}",
        *values,
        "" if row.mean is None else f"{row.mean:.4f}",
        "" if row.half_width is None else f"± {row.half_width:.4f}",
        str(row.n),
        "running" if row.running else row.decision,
        str(row.steps),
    ]
