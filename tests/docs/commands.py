"""From what a page shows to commands that can be run, each with the way in which it is tried."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import click

from nlpx.cli.main import cli
from tests.docs.pages import ROOT, Block, Span, commands, in_configs, in_help, markdown_pages, read
from tests.docs.stand_ins import filled, task_of

Way = Literal[
    "run", "load", "sweep", "mention", "options", "make", "script", "extra", "shell", "setup", "serve", "curl"
]
"""How a command is tried.

run: to its end.
load: parsed, and its config loaded with its overrides. Nothing is trained for a page, and no corpus is there.
sweep: parsed, and its sweep loaded.
mention: only named; it exists.
options: parsed; what stands beside numbers that took minutes on a corpus, fetches one, or waits for lines.
make: a target of the Makefile. script: a file, and its options. extra: an optional dependency.
shell: run by a shell on small files.
setup: what makes the checkout.
serve: a server, which is set up and not waited for. curl: a request to one.
"""
LANGUAGES = {"", "sh"}
"""Of blocks that hold commands."""
PROGRAMS: dict[str, Way] = {
    "make": "make",
    "python": "script",
    "pip": "extra",
    "paste": "shell",
    "awk": "shell",
    "curl": "curl",
}
PROGRAMS |= {"iconv": "shell"}
SETUP = ("git clone ", "cd ", ". .venv/bin/activate")
COMPLETE = {
    "nlpx doctor",
    "nlpx list",
    "nlpx schema",
    "nlpx runs list",
    "nlpx runs show",
    "nlpx eval",
    "nlpx --help",
}
"""Commands that say everything with their name alone."""
LOADED: dict[str, Way] = {
    "nlpx train": "load",
    "nlpx serve": "serve",
    "nlpx repl": "options",
    "nlpx sweep run": "sweep",
    "nlpx sweep show": "sweep",
}
"""Commands that take minutes, or show what took minutes, or do not end by themselves."""
MEASURED = {"benchmarks/RESULTS.md", "benchmarks/RESULTS.zh-CN.md"}
"""The pages of numbers that took minutes on a corpus."""
INSTEAD = {"--input": ("--text", "--input"), "--resume": ("CONFIG",)}
"""An option -> the options, or the argument, whose place it takes."""
NAMES = dict(commands(cli))


@dataclass(frozen=True)
class Command:
    """A command of a page.

    Attributes:
        where: page and line.
        shown: as the page writes it.
        task: what the page, or the part of it, is about.
        way: how it is tried.
        argv: the words after `nlpx`, stand-ins filled in; of other programs, the whole line as one word.
    """

    where: str
    shown: str
    task: str
    way: Way
    argv: tuple[str, ...]

    @property
    def path(self) -> str:
        """The words that call a command of nlpx: `nlpx data check`."""
        return path_of(self.argv)


class Unclassified(Exception):
    """A page shows something that no rule knows."""


def path_of(argv: Sequence[str]) -> str:
    words = ["nlpx", *argv[:1]]
    command = NAMES.get(" ".join(words))
    if isinstance(command, click.Group):
        words += argv[1:2]
    return " ".join(words)


@cache
def all_commands() -> tuple[tuple[Command, ...], ...]:
    """Everything that is shown anywhere: what one block shows is run in one go, whatever else by itself."""
    found: list[tuple[Command, ...]] = []
    for page in markdown_pages():
        before: list[Command] = []
        for item in read(page):
            if isinstance(item, Block):
                group = tuple(of_block(item))
                found += [group] if group else []
                before += group
            else:
                alone = list(of_span(item, before))
                found += [(command,) for command in alone]
                before += [] if item.text.startswith("-") else alone
    for span in (*in_configs(), *in_help()):
        found += [(command,) for command in of_span(span, [])]
    return tuple(found)


def of_block(block: Block) -> Iterator[Command]:
    """The commands of a block; none where it holds something else."""
    if block.language not in LANGUAGES:
        return
    for number, line in enumerate(block.text.splitlines()):
        for part in line.split(" && "):
            command = _without_comment(part)
            if command:
                yield from _commands(f"{block.page}:{block.line + number}", block, command, mentions=False)


def of_span(span: Span, before: Sequence[Command]) -> Iterator[Command]:
    """The command that code in a text is; or the one before it on the page with the options that it shows."""
    word, _, rest = span.text.partition(" ")
    if (word == "nlpx" and rest) or (word in PROGRAMS and rest):
        yield from _commands(span.where, span, span.text, mentions=True)
    elif re.match(r"--[a-z]", span.text):
        yield _with_options(span, before)


def _with_options(span: Span, before: Sequence[Command]) -> Command:
    """The nearest command before these options that has them, with them; else any that has them, as a mention."""
    name = span.text.split()[0].split("=")[0]
    for command in reversed(before):
        if span.page in MEASURED and command.way == "options":
            continue  # the numbers of this page differ by how a model was trained
        if command.way == "script" and name in script_of(command).read_text(encoding="utf-8"):
            return replace(
                command, where=span.where, shown=span.text, argv=(f"{command.argv[0]} {span.text}",)
            )
        known = NAMES.get(command.path) if command.way in ("run", "load", "mention") else None
        option = known and _option(known, name)
        if option:
            words = _split(filled(span.text, command.task, command.path))
            whole = command.way != "mention" and (option.is_flag or len(words) > 1 or "=" in words[0])
            argv = (*_without(command.argv, INSTEAD.get(name, ())), *words) if whole else command.argv
            way = command.way if whole else "mention"
            return replace(command, where=span.where, shown=span.text, way=way, argv=argv)
    for path, known in NAMES.items():
        if _option(known, name):
            return Command(span.where, span.text, task_of(span), "mention", tuple(path.split()[1:]))
    raise Unclassified(f"{span.where}: no command has the option {span.text}")


def script_of(command: Command) -> Path:
    """The file of `python FILE` or `python -m MODULE`."""
    _, first, *rest = command.argv[0].split()
    return ROOT / (f"{rest[0].replace('.', '/')}.py" if first == "-m" else first)


def _option(command: click.Command, name: str) -> click.Option | None:
    options = (parameter for parameter in command.params if isinstance(parameter, click.Option))
    return next((option for option in options if name in option.opts), None)


def _without(argv: Sequence[str], names: Sequence[str]) -> list[str]:
    """The words without some options and their values, and without the argument CONFIG."""
    words = list(argv)
    for name in names:
        if name == "CONFIG":
            del words[1]
        elif name in words:
            index = words.index(name)
            del words[index : index + 2]
    return words


def _commands(where: str, place: Block | Span, text: str, *, mentions: bool) -> Iterator[Command]:
    task = task_of(place)
    if text.startswith(SETUP):
        yield Command(where, text, task, "setup", (text,))
        return
    program = text.split(None, 1)[0]
    if program in PROGRAMS:
        yield Command(where, text, task, PROGRAMS[program], (text,))
        return
    if program != "nlpx":
        raise Unclassified(f"{where}: no rule says how to try: {text}")
    for form in forms(text):
        argv = tuple(_split(filled(form, task, path_of(form.split()[1:]))))[1:]
        if argv[0] == "sweep" and argv[1:2] not in ((), ("run",), ("show",)):
            argv = ("sweep", "run", *argv[1:])
        if argv == ("--help",):
            yield Command(where, text, task, "run", argv)
            continue
        path = path_of(argv)
        if path not in NAMES or (isinstance(NAMES[path], click.Group) and argv != tuple(path.split()[1:])):
            raise Unclassified(f"{where}: there is no command {path}")
        yield Command(where, text, task, _way(place.page, path, argv, mentions), argv)


def _way(page: str, path: str, argv: Sequence[str], mentions: bool) -> Way:
    if path == f"nlpx {' '.join(argv)}" and mentions and path not in COMPLETE:
        return "mention"
    last = _option(NAMES[path], argv[-1])
    if mentions and last is not None and not last.is_flag:
        return "mention"
    if path in LOADED:
        return LOADED[path]
    if path == "nlpx data fetch":
        return "options"
    if page in MEASURED and path in ("nlpx eval", "nlpx predict"):
        return "options"
    return "run"


def forms(text: str) -> list[str]:
    """The commands that a synopsis stands for: `a|b` is either, what stands in [brackets] may be left out."""
    optional = re.compile(r" \[([^\]]+)\](\.\.\.)?(?= |$)")
    wordings = list(dict.fromkeys([optional.sub(r" \1", text), optional.sub("", text)]))
    found = []
    for wording in wordings:
        words = wording.split(" ")
        choices = next((word for word in words if re.fullmatch(r"[a-z]+(\|[a-z]+)+", word)), None)
        for choice in choices.split("|") if choices else [""]:
            found.append(" ".join(choice if word == choices else word for word in words))
    return found


def _split(text: str) -> list[str]:
    r"""The words as a shell would pass them on; $'a\tb' is understood."""
    plain = re.sub(r"\$'([^']*)'", lambda found: "'" + found[1].replace("\\t", "\t") + "'", text)
    return shlex.split(plain)


def _without_comment(line: str) -> str:
    return re.sub(r"(^|\s+)#.*", "", line).rstrip()
