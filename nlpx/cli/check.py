"""`nlpx check`: everything that is wrong with configs."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command(epilog="Example: nlpx check configs/*.yaml --set train.epochs=3")
@click.argument("configs", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a value of every config."
)
@click.option("--include", "includes", multiple=True, type=click.Path(path_type=Path), help="A plugin file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--codes", is_flag=True, help="List the codes of problems and what they mean.")
@click.pass_context
def command(
    ctx: click.Context,
    configs: tuple[Path, ...],
    overrides: tuple[str, ...],
    includes: tuple[Path, ...],
    as_json: bool,
    codes: bool,
) -> None:
    """Find everything that is wrong with CONFIGS, without importing TensorFlow; exit 2 if there is anything.

    Checks keys, types, ranges and names, whether the parts fit together, and whether files and extras exist.
    """
    from nlpx.cli.main import highlighted
    from nlpx.config.load import load_experiment
    from nlpx.config.problems import CODES, ConfigProblems

    if codes:
        for code, meaning in CODES.items():
            click.echo(f"{code}  {meaning}")
        return
    if not configs:
        raise click.UsageError("give at least one config, or --codes.")
    results: list[dict[str, object]] = []
    problems = 0
    for config in configs:
        try:
            load_experiment(config, overrides, includes)
        except ConfigProblems as error:
            problems += len(error.problems)
            found = [problem.to_json() for problem in error.problems]
            if not as_json:
                click.echo(highlighted(error), err=True)
        else:
            found = []
            if not as_json:
                click.echo(f"{config}: ok")
        results.append({"config": str(config), "ok": not found, "problems": found})
    if as_json:
        click.echo(json.dumps({"configs": results}, ensure_ascii=False, indent=2))
    elif problems:
        bad = sum(not result["ok"] for result in results)
        click.echo(
            f"{problems} problem{'' if problems == 1 else 's'} in {bad} of {len(configs)} configs", err=True
        )
    if problems:
        ctx.exit(2)
