"""`nlpx check`: report all errors of configs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli.echo import echo, echo_json, tell
from nlpx.cli.options import PATH, include_option, json_option, set_option

if TYPE_CHECKING:
    from nlpx.config.load import Loaded
    from nlpx.config.problems import Problem


@click.command(epilog="Example: nlpx check configs/*.yaml --set train.epochs=3")
@click.argument("configs", nargs=-1, type=PATH)
@set_option("Override a value of every config.")
@include_option
@json_option
@click.option("--codes", is_flag=True, help="List all error codes with their meaning.")
@click.pass_context
def command(
    ctx: click.Context,
    configs: tuple[Path, ...],
    overrides: tuple[str, ...],
    includes: tuple[Path, ...],
    as_json: bool,
    codes: bool,
) -> None:
    """Report all errors of CONFIGS and sweeps, without importing TensorFlow. Exits with 2 if there are any.

    Checks keys, types, ranges and names, whether components fit together, and whether files and extras exist;
    of a sweep, every value of its space.
    An error in a file that several CONFIGS extend is reported once, with their names.
    `nlpx describe error/C101` explains a code, with an example; docs/errors.md has all.
    """
    from nlpx.config.problems import CODES, ConfigProblems, how_to_see
    from nlpx.errors import NlpxError

    if codes:
        for code, meaning in CODES.items():
            click.echo(f"{code}  {meaning}")
        return
    if not configs:
        raise click.UsageError("give at least one config, or --codes.")
    results: list[dict[str, object]] = []
    found: dict[Problem, list[str]] = {}
    omitted: dict[str, int] = {}
    unusable: list[NlpxError] = []
    for config in map(str, configs):
        problems: tuple[Problem, ...] = ()
        notes: tuple[str, ...] = ()
        try:
            loaded = _loaded(Path(config), overrides, includes)
            notes = loaded.notes
        except ConfigProblems as error:
            problems = error.problems
            omitted[config] = error.more
            for problem in problems:
                found.setdefault(problem, []).append(config)
        except NlpxError as error:
            if as_json:
                echo_json({"configs": results, "error": str(error)})
            raise
        else:
            try:
                notes += tuple(_promised(loaded))
            except NlpxError as error:
                error.args = (f"{config}: {error}",)
                unusable.append(error)
                continue
            if not as_json:
                echo(f"{config}: ok")
                for note in notes:
                    tell(note)
        listed = [problem.to_json() for problem in problems]
        more = omitted.get(config, 0)
        results.append({"config": config, "ok": not listed, "problems": listed, "more": more, "notes": notes})
    if as_json:
        failed = {"error": str(unusable[0])} if unusable else {}
        echo_json({"configs": results, **failed})
    elif found:
        _report(found, omitted)
        count = len(found) + sum(omitted.values())
        bad = sum(not result["ok"] for result in results)
        counted = f"{count} problem{'' if count == 1 else 's'} in {bad} of {len(configs)} configs"
        click.echo(f"{counted}; {how_to_see(found)}", err=True)
    if unusable:
        raise unusable[0]
    if found:
        ctx.exit(2)


def _loaded(path: Path, overrides: Sequence[str], includes: Sequence[Path]) -> Loaded:
    """A config, or that of a sweep, of which every value is checked."""
    from nlpx.config.load import load_experiment
    from nlpx.sweeps.load import is_sweep, load_sweep

    if is_sweep(path):
        return load_sweep(path, overrides, includes).base
    return load_experiment(path, overrides, includes)


def _promised(loaded: Loaded) -> list[str]:
    """What training would start with, if not with initial weights."""
    if loaded.experiment.init is None:
        return []
    from nlpx.workflow.warm_start import promised

    return promised(loaded.experiment)


def _report(found: Mapping[Problem, Sequence[str]], omitted: Mapping[str, int]) -> None:
    """Print problems; one in a file that configs extend is followed by the names of these configs."""
    from nlpx.cli.main import highlighted
    from nlpx.config.problems import ConfigProblems, and_more
    from nlpx.core.suggest import listed

    for problem, configs in found.items():
        click.echo(highlighted(ConfigProblems((problem,))), err=True)
        source = problem.mark.source
        others = [config for config in dict.fromkeys(configs) if config != source.name]
        if others and source.is_file:
            tell(f"    found through {listed(others)}")
    for config, more in omitted.items():
        if more:
            tell(f"{config}: {and_more(more)}")
