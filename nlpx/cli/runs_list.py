"""`nlpx runs list`: the leaderboard of runs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli import completed
from nlpx.cli.echo import echo_json, tell
from nlpx.cli.options import json_option, root_option
from nlpx.cli.run_text import age_of, number_text, print_table, size_text, value_text
from nlpx.core.paths import is_file
from nlpx.core.printable import printable

if TYPE_CHECKING:
    from nlpx.runs.leaderboard import SeedGroup
    from nlpx.runs.listing import Summary

AGO = re.compile(r"(\d{1,6})(min|h|d)")
UNITS = {"min": "minutes", "h": "hours", "d": "days"}
SHOWN_SETTINGS = 6
SORTED_BY = ("created", "value", "run", "task", "status", "step", "size")


@click.command("list", short_help="List runs, newest or best first, or means over seeds.")
@root_option
@click.option("--task", help="Only runs of this task.", shell_complete=completed.tasks)
@click.option(
    "--config",
    metavar="CONFIG",
    shell_complete=completed.files,
    help="Only runs of this config, a file or the hash of a group.",
)
@click.option("--tag", "tags", multiple=True, help="Only runs with this tag.")
@click.option(
    "--status",
    help="Only runs with this status: finished, killed, ...",
    shell_complete=completed.words(*completed.STATUSES),
)
@click.option("--since", metavar="DATE", help="Only runs since 2026-11-30, or of the last 12h or 7d.")
@click.option("--metric", help="Show this metric and only runs that have it: valid/nll, test/bleu.")
@click.option(
    "--sort",
    type=click.Choice(SORTED_BY),
    default="created",
    show_default=True,
    help="Order; best value first.",
)
@click.option("--reverse", is_flag=True, help="Reverse the order.")
@click.option("--group", is_flag=True, help="Group runs that differ in the seed alone, with means.")
@json_option
def list_runs(
    root: Path,
    task: str | None,
    config: str | None,
    tags: tuple[str, ...],
    status: str | None,
    since: str | None,
    metric: str | None,
    sort: str,
    reverse: bool,
    group: bool,
    as_json: bool,
) -> None:
    """List runs. Damaged runs are listed with the reason.

    The value is that of the metric by which a run chose its best checkpoint, or of --metric. With --group,
    the mean over seeds is followed by half of its 95 % interval, and `vs best` is the mean difference from
    the best group with the same seeds; a single seed has neither.
    """
    from dataclasses import asdict

    from nlpx.runs.leaderboard import Filter, grouped, ordered
    from nlpx.runs.listing import summaries

    found = summaries(root, task, metric if metric is None or "/" in metric else f"valid/{metric}")
    moment = None if since is None else _moment(since)
    wanted = Filter("" if config is None else _config(config), status, tags, moment, metric is not None)
    runs = ordered(filter(wanted.admits, found), sort, reverse)
    groups = grouped(runs) if group else []
    if as_json:
        echo_json([asdict(each) for each in (groups if group else runs)])
        return
    if not runs:
        from nlpx.core.files import current_folder

        kind = f" of {task}" if task else ""
        hidden = f" that fit; {len(found)} do not" if found else ""
        tell(f"there are no runs{kind}{hidden} under {current_folder() / root}")
        return
    if group:
        _print_groups(groups[::-1] if reverse else groups)
    else:
        _print_runs(runs)
    for run in runs:
        if run.problem is not None:
            click.echo(printable(run.problem, keep="\n"), err=True)


def _print_runs(runs: list[Summary]) -> None:
    header = ["run", "task", "status", "step", "best", "age", "size"]
    rows = [
        [
            run.label,
            run.task,
            run.status,
            "" if run.step is None else str(run.step),
            ""
            if run.value is None
            else f"{(run.monitor or '').removeprefix('valid/')} {number_text(run.value)}",
            age_of(run.created),
            size_text(run.size),
        ]
        for run in runs
    ]
    fold = [4]
    for name, texts in (
        ("tags", [", ".join(run.tags) for run in runs]),
        ("note", [run.note for run in runs]),
    ):
        if any(texts):
            fold.append(len(header))
            header.append(name)
            rows = [[*row, text] for row, text in zip(rows, texts, strict=True)]
    print_table(header, rows, left=(0, 1, 2, 7, 8), fold=fold)


def _print_groups(groups: list[SeedGroup]) -> None:
    rows = [
        [
            group.config,
            group.task,
            _settings(group),
            group.metric.removeprefix("valid/"),
            number_text(group.mean),
            "" if group.half_width is None else f"± {group.half_width:.4f}",
            f"{group.n} (one seed)" if group.n == 1 else str(group.n),
            "" if group.difference is None else "{:+.4f} ± {:.4f}".format(*group.difference),
        ]
        for group in groups
    ]
    header = ["config", "task", "settings", "metric", "mean", "95 %", "n", "vs best"]
    print_table(header, rows, left=(0, 1, 2, 3), fold=(2,))


def _settings(group: SeedGroup) -> str:
    shown = [f"{key}={value_text(value)}" for key, value in group.settings.items()]
    more = len(shown) - SHOWN_SETTINGS
    return " ".join([*shown[:SHOWN_SETTINGS], *([f"and {more} more"] if more > 0 else [])])


def _config(text: str) -> str:
    """The hash of a config file, or a hash as given."""
    if not is_file(Path(text)):
        return text
    from nlpx.config.load import load_experiment
    from nlpx.runs.identity import config_id

    return config_id(load_experiment(text).experiment.model_dump(mode="json"))


def _moment(text: str) -> datetime:
    ago = AGO.fullmatch(text)
    try:
        if ago:
            return datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"got {text!r}, expected a date such as 2026-11-30, or 30min, 12h or 7d.", param_hint="--since"
        ) from None
