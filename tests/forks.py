"""Processes that may be killed, forked off one that has imported TensorFlow, which takes three seconds of CPU."""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Fork:
    """A running call of `module:function` with texts as arguments.

    Attributes:
        pid: of its process.
        out, err: the files that have what it writes.
    """

    pid: int
    out: Path
    err: Path
    _told: IO[str] = field(repr=False)

    def lines(self, count: int) -> list[str]:
        """What it has written, once that is so many lines; the process must not end before."""
        while (text := self.out.read_text(encoding="utf-8")).count("\n") < count:
            os.kill(self.pid, 0)
            time.sleep(0.005)
        return text.splitlines()

    def kill(self) -> int:
        """As `kill -9` does; returns what `wait` returns."""
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()

    def wait(self) -> int:
        """The exit code, or a number below 0 for a signal; to be called once, before the next fork."""
        return int(self._told.readline())


class Forks:
    """Starts forks, one at a time."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._asked, self._told = process.stdin, process.stdout
        self._folder = folder
        self._count = 0

    def start(self, call: str, *arguments: object) -> Fork:
        """Call `module:function` in a process of its own; what it returns is the exit code, None is 0."""
        self._count += 1
        out, err = (self._folder / f"{self._count}.{name}" for name in ("out", "err"))
        out.touch()
        self._asked.write(json.dumps([call, [*map(str, arguments)], str(out), str(err)]) + "\n")
        self._asked.flush()
        return Fork(int(self._told.readline()), out, err, self._told)


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """Calls in processes of their own."""
    command = [sys.executable, "-m", "tests.forks"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Forks(process, tmp_path_factory.mktemp("forks"))


def command(*words: str) -> int:
    """To be called in a fork: what a user types after `nlpx`."""
    from nlpx.cli.main import run

    return run(words)


def _child(call: str, arguments: list[str], out: str, err: str) -> None:
    """Make the call, with its own files as standard output and standard error; does not return, but may raise."""
    for number, path in ((0, os.devnull), (1, out), (2, err)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND), number)
    module, _, name = call.partition(":")
    code = getattr(importlib.import_module(module), name)(*arguments) or 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    """Fork for every line of standard input: write the process id, and when it has ended its exit code."""
    gc.disable()
    importlib.import_module("tensorflow")
    importlib.import_module("keras")
    gc.enable()
    gc.freeze()
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _child(*json.loads(line))
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
