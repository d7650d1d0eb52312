"""`nlpx new`: write a commented starter config."""

from __future__ import annotations

import os
from pathlib import Path

import click

from nlpx.cli import completed
from nlpx.cli.output_file import OutputPath
from nlpx.errors import UsageError


@click.command(epilog="Example: nlpx new couplet my.yaml && nlpx train my.yaml")
@click.argument("task", shell_complete=completed.tasks)
@click.argument("file", type=OutputPath(dir_okay=False, path_type=Path))
def command(task: str, file: Path) -> None:
    """Write a commented starter config for TASK to FILE, which must not exist yet."""
    from nlpx.core.component import builtin_registry
    from nlpx.core.files import replace_file
    from nlpx.core.suggest import did_you_mean, one_of
    from nlpx.specs.experiment import Experiment

    registry = builtin_registry()
    templates = {
        name: template
        for entry in (registry.find("task", name) for name in registry.names("task"))
        if issubclass(entry.component, Experiment) and (template := entry.component.template()).is_file()
        for name in (entry.name, *entry.component.aliases)
    }
    if task not in templates:
        advice = did_you_mean(task, templates) or f"there is {one_of(templates)}."
        raise UsageError(f"there is no starter config for the task {task!r}; {advice}")
    text = templates[task].read_text(encoding="utf-8")
    if os.path.lexists(file):
        raise UsageError(f"{file}: already exists and was not changed. Choose another name.")
    replace_file(file, text)
    click.echo(str(file))
    click.echo(f"check it with: nlpx check {file}\ntrain it with: nlpx train {file}", err=True)
