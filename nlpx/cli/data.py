"""`nlpx data`: inspect a dataset before training; create one from labelled pairs or predictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli import completed
from nlpx.cli.data_export import export
from nlpx.cli.data_fetch import fetch, list_corpora
from nlpx.cli.data_import import import_file
from nlpx.cli.echo import echo, echo_json, tell
from nlpx.cli.groups import groups
from nlpx.cli.histogram import bars, histogram, quantile
from nlpx.cli.label import label
from nlpx.cli.options import PATH, Command, include_option, json_option, set_option
from nlpx.core.counted import counted
from nlpx.errors import DataError, NlpxError

if TYPE_CHECKING:
    from nlpx.data.inspect import EncodedRow, SplitStatistics
    from nlpx.workflow.corpus import Corpus

SHOWN_IDS = 128
TRAIN = "train"


def _corpus_options(function: Command) -> Command:
    """The argument and options shared by the three commands."""
    config = click.argument("config", type=PATH)
    return config(set_option()(include_option(json_option(function))))


@click.group()
def command() -> None:
    """Inspect the dataset of an experiment: check its rows, compute statistics, preview the encoding.

    Also fetches public corpora, writes the config that reads a file, exports datasets, builds
    groups from labelled pairs, and labels images with a trained run.
    """


command.add_command(export)
command.add_command(fetch)
command.add_command(groups)
command.add_command(import_file)
command.add_command(label)
command.add_command(list_corpora)


@command.command()
@_corpus_options
def check(config: Path, overrides: tuple[str, ...], includes: tuple[Path, ...], as_json: bool) -> None:
    """List bad rows. Reads all rows of all splits; exits with 3 if there are any, or only one class."""
    from nlpx.cli.tables import table
    from nlpx.data.encoding import Reading
    from nlpx.data.records import BadRow
    from nlpx.data.refusal import formats

    found: dict[str, object] = {}
    with _errors_in_json(as_json, found):
        corpus = _open(config, overrides, includes)
        listed: list[BadRow] = []
        on_bad: Callable[[BadRow], object] = listed.append if as_json else lambda row: echo(str(row))
        source = corpus.source
        reading = Reading(source, corpus.codec, corpus.experiment.data.limit, on_bad)
        warnings, classes = source.warnings(), set[str | None]()
        with reading.refusing("skip"):
            try:
                for split in source.splits():
                    for row in reading.rows(split):
                        if split == TRAIN:
                            classes.add(corpus.codec.class_of(row))
            finally:
                hints = [hint for hint in formats(source, reading.counts) if hint not in warnings]
                found |= {
                    "splits": {split: asdict(counts) for split, counts in reading.counts.items()},
                    "bad": [asdict(row) for row in listed],
                    "blank_lines": source.blank_lines(),
                    "warnings": warnings + hints,
                }
                if not as_json and any(counts.rows for counts in reading.counts.values()):
                    numbers = ((s, c.rows, c.bad, c.left_out, c.used) for s, c in reading.counts.items())
                    rows = [["", "rows", "bad", "left out", "used"], *([*map(str, row)] for row in numbers)]
                    click.echo("\n".join(table(rows)))
                for path, count in source.blank_lines().items():
                    skipped = counted(count, "blank line is", "blank lines are")
                    tell(f"{path}: {skipped} skipped")
                for warning in warnings:
                    tell(f"warning: {warning}")
        if len(classes - {None}) == 1:
            raise DataError(f"the training split has one class, {classes.pop()}. Expected at least two.")
    if as_json:
        echo_json(found)
    if reading.bad_total:
        for hint in hints:
            tell(hint)
        raise click.exceptions.Exit(DataError.exit_code)


@command.command()
@_corpus_options
def stats(config: Path, overrides: tuple[str, ...], includes: tuple[Path, ...], as_json: bool) -> None:
    """Show numbers of rows, lengths, duplicates, and how much of each split the training split covers."""
    from nlpx.cli.tables import table
    from nlpx.data.inspect import statistics

    with _errors_in_json(as_json, {}):
        corpus = _open(config, overrides, includes)
        found = statistics(corpus.source, corpus.codec, corpus.experiment.data.limit)
    if as_json:
        echo_json(asdict(found))
        return
    columns = [_column(split) for split in found.splits.values()]
    names = dict.fromkeys(name for column in columns for name in column)
    rows = [[name, *(column.get(name, "") for column in columns)] for name in names]
    click.echo("\n".join(table([["", *found.splits], *rows])))
    for name, size in found.vocabularies.items():
        click.echo(f"vocabulary {name}: {size} tokens")
    if found.splits["train"].lengths:
        click.echo("training rows by length")
        click.echo("\n".join(histogram(found.splits["train"].lengths)))
        return
    for name, occurrences in found.occurrences.items():
        click.echo(f"training rows by {name}")
        echo("\n".join(bars(list(occurrences.items()))))


@command.command()
@_corpus_options
@click.option(
    "--split",
    default="train",
    show_default=True,
    help="Split to show.",
    shell_complete=completed.splits,
)
@click.option("--rows", type=click.IntRange(min=1), default=5, show_default=True, help="Number of rows.")
def preview(
    config: Path,
    overrides: tuple[str, ...],
    includes: tuple[Path, ...],
    as_json: bool,
    split: str,
    rows: int,
) -> None:
    """Show rows as the model sees them. Tokens without an id are shown in 〔brackets〕."""
    from nlpx.data.inspect import encoded_rows

    with _errors_in_json(as_json, {}):
        corpus = _open(config, overrides, includes)
        corpus.source.expect(split)
        prepared = corpus.prepare(tell)
        shown = list(encoded_rows(corpus.source, corpus.codec, prepared, split, rows))
    if as_json:
        echo_json([asdict(row) for row in shown])
        return
    for row in shown:
        echo("\n".join(_described(row)))


def _open(config: Path, overrides: tuple[str, ...], includes: tuple[Path, ...]) -> Corpus:
    from nlpx.config.load import load_experiment
    from nlpx.workflow.corpus import open_corpus

    return open_corpus(load_experiment(config, overrides, includes).experiment)


@contextmanager
def _errors_in_json(as_json: bool, found: dict[str, object]) -> Iterator[None]:
    """In JSON output, include an error after the results found before it."""
    try:
        yield
    except NlpxError as error:
        if as_json:
            echo_json(found | {"error": str(error)})
        raise


def _column(split: SplitStatistics) -> dict[str, str]:
    column = {
        "rows": str(split.counts.rows),
        "bad": str(split.counts.bad),
        "left out": str(split.counts.left_out),
    }
    if split.lengths:
        column |= {
            "characters": str(split.characters),
            "distinct characters": str(split.distinct_characters),
            "median length": str(quantile(split.lengths, 0.5)),
            "99 % are at most": str(quantile(split.lengths, 0.99)),
            "longest": str(max(split.lengths)),
        }
    column["duplicate rows"] = str(split.duplicates)
    if split.in_train is not None:
        column["rows also in train"] = str(split.in_train)
    if split.known_keys is not None:
        column["keys also in train"] = f"{split.known_keys:.2%}"
    return column | {f"unknown {name}": f"{share:.2%}" for name, share in split.unknown.items()}


def _described(row: EncodedRow) -> list[str]:
    from nlpx.text.ngrams import BORDER, BORDER_SIGN

    lines = [row.where, f"  {row.line}"]
    for name, tokens in row.tokens.items():
        joint = "" if all(len(token) == 1 for token, _ in tokens) else " "
        shown = joint.join(token if known else f"〔{token}〕" for token, known in tokens)
        lines.append(f"  {name}: {shown}".replace(BORDER, BORDER_SIGN))
    for number, item in enumerate(row.items, start=1):
        lines += [f"  item {number} {name}: {_ids(ids)}" for name, ids in item.items()]
    return lines if row.items else [*lines, "  no items: left out"]


def _ids(ids: Sequence[float]) -> str:
    shown = " ".join(map(str, ids[:SHOWN_IDS]))
    return shown if len(ids) <= SHOWN_IDS else f"{shown} … ({len(ids)} in all)"
