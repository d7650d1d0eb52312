"""`nlpx data list` and `nlpx data fetch`: public corpora."""

from __future__ import annotations

import os
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from nlpx.cli.echo import echo, echo_json, tell
from nlpx.cli.options import json_option
from nlpx.cli.output_file import OutputPath, make_output_folder
from nlpx.errors import UsageError

if TYPE_CHECKING:
    from tqdm import tqdm

DATA = "NLPX_DATA"
DEFAULT = "data"
"""Folder of the corpora if the environment variable is not set."""


@click.command("list", epilog="Example: nlpx data list")
@json_option
def list_corpora(as_json: bool) -> None:
    """List public corpora with their size and terms. `fetch` downloads those that allow it."""
    from nlpx.cli.tables import facts, terminal_width
    from nlpx.data.corpora import CORPORA

    if as_json:
        echo_json([asdict(corpus) for corpus in CORPORA])
        return
    for corpus in CORPORA:
        got = f"nlpx data fetch {corpus.name}" if corpus.files else "by hand, see the page"
        rows = [
            ("for", corpus.task),
            ("size", corpus.size),
            ("terms", corpus.terms),
            ("page", corpus.page),
            ("get it", got),
        ]
        echo(corpus.name)
        echo("\n".join(f"  {line}" for line in facts(rows, (terminal_width() or 10**6) - 2)))


@click.command(epilog="Example: nlpx data fetch chnsenticorp --output data")
@click.argument("name")
@click.option(
    "--output",
    type=OutputPath(file_okay=False, path_type=Path),
    help=f"Folder of the corpora; default: ${DATA}, or else ./{DEFAULT}.",
)
@json_option
def fetch(name: str, output: Path | None, as_json: bool) -> None:
    """Download the files of the public corpus NAME into a folder of this name, and verify them.

    A download that breaks off is continued, also by the same command later. Nothing is unpacked.
    """
    from tqdm import tqdm

    from nlpx.config.interpolate import escape
    from nlpx.core.suggest import did_you_mean
    from nlpx.data.corpora import BY_NAME
    from nlpx.data.download import download
    from nlpx.data.formats.options import flow

    if name not in BY_NAME:
        advice = did_you_mean(name, BY_NAME) or "`nlpx data list` shows all."
        raise UsageError(f"there is no corpus called {name!r}; {advice}")
    corpus = BY_NAME[name]
    if not corpus.files:
        raise UsageError(
            f"{name} cannot be fetched: it has to be obtained by hand from {corpus.page}. "
            f"Terms: {corpus.terms}."
        )
    folder = (output or Path(os.environ.get(DATA) or DEFAULT)) / name
    make_output_folder(folder)
    tell(f"{name}: {corpus.size}. Terms: {corpus.terms}. Page: {corpus.page}")
    found = []
    for file in corpus.files:
        path = folder / file.name
        with tqdm(desc=file.name, unit="B", unit_scale=True, disable=None, leave=False) as bar:
            try:
                got = download(file.url, path, file.sha256, partial(_show, bar), tell)
            except KeyboardInterrupt:
                tell(
                    f"{path}: incomplete; what was downloaded is kept, and the same command continues there."
                )
                raise
        how = "was there already" if got.there else "continued" if got.resumed else "downloaded"
        checked = "verified" if file.sha256 else "no checksum is known to compare it with"
        found.append({"path": str(path), "verified": bool(file.sha256), **asdict(got)})
        if not as_json:
            echo(f"{path}: {got.size:,} bytes, {how}; SHA-256 {got.sha256}, {checked}")
    if as_json:
        echo_json({"files": found, "source": corpus.source or None, "prepare": corpus.prepare or None})
        return
    if corpus.prepare:
        tell(f"prepare it in {folder}: {corpus.prepare}")
    if corpus.source:
        echo(f"data:\n  root: {flow(escape(str(folder.absolute())))}\n  source: {corpus.source}")


def _show(bar: tqdm[NoReturn], done: int, total: int | None) -> None:
    bar.total = total
    bar.update(done - bar.n)
