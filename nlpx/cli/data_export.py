"""`nlpx data export`: write the dataset of an experiment to files."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from tempfile import mkdtemp

import click

from nlpx.cli import completed
from nlpx.cli.options import PATH, include_option, set_option
from nlpx.cli.output_file import OutputPath
from nlpx.core.counted import counted
from nlpx.core.paths import is_there
from nlpx.errors import DataError, EnvironmentProblem, UsageError

PLAIN = re.compile(r"[\w./-]+")
"""Paths that YAML reads without quotes."""


@click.command(epilog="Example: nlpx data export configs/dogs.yaml --split test --rows 20 --output images")
@click.argument("config", type=PATH)
@click.option("--output", required=True, type=OutputPath(path_type=Path), help="A new folder.")
@click.option(
    "--split",
    "splits",
    multiple=True,
    help="Split to export; default: all.",
    shell_complete=completed.splits,
)
@click.option("--rows", type=click.IntRange(min=1), help="Export only the first rows of each split.")
@set_option()
@include_option
def export(
    config: Path,
    output: Path,
    splits: tuple[str, ...],
    rows: int | None,
    overrides: tuple[str, ...],
    includes: tuple[Path, ...],
) -> None:
    """Write the dataset of CONFIG to files.

    Use them to inspect or edit the data, or to start your own corpus. The last lines of the output are the
    config that reads the files. The drawings of the sample become files for `nlpx predict --input`.
    """
    from nlpx.config.interpolate import escape
    from nlpx.config.load import load_experiment
    from nlpx.config.source import absolute
    from nlpx.workflow.corpus import open_corpus

    corpus = open_corpus(load_experiment(config, overrides, includes).experiment)
    chosen = splits or corpus.source.splits()
    for split in chosen:
        for record in islice(corpus.rows(split), 1):
            record.expect_writable(output / split)
    files: dict[str, str] = {}
    readers, lines = [], []
    with _new_folder(output) as folder:
        for split in chosen:
            records = islice(corpus.rows(split), rows)
            first = next(records, None)
            if first is None:
                raise DataError(f"the split {split} has no row that can be used; `nlpx data check` says why.")
            files[split] = f"{split}{first.suffix}"
            count = type(first).write(folder / files[split], chain([first], records))
            readers.append(first.reader())
            lines.append(f"{output / files[split]}: {counted(count, 'row')}")
    click.echo("\n".join(lines))
    if "train" in files:
        root = escape(str(absolute(Path(), str(output))))
        if not PLAIN.fullmatch(root):
            root = json.dumps(root, ensure_ascii=False)
        named = ", ".join(f"{split}: {name}" for split, name in files.items())
        click.echo(f"data:\n  root: {root}\n  source: {{type: {readers[0]}, {named}}}")


@contextmanager
def _new_folder(path: Path) -> Iterator[Path]:
    """A temporary folder that is renamed to `path`, or deleted if anything fails."""
    if is_there(path):
        raise UsageError(f"{path}: already exists and was not changed. Choose another --output.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be created: {error.strerror}. Choose another --output."
        ) from None
    try:
        yield folder
        folder.chmod(0o755)
        folder.rename(path)
    except OSError as error:
        raise EnvironmentProblem(f"{path}: cannot be written: {error.strerror}. Free space.") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
