"""`nlpx` itself: help, unknown commands, exit codes, how errors end."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from nlpx import __version__
from nlpx.cli import main
from nlpx.errors import DataError, Diverged, EnvironmentProblem, Interrupted, UsageError
from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]


def test_help_lists_every_command(nlpx: Nlpx) -> None:
    done = nlpx("--help")
    assert done.code == 0
    for name, text in main.COMMANDS.items():
        assert f"  {name}" in done.out
        assert text in done.out
    assert "Exit codes" in done.out


def test_every_command_is_there() -> None:
    for name in main.COMMANDS:
        module = importlib.import_module(f"nlpx.cli.{name.replace('-', '_')}")
        assert isinstance(module.command, click.Command)


@pytest.mark.parametrize("name", list(main.COMMANDS))
def test_every_command_has_help(nlpx: Nlpx, name: str) -> None:
    done = nlpx(name, "--help")
    assert done.code == 0
    assert done.out.startswith(f"Usage: nlpx {name}")


def test_version(nlpx: Nlpx) -> None:
    assert nlpx("--version").out == f"nlpx {__version__}\n"


@pytest.mark.parametrize(
    ("name", "near"), [("chekc", "check"), ("training", "train"), ("Predict", "predict")]
)
def test_an_unknown_command_suggests_the_nearest(nlpx: Nlpx, name: str, near: str) -> None:
    done = nlpx(name)
    assert done.code == 2
    assert f"there is no command '{name}'; did you mean {near}?" in done.err


def test_an_unknown_flag(nlpx: Nlpx) -> None:
    done = nlpx("list", "--jsno")
    assert done.code == 2
    assert "--json" in done.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("a wrong run"), 2),
        (DataError("a bad row"), 3),
        (EnvironmentProblem("no disk"), 4),
        (Diverged("nan"), 5),
        (Interrupted(2, "saved"), 130),
        (Interrupted(15, "saved"), 143),
        (KeyboardInterrupt(), 130),
    ],
)
def test_errors_end_with_their_code(
    nlpx: Nlpx, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("nlpx.core.registry.load_registry", fail)
    done = nlpx("list")
    assert done.code == code
    assert done.out == ""
    assert str(error) in done.err
    assert "Traceback" not in done.err


def program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, with a bug in `nlpx list`."""
    code = (
        "import sys, nlpx.core.registry\n"
        "def load_registry(*_): return {}['晚风']\n"
        "nlpx.core.registry.load_registry = load_registry\n"
        "from nlpx.cli.main import main\n"
        "main()\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        check=False,
    )


def test_a_bug_is_told_without_a_traceback() -> None:
    done = program("list", NLPX_DEBUG="0")
    assert done.returncode == 1
    assert "This is a bug in nlpx" in done.stderr
    assert "KeyError at <string>:2: '晚风'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bug_is_told_with_a_traceback_on_demand() -> None:
    done = program("list", NLPX_DEBUG="1")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_output_is_utf_8_whatever_the_locale(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.yaml")
    (tmp_path / name).write_text("task: couplet\n", encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("task: 对联\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "nlpx", "check", name, "bad.yaml"],
        cwd=tmp_path,
        capture_output=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == b"caf\xe9.yaml: ok\n"
    assert "there is no task called 对联" in done.stderr.decode("utf-8")


def test_a_reader_that_stops_reading_is_no_error() -> None:
    command = f'"{sys.executable}" -m nlpx describe task/couplet | head -c 1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", command], capture_output=True, encoding="utf-8", check=True)
    assert done.stderr == ""
    assert done.stdout.splitlines()[0].lstrip("t") in ("0", str(main.CLOSED_PIPE))
