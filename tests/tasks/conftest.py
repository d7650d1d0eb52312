"""Command lines run in this process, and copies of the finished runs."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from nlpx.cli.main import run


@dataclass(frozen=True)
class Shown:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Standard error on one line, as terminals may break it anywhere."""
        return " ".join(self.err.split())


Command = Callable[..., Shown]


@pytest.fixture
def nlpx(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command line in this process; `stdin` are the bytes of standard input."""

    def command(*arguments: str | Path, stdin: bytes | None = None) -> Shown:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        return Shown(code, shown.out, shown.err)

    return command


@pytest.fixture
def runs(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished runs that a test may break."""
    return Path(shutil.copytree(finished, tmp_path / "runs"))
