"""Options that several commands have."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, get_args

import click

from nlpx.cli import completed
from nlpx.core.paths import is_folder, why_no_folder
from nlpx.data.formats.character_sets import Encoding

Command = TypeVar("Command", bound=Callable[..., None])
PATH = click.Path(path_type=Path)
CHARACTER_SETS = get_args(Encoding)
PRECISIONS = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


class FolderPath(click.Path):
    """The path of a folder to read, which need not exist."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        path = super().convert(value, param, ctx)
        place = Path(os.fsdecode(path))
        if os.path.lexists(place) and not is_folder(place):
            self.fail(f"{place}: {why_no_folder(place)}.", param, ctx)
        return path


FOLDER = FolderPath(path_type=Path)
include_option = click.option("--include", "includes", multiple=True, type=PATH, help="A plugin file.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
root_option = click.option(
    "--root",
    type=FOLDER,
    default="runs",
    show_default=True,
    help="Folder of the runs.",
)
checkpoint_option = click.option(
    "--checkpoint",
    default="best",
    show_default=True,
    help="best, last, or a step.",
    shell_complete=completed.words(*completed.CHECKPOINTS),
)
encoding_option = click.option(
    "--encoding",
    type=click.Choice(CHARACTER_SETS),
    default="utf-8",
    show_default=True,
    help="Character set of the input; UTF-16 is also recognized by its byte order mark.",
)
precision_option = click.option(
    "--precision",
    type=click.Choice(list(PRECISIONS)),
    callback=lambda context, option, name: (f"train.precision={PRECISIONS[name]}",) if name else (),
    help="Compute in this precision. bfloat16 is faster on CPUs that have it, and predictions may differ.",
)


def set_option(what: str = "Override a value.") -> Callable[[Command], Command]:
    """The option `--set` with its help."""
    return click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        help=what,
        shell_complete=completed.keys,
    )


def engine_option(auto: str) -> Callable[[Command], Command]:
    """The option `--engine`; `auto` says what its default means."""
    return click.option(
        "--engine",
        type=click.Choice(["auto", "tensorflow", "onnx"]),
        default="auto",
        show_default=True,
        help=f"What computes: TensorFlow, or onnxruntime with the bundle in RUN. {auto}",
    )
