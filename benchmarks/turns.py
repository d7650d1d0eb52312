"""Programs that are compared take turns, each in a process of its own.

Two frameworks in one process share threads, allocators and compilers, and can end it. Here a script starts
itself once for each of them; a child waits until it is asked, answers with one line of JSON and waits again,
so that all of them are measured in the same minutes.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

CHILD = "--child"
ANSWER = "answer: "
WARM_UP, BLOCK = 3, 10
"""Calls of a turn: those that wake threads and fill caches, and those that are timed."""

CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "processor": time.process_time}


class Child:
    """One of the programs, waiting to be asked."""

    def __init__(self, name: str, command: Sequence[str], messages: Path) -> None:
        self.name, self._messages = name, messages
        with messages.open("wb") as file:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
            )

    def ask(self, what: str) -> list[float]:
        """The answer to a question; ends this program where the child has ended."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(f"{what}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass
        # What a framework prints is no answer.
        lines = (line for line in self._process.stdout if line.startswith(ANSWER))
        line = next(lines, "")
        if not line:
            code = self._process.wait()
            told = self._messages.read_text(encoding="utf-8", errors="replace")[-2000:]
            sys.exit(f"{self.name} ended with {code} when asked for {what}:\n{told}")
        answer = json.loads(line.removeprefix(ANSWER))
        assert isinstance(answer, list)
        return answer

    def end(self) -> None:
        """Let the child end, and wait for that."""
        self._process.communicate()


def children(names: Sequence[str], arguments: Sequence[str]) -> AbstractContextManager[list[Child]]:
    """This script, once for each name, with `--child NAME` before the arguments."""
    return programs({name: [sys.executable, sys.argv[0], CHILD, name, *arguments] for name in names})


@contextmanager
def programs(commands: Mapping[str, Sequence[str]]) -> Iterator[list[Child]]:
    """The programs that these commands start, by name."""
    started: list[Child] = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for name, command in commands.items():
                started.append(Child(name, command, Path(folder) / f"{len(started)}.txt"))
            yield started
        finally:
            for child in started:
                child.end()


def medians(programs: Sequence[Child], what: str, rounds: int) -> list[float]:
    """Milliseconds of each program; they take turns for so many rounds."""
    times: list[list[float]] = [[] for _ in programs]
    for number in range(rounds + 1):
        for program, spent in zip(programs, times, strict=True):
            turn = program.ask(what)
            # The first round compiles.
            spent += turn if number else []
    return [1e3 * statistics.median(spent) for spent in times]


def timed(
    call: Callable[[], object], warm_up: int = WARM_UP, block: int = BLOCK, clock: str = "wall"
) -> Callable[[], list[float]]:
    """The seconds of every call of a turn, but those to warm up."""

    read = CLOCKS[clock]

    def turn() -> list[float]:
        times = []
        for repetition in range(warm_up + block):
            start = read()
            call()
            if repetition >= warm_up:
                times.append(read() - start)
        return times

    return turn


def serve(answers: Mapping[str, Callable[[], Sequence[object]]]) -> None:
    """Be a child: answer what is asked until nobody asks any more."""
    for line in sys.stdin:
        print(f"\n{ANSWER}{json.dumps(answers[line.strip()]())}", flush=True)
