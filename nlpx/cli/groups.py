"""`nlpx data groups`: groups of synonyms from labelled pairs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from nlpx.errors import DataError, EnvironmentProblem

GIANT = 50
SHOWN = 5


@click.command(epilog="Example: nlpx data groups lcqmc.tsv bq.tsv --output corpora")
@click.argument("pairs", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder of the files."
)
@click.option(
    "--valid",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.1,
    show_default=True,
    help="Share of the groups that is not for training.",
)
def groups(pairs: tuple[Path, ...], output: Path, valid: float) -> None:
    """Make groups of synonyms out of labelled PAIRS.

    A line is `first<TAB>second<TAB>label`, label 1 where both mean the same, else 0. Sentences that a chain
    of positive pairs connects are one group. Whole groups go to groups_train.tsv or groups_valid.tsv;
    sentences without a synonym are left out. Look at giant groups: one wrong pair joins two meanings.
    """
    from nlpx.data.pair_groups import connect, read_pairs, split

    found = connect(read_pairs(pairs))
    if not found.groups:
        raise DataError(f"{pairs[0]}: no pair has the label 1, so there are no groups.")
    sides = split(found.groups, valid)
    number = 0
    for name, side in zip(("train", "valid"), sides, strict=True):
        path = output / f"groups_{name}.tsv"
        if side:
            _write(path, side, number)
        number += len(side)
        click.echo(f"{path}: {len(side)} groups, {sum(map(len, side))} sentences")
    click.echo(f"{len(found.singles)} sentences have no synonym and are left out")
    click.echo(f"{len(found.contradicted)} negative pairs lie within a group")
    giants = sorted((texts for texts in found.groups if len(texts) > GIANT), key=len, reverse=True)
    click.echo(f"{len(giants)} groups have more than {GIANT} sentences")
    for texts in giants[:SHOWN]:
        click.echo(f"  {len(texts)}: {texts[0]}  …  {texts[-1]}")


def _write(path: Path, side: Sequence[Sequence[str]], first: int) -> None:
    lines = [f"{number}\t{text}\n" for number, texts in enumerate(side, start=first) for text in texts]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), encoding="utf-8", newline="\n")
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be written: {error.strerror}. Choose another --output."
        ) from None
