"""`nlpx repl`: a prompt at which every line is predicted."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nlpx.cli import completed
from nlpx.cli.chosen_run import choose
from nlpx.cli.echo import echo, tell
from nlpx.cli.options import (
    checkpoint_option,
    encoding_option,
    engine_option,
    include_option,
    root_option,
    set_option,
)
from nlpx.errors import DataError, NlpxError, UsageError

if TYPE_CHECKING:
    from nlpx.data.formats.character_sets import Encoding
    from nlpx.inference.lines import Line
    from nlpx.workflow.engine import Engine

PROMPT = "> "


@click.command(epilog="Example: nlpx repl --set decode=argmax")
@click.argument("run", required=False, shell_complete=completed.runs)
@set_option("Override a value, as :set does.")
@checkpoint_option
@engine_option("auto: onnxruntime if there is a bundle of the checkpoint.")
@encoding_option
@root_option
@include_option
def command(
    run: str | None,
    overrides: tuple[str, ...],
    checkpoint: str,
    engine: Engine,
    encoding: Encoding,
    root: Path,
    includes: tuple[Path, ...],
) -> None:
    """Predict for every line that is typed, with RUN as for `nlpx predict`.

    Lines that begin with a colon are commands: :help lists them, :set decode.size=8 changes a value, :probe
    embedding shows what a layer computes, :quit ends. The next session remembers the lines, unless the
    variable NLPX_HISTORY is never. A wrong line gives a message and changes nothing. Lines may also come from
    a pipe; if one of them is wrong, the exit code is 3.
    """
    from nlpx.cli.probe import described
    from nlpx.workflow.console import Console
    from nlpx.workflow.predict import RunOpener

    if sys.stdin is None:
        raise UsageError("standard input is closed, so there are no lines. Open it.")
    chosen = choose(root, run, includes)
    chosen.expect_engine(engine)
    opener = RunOpener(root, chosen.run.path, checkpoint, includes, overrides, None, engine)
    console = Console(chosen.run, chosen.experiment.takes_input, opener, echo, tell, described)
    typed = sys.stdin.isatty() and sys.stdout.isatty()
    wrong = 0
    if typed:
        tell(":help lists the commands, :quit ends.")
    for line in _typed() if typed else _piped(encoding):
        try:
            if not console(line):
                break
        except NlpxError as error:
            tell(f"error: {error}")
            wrong += 1
        except KeyboardInterrupt:
            if not typed:
                raise
            tell("interrupted")
        sys.stdout.flush()
    if wrong and not typed:
        raise DataError(f"{wrong} of the lines could not be used; see the messages above.")


def _piped(encoding: Encoding) -> Iterator[Line]:
    from nlpx.cli.predict_input import STANDARD_INPUT
    from nlpx.data.decoding import Declared
    from nlpx.inference.lines import read_lines

    return read_lines(sys.stdin.buffer, STANDARD_INPUT, declared=Declared(encoding, "--encoding"))


def _typed() -> Iterator[Line]:
    """Lines with editing and history, until Ctrl-D."""
    from nlpx.cli.repl_history import remembered
    from nlpx.inference.lines import Line

    save = remembered()
    number = 0
    while True:
        try:
            text = input(PROMPT)
        except KeyboardInterrupt:
            tell("")
            continue
        except EOFError:
            tell("")
            return
        number += 1
        save()
        unreadable = any("\ud800" <= char <= "\udfff" for char in text)
        yield Line(str(number), text, error="this line is not UTF-8" if unreadable else "")
