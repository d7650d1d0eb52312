"""What commands show on a terminal of 80 columns."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest
from rich.cells import cell_len

from tests.runs.making import couplet, make_run


def on_a_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """What `nlpx` prints on a terminal that knows no UTF-8."""
    parent, child = pty.openpty()
    names = {"COLUMNS": "80", "TERM": "xterm", "LC_ALL": "C", "PYTHONUTF8": "", **environment}
    command = [sys.executable, "-m", "nlpx", *arguments]
    with subprocess.Popen(
        command, stdin=child, stdout=child, stderr=child, cwd=folder, env={**os.environ, **names}
    ):
        os.close(child)
        return _read(parent).replace("\r\n", "\n")


def _read(descriptor: int) -> str:
    """All that a terminal shows, until the last process that holds it ends."""
    parts = []
    while True:
        try:
            part = os.read(descriptor, 4096)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(descriptor)
    return b"".join(parts).decode("utf-8")


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A folder with `runs` of long names and settings, and with a file that is no config."""
    names = [
        "一次名字很长很长的训练之第一次",
        "一次名字很长很长的训练之第二次",
        "一次名字很长很长的训练之第三次",
    ]
    for seed, name in enumerate(names):
        experiment = couplet(seed=seed, samples=["风吹 " * 30] * (seed + 1))
        test = {f"组{i}/nll": float(i) for i in range(9)} | {"nll": 4.0 - seed}
        make_run(tmp_path / "runs", name, experiment=experiment, valid={100: 5.0}, best=100, test=test)
    (tmp_path / "bad.yaml").write_text("task: couplets\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("list loss", ["arcface", "Additive angular margin"]),
        ("describe loss/arcface", ["margin"]),
        ("runs list", ["一次名字很长很长的训练之第一次  couplet  finished   100", "5.0000"]),
        (
            "runs show 一次名字很长很长的训练之第三次",
            ["seed", "组8", "8.0000", "nlpx eval 'runs/couplet/一次"],
        ),
        (
            "runs compare 一次名字很长很长的训练之第一次 一次名字很长很长的训练之第三次",
            ["4.0000 ", "2.0000*"],
        ),
    ],
)
def test_nothing_is_wider_than_the_terminal_and_nothing_is_cut(
    runs: Path, arguments: str, expected: list[str]
) -> None:
    shown = click.unstyle(on_a_terminal(runs, *arguments.split()))
    assert [line for line in shown.splitlines() if cell_len(line) > 80 and "/" not in line] == []
    assert [part for part in expected if part not in shown] == []
    assert "…" not in shown.replace("aaaaaaaaaaaa…", "").replace("bbbbbbbbbbbb…", "").replace(
        "cccccccccccc…", ""
    )


def test_no_color(runs: Path) -> None:
    assert "\x1b[31m" in on_a_terminal(runs, "check", "bad.yaml")
    assert "\x1b" not in on_a_terminal(runs, "check", "bad.yaml", NO_COLOR="1")
    assert "\x1b" in on_a_terminal(runs, "list", "schedule")
    assert "\x1b" not in on_a_terminal(runs, "list", "schedule", NO_COLOR="1")
