"""`nlpx schema`: the JSON Schema that editors use to complete and check configs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from nlpx.cli.options import include_option
from nlpx.cli.output_file import OutputFile, OutputPath


@click.command(epilog="Example: nlpx schema --output nlpx.schema.json")
@click.option(
    "--output", type=OutputPath(dir_okay=False, path_type=Path), help="Write here instead of standard output."
)
@include_option
def command(output: Path | None, includes: tuple[Path, ...]) -> None:
    """Write the JSON Schema of configs.

    Editors with a YAML language server use it for configs that begin with
    `# yaml-language-server: $schema=PATH`.
    """
    from nlpx.config.json_schema import json_schema
    from nlpx.core.registry import load_registry

    target = OutputFile(output, includes)
    text = json.dumps(json_schema(load_registry(includes)), ensure_ascii=False, indent=1)
    with target.open() as file:
        file.write(text + "\n")
