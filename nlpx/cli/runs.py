"""`nlpx runs`: list, show and compare runs."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli.echo import echo_json
from nlpx.cli.options import root_option
from nlpx.cli.runs_plot import command as plot_runs
from nlpx.core.printable import printable

if TYPE_CHECKING:
    from nlpx.runs.details import Details

SHOWN_SAMPLES = 5
SHORT_HASH = 12

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def command() -> None:
    """List, show and compare runs. RUN is a folder, or an id or TASK/ID under --root, or a prefix of one."""


command.add_command(plot_runs)


@command.command("list", short_help="List runs, newest first.")
@root_option
@click.option("--task", help="Only runs of this task.")
@json_option
def list_runs(root: Path, task: str | None, as_json: bool) -> None:
    """List runs, newest first. Damaged runs are listed with the reason."""
    from dataclasses import asdict

    from nlpx.runs.listing import summaries

    runs = summaries(root, task)
    if as_json:
        echo_json([asdict(run) for run in runs])
        return
    if not runs:
        from nlpx.core.files import current_folder

        click.echo(
            f"there are no runs{f' of {task}' if task else ''} under {current_folder() / root}", err=True
        )
        return
    rows = [
        [
            run.label,
            run.task,
            run.status,
            "" if run.step is None else str(run.step),
            "" if run.value is None else f"{(run.monitor or '').removeprefix('valid/')} {_number(run.value)}",
            _age(run.created),
            _size(run.size),
        ]
        for run in runs
    ]
    header = ["run", "task", "status", "step", "best", "age", "size"]
    _print_table(header, rows, left=(0, 1, 2), fold=(4,))
    for run in runs:
        if run.problem is not None:
            click.echo(printable(run.problem, keep="\n"), err=True)


@command.command("show", short_help="Show settings, data, metrics and samples of a run.")
@click.argument("run", required=False)
@root_option
@json_option
def show_run(run: str | None, root: Path, as_json: bool) -> None:
    """Show settings, data, metrics and samples of RUN, and the commands that can use it.

    Default: the newest finished run.
    """
    from nlpx.cli.tables import print_explained, print_metrics
    from nlpx.runs.details import details
    from nlpx.runs.lookup import find, newest

    found = details(newest(root) if run is None else find(root, run))
    if as_json:
        echo_json(found.to_json())
        return
    _print_facts(found)
    tables = {split: record.metrics for split, record in found.evaluations.items()}
    if found.valid and "valid" not in tables:
        tables["valid"] = {name.removeprefix("valid/"): value for name, value in found.valid.items()}
    for split, metrics in tables.items():
        click.echo()
        print_metrics(printable(split), {printable(name): value for name, value in metrics.items()}, {})
    if tables:
        print_explained(printable(kind) for kind in _metric_types(found))
    if found.samples:
        click.echo(printable(f"samples at step {found.samples[0].get('step')}"))
        for sample in found.samples[:SHOWN_SAMPLES]:
            values = [str(value) for name, value in sample.items() if name != "step"]
            click.echo(printable("  " + " → ".join(values)))
    click.echo()
    for line in _advice(found):
        click.echo(printable(line))


@command.command("compare", short_help="Compare settings and metrics of runs.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
@root_option
@click.option("--groups", is_flag=True, help="Also show the metrics of subsets.")
@json_option
def compare_runs(runs: tuple[str, ...], root: Path, groups: bool, as_json: bool) -> None:
    """Show the settings in which runs differ, and their metrics; * marks the best value.

    The metrics are those of `nlpx eval`, and those on the validation split at the best checkpoint.
    """
    from dataclasses import asdict

    from nlpx.cli.tables import BLANK
    from nlpx.errors import UsageError
    from nlpx.runs.compare import compare
    from nlpx.runs.lookup import find

    if len(runs) < 2:
        raise UsageError("compare needs at least two runs; `nlpx runs list` shows the available ones.")
    result = compare([find(root, run) for run in runs])
    if as_json:
        echo_json(asdict(result))
        return
    _print_table(
        ["setting", *result.runs],
        [[key, *map(_value, values)] for key, values in result.settings.items()]
        or [["(none differs)", *("" for _ in runs)]],
        fold=range(len(runs) + 1),
    )
    click.echo()
    rows = [
        [
            row.name,
            *(
                _number(value) + ("*" if best else BLANK)
                for value, best in zip(row.values, row.best, strict=True)
            ),
        ]
        for row in result.metrics
        if groups or row.name.count("/") == 1
    ]
    _print_table(["metric", *(run + BLANK for run in result.runs)], rows, fold=())
    for note in result.notes:
        click.echo(printable(note), err=True)


def _metric_types(found: Details) -> list[str]:
    metrics = found.snapshot.experiment.get("metrics")
    named = metrics if isinstance(metrics, list) else []
    return [str(metric["type"]) for metric in named if isinstance(metric, dict) and "type" in metric]


def _print_facts(found: Details) -> None:
    from nlpx.runs.snapshot import NOT_INSTALLED

    run, snapshot = found.summary, found.snapshot
    versions = ", ".join(
        f"{name} {version}" for name, version in snapshot.versions.items() if version != NOT_INSTALLED
    )
    machine = ", ".join(
        filter(None, (f"{snapshot.cpus} CPUs", snapshot.cpu, *(d for d in snapshot.devices if d != "CPU")))
    )
    facts = [
        ("run", run.path),
        ("status", f"{run.status}, step {run.step}"),
        ("started", f"{_age(run.created)} ago, {run.created[:19].replace('T', ' ')} UTC"),
        ("command", shlex.join(snapshot.command)),
        ("with", versions),
        ("on", machine),
    ]
    if snapshot.project is not None and snapshot.project.commit:
        changes = ", with changes (changes.patch)" if snapshot.project.changed else ""
        facts.append(("commit", snapshot.project.commit[:SHORT_HASH] + changes))
    for split, record in snapshot.data.items():
        counts = f"{record.rows} rows, {record.bad} bad, {record.left_out} left out"
        facts.append((f"data {split}", f"{counts}; sha256 {record.sha256[:SHORT_HASH]}…"))
    facts.append(("checkpoints", f"best {_step(run.best_step)}, last {_step(found.last_step)}"))
    facts.append(("size", _size(run.size)))
    _print_list(facts)
    click.echo(f"\nsettings{'' if found.settings else ': the defaults of the task'}")
    _print_list([(key, _value(value)) for key, value in found.settings.items()], indent=2)


def _print_list(pairs: Sequence[tuple[str, str]], indent: int = 0) -> None:
    from nlpx.cli.tables import facts, terminal_width

    shown = [(printable(name), printable(text)) for name, text in pairs]
    for line in facts(shown, terminal_width(), indent=indent, whole=("run", "command")):
        click.echo(line)


def _advice(found: Details) -> list[str]:
    """The commands that can use a run."""
    path = shlex.quote(found.summary.path)
    advice = []
    if found.summary.status in ("killed", "interrupted", "failed"):
        advice.append(f"resume:   nlpx train --resume {path}")
    if found.last_step is not None:
        advice.append(f"evaluate: nlpx eval {path}")
        advice.append(f"predict:  nlpx predict {path} --input -")
    return advice


def _print_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    fold: Collection[int],
    left: Collection[int] = (0,),
) -> None:
    from nlpx.cli.tables import table, terminal_width

    cells = [[*map(printable, row)] for row in (header, *rows)]
    for line in table(cells, left=left, fold=fold, width=terminal_width()):
        click.echo(line)


def _value(value: object) -> str:
    """A setting as it is written in a config; `-` if the run does not have the key."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr).strip('"')


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _step(step: int | None) -> str:
    return "none" if step is None else f"step {step}"


def _age(created: str) -> str:
    """Time since a moment, in the largest unit."""
    try:
        seconds = (datetime.now(UTC) - datetime.fromisoformat(created)).total_seconds()
    except (ValueError, TypeError):
        return "?"
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def _size(size: int) -> str:
    for unit, length in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= length:
            return f"{size / length:.1f} {unit}"
    return f"{size} B"
