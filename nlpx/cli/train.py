"""`nlpx train`: train a model, or resume a run."""

from __future__ import annotations

from pathlib import Path

import click

from nlpx.cli import completed
from nlpx.cli.echo import echo, tell
from nlpx.errors import UsageError

SHOWN_SAMPLES = 5


@click.command(epilog="Example: nlpx train configs/couplet.yaml --set train.epochs=3")
@click.argument("config", required=False, type=click.Path(path_type=Path))
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Override a value of the config.",
    shell_complete=completed.keys,
)
@click.option("--seed", type=int, help="Same as --set seed=N.")
@click.option("--name", help="Name of the run; default: date and time.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default="runs",
    show_default=True,
    help="Folder of the runs.",
)
@click.option(
    "--resume",
    metavar="RUN",
    shell_complete=completed.runs,
    help="Resume a run, given as a folder or an id under --output.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Check config and data, build the model and time one step; writes nothing.",
)
@click.option("--include", "includes", multiple=True, type=click.Path(path_type=Path), help="A plugin file.")
def command(
    config: Path | None,
    overrides: tuple[str, ...],
    seed: int | None,
    name: str | None,
    output: Path,
    resume: str | None,
    dry_run: bool,
    includes: tuple[Path, ...],
) -> None:
    """Train the model of CONFIG. Prints test metrics, example predictions and the folder of the run."""
    if (config is None) == (resume is None):
        raise UsageError("give either a config to train, or --resume RUN to resume a run.")
    if resume is not None and (overrides or seed is not None or name or dry_run):
        raise UsageError(
            "a resumed run keeps its config; --set, --seed, --name and --dry-run are for new runs."
        )
    if seed is not None:
        overrides = (*overrides, f"seed={seed}")

    from nlpx.cli.tables import metric_lines, print_explained
    from nlpx.report.written import write_report
    from nlpx.workflow.dry_run import dry_run as run_dry
    from nlpx.workflow.train import resume_run, start_run

    if dry_run and config is not None:
        for key, value in run_dry(config, overrides, includes, tell, output).items():
            echo(f"{key:<16}{value}")
        return
    if resume is not None:
        finished = resume_run(output, resume, includes, tell)
    else:
        finished = start_run(Path(str(config)), overrides, includes, output, name, tell)
    lines = [
        f"{finished.split}, checkpoint of step {finished.step}, {finished.report.rows} rows",
        *metric_lines(finished.split, finished.report.metrics, {}),
        *(f"{text} → {answer.text}" for text, answer in finished.samples[:SHOWN_SAMPLES]),
        f"run: {finished.run.path}",
    ]
    write_report(finished.run, finished.log)
    click.echo()
    for line in lines:
        echo(line)
        finished.log.note(line)
    print_explained(metric.type for metric in finished.model.experiment.metrics)
