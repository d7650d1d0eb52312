"""Which of the shown commands do the same, so that one of them is tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from tests.docs.commands import NAMES, Command
from tests.docs.conftest import RUNS


def different(groups: Iterable[tuple[Command, ...]]) -> Iterator[tuple[Command, ...]]:
    """Each block that differs from the ones before, then each command alone that none of them contains."""
    seen: set[object] = set()
    for group in sorted(groups, key=lambda group: len(group) == 1):
        meanings = tuple(meaning(command) for command in group)
        if meanings not in seen and (len(group) > 1 or meanings[0] not in seen):
            seen |= {meanings, *meanings}
            yield group


def meaning(command: Command) -> tuple[str, ...]:
    """Equal for commands that do the same: with options in another order, or the only run by name or as the latest."""
    words: object = command.argv
    if command.way == "run" and command.path in NAMES:
        given = options(command)
        runs = RUNS.get(command.task, {})
        if len(set(runs.values())) == 1 and Path(given.get("run") or next(iter(runs))).name in runs:
            given.pop("run", None)
        words = command.path, sorted(given.items())
    return command.task, command.way, repr(words)


def options(command: Command) -> dict[str, Any]:
    """The options and arguments as text; an option that is given twice counts once, where it does in the command."""
    known = NAMES[command.path]
    given, _, _ = known.make_parser(click.Context(known)).parse_args(words_after(command))
    return {name: value for name, value in given.items() if isinstance(value, str | list | tuple | int)}


def parse(command: Command) -> click.Context:
    """Raises click.UsageError where the command has no such options."""
    return NAMES[command.path].make_context(command.path, words_after(command))


def words_after(command: Command) -> list[str]:
    """The words behind those that call the command."""
    return list(command.argv[len(command.path.split()) - 1 :])
