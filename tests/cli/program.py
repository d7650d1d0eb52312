"""Run `nlpx` in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from nlpx.cli.main import run


@dataclass(frozen=True)
class Finished:
    """What a command line left behind."""

    code: int
    out: str
    err: str


Nlpx = Callable[..., Finished]


@pytest.fixture
def nlpx(capsys: pytest.CaptureFixture[str]) -> Nlpx:
    def nlpx(*arguments: str | Path) -> Finished:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Finished(code, captured.out, captured.err)

    return nlpx
