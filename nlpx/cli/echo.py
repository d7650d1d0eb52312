"""Print results and messages so that control characters in the data never reach a terminal."""

from __future__ import annotations

import sys

import click

from nlpx.core.printable import printable, printable_json, shown


def echo(text: str) -> None:
    """Print a result; a file or a pipe receives it unchanged."""
    click.echo(shown(text, sys.stdout))


def echo_json(value: object) -> None:
    """Print a result as valid JSON."""
    click.echo(printable_json(value))


def tell(message: str) -> None:
    """Print a message on standard error."""
    click.echo(printable(message, keep="\n\t"), err=True)
