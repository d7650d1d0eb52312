"""`nlpx config`: show, compare and migrate configs."""

from __future__ import annotations

import difflib
import stat
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from nlpx.cli import completed
from nlpx.cli.echo import echo, echo_json, tell
from nlpx.cli.options import PATH, include_option, json_option, root_option, set_option
from nlpx.cli.run_text import print_table, value_text
from nlpx.core.paths import is_file


@click.group()
def command() -> None:
    """Show where the values of a config come from, compare configs, and replace old names."""


@command.command("show", epilog="Example: nlpx config show configs/couplet.yaml --set train.epochs=3")
@click.argument("config", type=PATH)
@set_option()
@include_option
@click.option("--written", is_flag=True, help="Only values that are not defaults.")
@json_option
def show_config(
    config: Path, overrides: tuple[str, ...], includes: tuple[Path, ...], written: bool, as_json: bool
) -> None:
    """Print all values of CONFIG, defaults included, each with the file and the line that it comes from."""
    from nlpx.config.load import load_experiment
    from nlpx.config.origins import origins
    from nlpx.config.renames import DEFAULT

    found = origins(load_experiment(config, overrides, includes, moved=True))
    shown = [origin for origin in found if not written or origin.where != DEFAULT]
    if as_json:
        echo_json([asdict(origin) for origin in shown])
        return
    rows = [[origin.key, value_text(origin.value), origin.where] for origin in shown]
    print_table(["key", "value", "origin"], rows, left=(0, 1, 2), fold=(1, 2))


@command.command("diff", epilog="Example: nlpx config diff configs/couplet.yaml configs/couplet/strong.yaml")
@click.argument("first", metavar="A", shell_complete=completed.configs_and_runs)
@click.argument("second", metavar="B", shell_complete=completed.configs_and_runs)
@root_option
@include_option
@json_option
def diff_configs(first: str, second: str, root: Path, includes: tuple[Path, ...], as_json: bool) -> None:
    """Print the values in which A and B differ, after all defaults are filled in.

    Each is the file of a config, or a run: a folder, an id or TASK/ID under --root.
    """
    from nlpx.runs.flatten import MISSING, differences

    rows = differences([_settings(root, name, includes) for name in (first, second)])
    if as_json:
        echo_json({key: [None if value is MISSING else value for value in row] for key, row in rows.items()})
    elif rows:
        cells = [[key, *map(value_text, row)] for key, row in rows.items()]
        print_table(["key", first, second], cells, left=(0, 1, 2), fold=(0, 1, 2))
    else:
        tell("the configs are equal")


@command.command("migrate", epilog="Example: nlpx config migrate FILE")
@click.argument("configs", nargs=-1, required=True, type=PATH)
@include_option
@click.option("--write", is_flag=True, help="Change the files; otherwise the changes are only shown.")
def migrate_configs(configs: tuple[Path, ...], includes: tuple[Path, ...], write: bool) -> None:
    """Replace old names of keys and components in CONFIGS by the present ones.

    Comments and layout are kept, and the new text is checked to describe the same experiment.
    """
    from nlpx.config.migrate import migrate
    from nlpx.core.files import replace_file

    for found in [migrate(path, includes) for path in configs]:
        changed = found.text != found.before
        before, after = found.before.splitlines(True), found.text.splitlines(True)
        for line in difflib.unified_diff(before, after, str(found.path), str(found.path)):
            echo(line.rstrip("\n"))
        if changed and write:
            # A link stays one, and nobody else may read the file than before.
            path = found.path.resolve()
            replace_file(path, found.text, mode=stat.S_IMODE(path.stat().st_mode))
        elif not changed and not found.by_hand:
            echo(f"{found.path}: all names are the present ones")
        for note in found.elsewhere:
            tell(f"{note.mark}: `{note.old}` is in a file that {found.path} extends; migrate that file")
        for note in found.by_hand:
            tell(f"{note.mark}: replace `{note.old}` by `{note.new}` by hand")
        if changed and not write:
            tell(f"{found.path}: nothing is changed yet; add --write")


def _settings(root: Path, name: str, includes: tuple[Path, ...]) -> Mapping[str, object]:
    """The values of a config, or of that of a run."""
    from nlpx.config.load import load_experiment
    from nlpx.runs.flatten import flatten
    from nlpx.runs.lookup import find
    from nlpx.runs.record import Snapshot

    if is_file(Path(name)) or name.endswith((".yaml", ".yml")):
        experiment = load_experiment(name, (), includes, moved=True).experiment
        return flatten(experiment.model_dump(mode="json", by_alias=True))
    values = dict(Snapshot.of(find(root, name)).experiment)
    values.setdefault("task", values.pop("type", None))
    return flatten(values)
