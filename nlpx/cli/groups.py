"""`nlpx data groups`: build groups of paraphrases from labelled pairs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli.echo import echo, tell
from nlpx.cli.options import encoding_option
from nlpx.cli.output_file import OutputPath, make_output_folder
from nlpx.core.counted import counted
from nlpx.core.paths import is_there, why_absent
from nlpx.errors import DataError, UsageError

if TYPE_CHECKING:
    from nlpx.data.formats.character_sets import Encoding

GIANT = 50
SHOWN = 5
NUMBER = re.compile("[1-9][0-9]{0,3}")


@click.command(epilog="Example: nlpx data groups lcqmc.tsv bq.tsv --output corpora")
@click.argument("pairs", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--output", required=True, type=OutputPath(file_okay=False, path_type=Path), help="Output folder."
)
@click.option(
    "--valid",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.1,
    show_default=True,
    help="Proportion of the groups for validation.",
)
@click.option("--header", is_flag=True, help="The first line of every file names its columns.")
@click.option(
    "--columns",
    callback=lambda context, option, value: _columns(value),
    metavar="A,B,LABEL",
    help="Columns of the two sentences and the label: numbers from 1, or names in the header or of fields.",
)
@encoding_option
def groups(
    pairs: tuple[Path, ...],
    output: Path,
    valid: float,
    header: bool,
    columns: tuple[int | str, ...],
    encoding: Encoding,
) -> None:
    """Build groups of paraphrases from labelled PAIRS.

    A line is `first<TAB>second<TAB>label`, where label 1 means that both sentences have the same meaning, and
    0 that they do not. Files named .csv have commas between columns; those named .jsonl are JSON lines with
    the fields first, second and label. --header and --columns describe other files; a name in --columns
    implies --header. Sentences connected by a chain of positive pairs form a group. Whole groups go to
    groups_train.tsv or groups_valid.tsv; sentences without a paraphrase are left out. Check very large
    groups: a single wrong pair joins two meanings.
    """
    from nlpx.data.decoding import Declared
    from nlpx.data.pair_groups import connect, read_pairs, split

    paths = {name: output / f"groups_{name}.tsv" for name in ("train", "valid")}
    for path in paths.values():
        if any(is_there(path) and is_there(pair) and path.samefile(pair) for pair in pairs):
            raise UsageError(
                f"{path}: this is an input file, which is not overwritten. Choose another --output."
            )
    for pair in pairs:
        if not is_there(pair):
            raise DataError(f"{pair}: {why_absent(pair)}. Expected a file of labelled pairs.")
    named = any(isinstance(column, str) for column in columns)
    declared = Declared(encoding, "--encoding")
    found = connect(read_pairs(pairs, columns, header=header or named, encoding=declared))
    if not found.groups:
        raise DataError(f"{pairs[0]}: no pair has the label 1, so there are no groups.")
    sides = split(found.groups, valid)
    number = 0
    for (name, path), side in zip(paths.items(), sides, strict=True):
        if side:
            _write(path, side, number)
        elif name == "train" or valid:
            left = "the existing file is not changed" if is_there(path) else "it is not written"
            tell(
                f"warning: {path}: none of {len(found.groups)} groups is in {name}, so {left}. "
                "Choose another proportion with --valid."
            )
        number += len(side)
        click.echo(f"{path}: {counted(len(side), 'group')}, {counted(sum(map(len, side)), 'sentence')}")
    single = counted(len(found.singles), "sentence has", "sentences have")
    click.echo(f"{single} no paraphrase and {'is' if len(found.singles) == 1 else 'are'} left out")
    click.echo(f"{counted(len(found.contradicted), 'negative pair is', 'negative pairs are')} within a group")
    giants = sorted((texts for texts in found.groups if len(texts) > GIANT), key=len, reverse=True)
    click.echo(f"{counted(len(giants), 'group has', 'groups have')} more than {GIANT} sentences")
    for texts in giants[:SHOWN]:
        echo(f"  {len(texts)}: {texts[0]}  …  {texts[-1]}")


def _columns(value: str | None) -> tuple[int | str, ...]:
    """Three columns, by number or name."""
    names = [name.strip() for name in value.split(",")] if value else ["1", "2", "3"]
    if len(names) != 3 or len(set(names)) != 3 or not all(names) or "0" in names:
        raise click.BadParameter(
            f"got {value!r}, expected three different columns, each a number from 1 or a name: 2,3,4."
        )
    return tuple(int(name) if NUMBER.fullmatch(name) else name for name in names)


def _write(path: Path, side: Sequence[Sequence[str]], first: int) -> None:
    from nlpx.core.files import writing

    make_output_folder(path.parent)
    with writing(path) as file:
        for number, texts in enumerate(side, start=first):
            file.writelines(f"{number}\t{text}\n" for text in texts)
