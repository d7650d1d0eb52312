"""Shell completion: what is offered, and real shells with a terminal that complete it."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import pytest

from nlpx.cli import completed
from nlpx.cli.main import _complete, cli
from nlpx.cli.shells import SHELLS, Bash, Fish, Zsh
from nlpx.config.problems import CODES
from nlpx.core.component import builtin_registry
from nlpx.runs.directory import Status
from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]

ROOT = Path(__file__).resolve().parents[2]
STARTED = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
SET_UP = {
    "bash": 'bind "set enable-bracketed-paste off"; eval "$(nlpx completion bash)"',
    "zsh": 'autoload -U compinit; compinit -D; eval "$(nlpx completion zsh)"',
    "fish": "nlpx completion fish | source",
}


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with runs of which nothing but the names is read."""
    hostile = ("poem/$(touch executed)", "poem/two\nlines", "poem/a;b", "poem/\x1b[31m")
    for name in ("couplet/20260101-000000-abcdef", "couplet/first", "poem/second", *hostile):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        (folder / "STATUS").write_text("finished", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def offered(*words: str) -> list[str]:
    """What is offered for the last word of a command."""
    found = Bash(cli, {}, "nlpx", "_NLPX_COMPLETE").get_completions(list(words[:-1]), words[-1])
    return [item.value if item.type == "plain" else f"<{item.type}>" for item in found]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("desc",), ["describe"]),
        (("runs", "ta"), ["tag"]),
        (("describe", "enc"), ["encoder/"]),
        (("describe", "no/such"), []),
        (("describe", "error/C10"), [f"error/C10{number}" for number in range(1, 10)]),
        (("describe", "task/cou"), ["task/couplet"]),
        (("list", "po"), ["pooling", "posterior"]),
        (("new", "cou"), ["couplet"]),
        (("new", "couplet", "fi"), ["<file>"]),
        (("predict", ""), ["poem/second", "couplet/first", "couplet/20260101-000000-abcdef"]),
        (("predict", "se"), ["second"]),
        (("predict", "couplet/2"), ["couplet/20260101-000000-abcdef"]),
        (("predict", "./"), ["<file>"]),
        (("predict", "--root", "elsewhere", "se"), ["<file>"]),
        (("runs", "compare", "poem/second", ""), ["couplet/first", "couplet/20260101-000000-abcdef"]),
        (("eval", "--split", "t"), ["train", "test"]),
        (("eval", "--json", "--spl"), ["--split"]),
        (("eval", "--checkpoint=b"), ["best"]),
        (("train", "--resume", "po"), ["poem/second"]),
        (("predict", "--input", "x"), ["<file>"]),
        (("runs", "list", "--status", "k"), ["killed"]),
    ],
)
def test_words_are_offered(runs: Path, words: tuple[str, ...], expected: list[str]) -> None:
    assert offered(*words) == expected


def test_all_components_are_offered() -> None:
    kinds = offered("describe", "")
    found = [name for kind in kinds for name in offered("describe", kind)]
    known = {f"{entry.kind}/{entry.name}" for entry in builtin_registry()}
    assert sorted(found) == sorted({*known, *(f"error/{code}" for code in CODES)})


def test_the_statuses_are_those_of_runs() -> None:
    assert set(completed.STATUSES) == {*get_args(get_args(Status)[0]), "killed", "broken"}


def test_keys_are_offered_one_part_at_a_time() -> None:
    config = str(ROOT / "configs/couplet.yaml")
    assert {"data.", "train.", "seed="} <= set(offered("train", config, "--set", ""))
    assert offered("train", config, "--set", "train.epo") == ["train.epochs="]
    assert offered("train", config, "--set", "train.epochs=") == []


def test_a_plugin_of_a_config_is_not_executed(tmp_path: Path) -> None:
    (tmp_path / "plugin.py").write_text(f"open({str(tmp_path / 'executed')!r}, 'w')", encoding="utf-8")
    config = tmp_path / "mine.yaml"
    config.write_text(f"extends: {ROOT}/configs/couplet.yaml\ninclude: [plugin.py]\n", encoding="utf-8")
    assert offered("train", str(config), "--set", "") == []
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    "line",
    [
        "nlpx zzz ",
        "nlpx train no-such.yaml --set ",
        "nlpx eval --set ",
        'nlpx predict "',
        "nlpx describe 'a b",
    ],
)
def test_an_error_prints_nothing(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
    for shell in ("bash", "zsh", "nushell"):
        _complete(f"{shell}_complete")
    printed = capfd.readouterr()
    assert printed.err == ""
    assert not printed.out.strip() or line.startswith("nlpx predict")


def test_scripts_are_printed(nlpx: Nlpx) -> None:
    for shell in SHELLS:
        shown = nlpx("completion", shell)
        assert shown.code == 0
        assert f"_NLPX_COMPLETE={shell}_complete" in shown.out
    assert nlpx("completion", "tcsh").code == 2


def test_words_with_help_and_open_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMP_WORDS", "nlpx describe lo")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert Zsh(cli, {}, "nlpx", "X").complete() == "open\nloss/\n_"
    assert Bash(cli, {}, "nlpx", "X").complete() == "open,loss/"
    monkeypatch.setenv("COMP_WORDS", "nlpx eval --split=te")
    monkeypatch.setenv("COMP_CWORD", "--split=te")
    assert Fish(cli, {}, "nlpx", "X").complete() == "plain,--split=test"


@contextmanager
def terminal(command: list[str], folder: Path) -> Iterator[int]:
    """A shell with a terminal of its own; gives the file descriptor of the other end."""
    child, end = pty.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # shells ignore it in the background
        os.chdir(folder)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        fixed = {"PATH": path, "PYTHONPATH": str(ROOT), "TERM": "xterm", "PS1": "$ ", "HOME": str(folder)}
        os.execvpe(command[0], command, {**os.environ, **fixed})
    try:
        yield end
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(end)


def read_until(end: int, wanted: str, seconds: float = 60) -> str:
    """What the terminal shows until a text appears, without escape sequences."""
    shown = ""
    stop = time.monotonic() + seconds
    while wanted not in shown:
        assert time.monotonic() < stop, shown
        if select.select([end], [], [], 1)[0]:
            shown += os.read(end, 65536).decode("utf-8", "replace")
            shown = re.sub("\x1b\\[[0-9;?]*[A-Za-z]|[\x07\x08]", "", shown)
    return shown


@pytest.mark.parametrize("shell", list(STARTED))
def test_a_shell_completes(shell: str, runs: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    with terminal(STARTED[shell], runs) as end:
        os.write(end, f"{SET_UP[shell]}; echo rea''dy\n".encode())
        read_until(end, "ready\r\n")
        os.write(end, b"nlpx predict poem/\t")
        read_until(end, "poem/second")
        os.write(end, b"--spl\x15nlpx eval --split=te\t")
        read_until(end, "--split=test")
        os.write(end, b"\x15nlpx describe poste\t")
        read_until(end, "posterior/")
        os.write(end, b"au\x15nlpx train nothing.yaml --set a\t\x15echo do''ne\n")
        assert "Traceback" not in read_until(end, "done\r\n")


def test_a_shell_without_the_program_says_nothing(tmp_path: Path) -> None:
    script = Bash(cli, {}, "nlpx", "_NLPX_COMPLETE").source()
    line = f'{script}\nCOMP_WORDS=(nlpx x) COMP_CWORD=1; _nlpx_completion /no/such/nlpx; echo "${{#COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", line], capture_output=True, encoding="utf-8", check=True)
    assert (done.stdout, done.stderr) == ("0\n", "")
