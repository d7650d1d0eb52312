"""`nlpx runs show`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli import completed
from nlpx.cli.echo import echo_json
from nlpx.cli.options import json_option, root_option
from nlpx.cli.run_text import age_of, size_text, value_text
from nlpx.core.printable import printable

if TYPE_CHECKING:
    from nlpx.runs.details import Details

SHOWN_SAMPLES = 5
SHORT_HASH = 12


@click.command("show", short_help="Show settings, data, metrics and samples of a run.")
@click.argument("run", required=False, shell_complete=completed.runs)
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
        ("started", f"{age_of(run.created)} ago, {run.created[:19].replace('T', ' ')} UTC"),
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
    facts.append(("size", size_text(run.size)))
    facts += [("tags", ", ".join(run.tags))] if run.tags else []
    facts += [("note", run.note)] if run.note else []
    _print_list(facts)
    click.echo(f"\nsettings{'' if found.settings else ': the defaults of the task'}")
    _print_list([(key, value_text(value)) for key, value in found.settings.items()], indent=2)


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


def _step(step: int | None) -> str:
    return "none" if step is None else f"step {step}"
