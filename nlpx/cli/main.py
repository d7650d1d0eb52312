"""`nlpx`: the command line. Nothing but click is imported until a command runs."""

from __future__ import annotations

import importlib
import os
import re
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import click
from click.shell_completion import CompletionItem

from nlpx import __version__
from nlpx.cli.process import (
    COMPLETE,
    drop_lost_output,
    enter_utf_8_mode,
    expect_folder,
    open_streams,
    problem_of_machine,
    write_utf_8,
)
from nlpx.errors import EnvironmentProblem, Interrupted, NlpxError

COMMANDS = {
    "train": "Train a model from a config, or resume a run.",
    "sweep": "Train a config with many values and seeds, and compare.",
    "eval": "Compute the metrics of a run on a split.",
    "predict": "Make predictions with a run.",
    "repl": "Predict for lines that are typed at a prompt.",
    "serve": "Serve models over HTTP, with a page.",
    "probe": "Show what the layers of a run compute.",
    "report": "Write a report of a run, or of several, as an HTML page.",
    "card": "Write the model card of a run.",
    "export": "Write a run in a form that needs no TensorFlow.",
    "new": "Write a commented starter config.",
    "check": "Report all errors of configs.",
    "config": "Show, compare and migrate configs.",
    "schema": "Write the JSON Schema of configs, for editors.",
    "list": "List the available components.",
    "describe": "Show the documentation of a component.",
    "data": "Inspect, export and create datasets.",
    "runs": "List, compare, label and remove runs.",
    "tune-lr": "Find a learning rate by a short training in which it grows.",
    "tune-batch": "Find a batch size by its speed and memory.",
    "average": "Average the weights of checkpoints of one model.",
    "completion": "Print the script that completes commands in a shell.",
    "doctor": "Show versions, devices, extras and folders.",
}
"""Command -> one line of help. The command itself is `nlpx.cli.COMMAND:command`, with _ for -."""

DEBUG = "NLPX_DEBUG"
CLOSED_PIPE = 128 + 13
"""The exit code of a program terminated by SIGPIPE."""
ANYWHERE = {"list", "describe", "schema", "completion"}
"""Commands that read nothing in the working directory."""


class Commands(click.Group):
    """Imports the module of a command only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = importlib.import_module(f"nlpx.cli.{name.replace('-', '_')}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"nlpx.cli.{name}.command is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        found = [CompletionItem(name, help=text) for name, text in COMMANDS.items()]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*(item for item in found if item.value.startswith(incomplete)), *options]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from nlpx.core.suggest import did_you_mean, one_of

            advice = did_you_mean(args[0], COMMANDS) or f"there is {one_of(COMMANDS)}."
            ctx.fail(f"there is no command {args[0]!r}; {advice}")
        if args and args[0] in COMMANDS and args[0] not in ANYWHERE and "--help" not in args:
            expect_folder()
        return super().resolve_command(ctx, args)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except BrokenPipeError:
            raise _ReaderGone from None

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # click would exit with 1, which here means an internal error.
            raise _ReaderGone from None
        except BaseException as error:
            from nlpx.core.plugins import plugin_fault

            fault = plugin_fault(error)
            if fault is None:
                raise
            if os.environ.get(DEBUG) == "1":
                _report_bug(type(error), error, error.__traceback__)
            raise fault from error


class _ReaderGone(Exception):
    """The reader of the output has closed the pipe."""


@click.command(
    cls=Commands,
    epilog="Exit codes: 0 success, 1 internal error, 2 usage or config error, 3 data error, "
    "4 environment error, 5 the loss diverged, 130 and 143 interrupted.",
)
@click.version_option(__version__, prog_name="nlpx", message="%(prog)s %(version)s")
def cli() -> None:
    """Run deep learning experiments on Chinese text, described in YAML."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line; gives its exit code."""
    try:
        result = cli.main(list(arguments), prog_name="nlpx", standalone_mode=False, color=_colour())
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        return 130
    except Interrupted as error:
        click.echo(str(error), err=True)
        return 128 + error.signal_number
    except NlpxError as error:
        return failed(error)
    except OSError as error:
        problem = problem_of_machine(error)
        if problem is None:
            raise
        return failed(problem)
    return result if isinstance(result, int) else 0


def failed(error: NlpxError) -> int:
    """Print the message of an error; returns the exit code."""
    # If messages cannot be written either, only the exit code is left.
    with suppress(OSError):
        click.echo(highlighted(error), err=True, color=_colour())
        if problems := getattr(error, "problems", ()):
            from nlpx.config.problems import how_to_see

            click.echo(how_to_see(problems), err=True)
    return error.exit_code


def _colour() -> bool | None:
    """False where the user wants no escape sequences; None where it depends on the stream."""
    return False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None


def highlighted(error: NlpxError) -> str:
    """The message of an error with the word `error` in red; click removes colours without a terminal."""
    from nlpx.core.printable import printable

    message = printable(str(error), keep="\n\t")
    if not re.search(r": error C\d+: ", message):
        return click.style("error:", fg="red", bold=True) + f" {message}"
    return re.sub(r"(?<=: )error C\d+(?=: )", lambda m: click.style(m[0], fg="red", bold=True), message)


def main() -> None:
    """The entry point of the program."""
    sys.excepthook = _report_bug
    enter_utf_8_mode()
    try:
        open_streams()
        write_utf_8()
        code = _complete(asked) if (asked := os.environ.get(COMPLETE)) else run(sys.argv[1:])
        if not code:
            sys.stdout.flush()
    except (_ReaderGone, BrokenPipeError):
        code = CLOSED_PIPE
    except EnvironmentProblem as error:
        code = failed(error)
    except OSError as error:
        problem = problem_of_machine(error)
        if problem is None:
            raise
        code = failed(problem)
    drop_lost_output()
    sys.exit(code)


def _complete(asked: str) -> int:
    """Print the words that a shell asks for; returns the exit code."""
    from nlpx.cli.shells import complete

    return complete(cli, COMPLETE, asked, debug=os.environ.get(DEBUG) == "1")


def _report_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print an unexpected exception; the interpreter then exits with 1."""
    from nlpx.core.plugins import describe, plugin_files

    if os.environ.get(DEBUG) == "1":
        click.echo("".join(traceback.format_exception(kind, error, trace)), err=True)
        return
    frames = traceback.extract_tb(trace)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    message = describe(error).removeprefix(kind.__name__).removeprefix(": ")[:300]
    plugins = ", ".join(map(str, plugin_files()))
    print(
        f"This is a bug in nlpx {__version__}{f' or in {plugins}' if plugins else ''}: "
        f"{kind.__name__}{place}: {message}\n"
        f"Set {DEBUG}=1 for the whole traceback, and please report it with the command and the config.",
        file=sys.stderr,
    )
