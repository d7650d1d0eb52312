"""`nlpx repl`: lines from a pipe and from a terminal, wrong ones included."""

from __future__ import annotations

import io
import os
import select
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nlpx.cli.main import run
from tests.cli.program import Finished
from tests.cli.test_completion import read_until, terminal

Typed = Callable[..., Finished]
TEXTS = ("春风", "", "👍", "晚风摇树树还挺")


@pytest.fixture
def typed(finished: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    def typed(*lines: str | bytes, arguments: tuple[str, ...] = ()) -> Finished:
        text = b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
        capsys.readouterr()
        code = run(["repl", "couplet/tiny", "--root", str(finished), *arguments])
        captured = capsys.readouterr()
        return Finished(code, captured.out, captured.err)

    return typed


def test_lines_are_predicted_as_nlpx_predict_does(
    typed: Typed, finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = typed(*TEXTS)
    assert shown.code == 0
    texts = [word for text in TEXTS for word in ("--text", text)]
    assert run(["predict", "couplet/tiny", "--root", str(finished), *texts]) == 0
    assert capsys.readouterr().out == shown.out


def test_lines_of_a_pipe_in_another_character_set(typed: Typed) -> None:
    expected = typed("春风", ":set").out
    encoded = [text.encode("gb18030") for text in ("春风", ":set")]
    assert typed(*encoded, arguments=("--encoding", "gb18030")).out == expected


def test_wrong_lines_change_nothing_and_end_nothing(typed: Typed) -> None:
    wrong = [
        ":set decode.siz=2",
        ":set seed",
        ":set model.embedding.dim=8",
        ":nonsense",
        ":sample x",
        ":sample",
    ]
    shown = typed("春风", *wrong, b"\xff\xfe", ":set", "春风", ":quit", "never")
    assert shown.code == 3
    first, state, second = shown.out.splitlines()
    assert (first, state) == (second, "nothing is changed")
    assert shown.err.count("error: ") >= len(wrong) + 1
    assert "error C101: decode.siz: unknown key" in shown.err
    assert "is not UTF-8" in shown.err
    assert "7 of the lines" in shown.err


def test_values_are_set_and_reset(typed: Typed) -> None:
    shown = typed(
        ":set decode=argmax",
        ":info",
        ":set decode=couplet_rules",
        ":set",
        ":reset",
        ":set",
        "::春风",
        ":help",
    )
    assert shown.code == 0, shown.err
    lines = shown.out.splitlines()
    assert "decode.type: argmax" in lines
    assert lines[lines.index("decode=couplet_rules") + 1] == "nothing is changed"
    assert any(line.startswith(":set KEY=VALUE") for line in lines)


def test_layers_are_shown_for_the_last_text_or_another(typed: Typed) -> None:
    shown = typed(
        ":probe", "春风", ":probe", ":probe embedding", ":probe embedding 晚风摇树", ":probe embeding"
    )
    assert shown.code == 3
    assert "there is no text yet" in shown.err and "embeding: the model computes no such layer" in shown.err
    assert shown.err.count("loading the layers") == 1
    rows = [line.split() for line in shown.out.splitlines() if line.startswith("embedding ")]
    assert [row[1].split("x")[1] for row in rows][-1] == "4"
    assert len(rows[0]) == 4 and len(rows[-1]) == 6  # calls in the list; else minimum, mean and maximum


def cancel_line(end: int) -> None:
    """Press Ctrl-C until there is a new prompt.

    Python notices a signal that comes just before readline waits for a key only at the next key, so one press
    may be lost on a busy machine.
    """
    for _ in range(60):
        os.write(end, b"\x03")
        if select.select([end], [], [], 1)[0]:
            break
    read_until(end, "> ")


def test_a_terminal_cancels_a_line_and_remembers_others(finished: Path, tmp_path: Path) -> None:
    history = tmp_path / ".local" / "state" / "nlpx" / "repl_history"
    history.parent.mkdir(parents=True)
    history.write_text(":info\n", encoding="utf-8")
    command = [sys.executable, "-m", "nlpx", "repl", "couplet/tiny", "--root", str(finished)]
    with terminal(command, tmp_path) as end:
        read_until(end, "> ")
        os.write(end, b"not this one")
        read_until(end, "not this one")
        cancel_line(end)
        os.write(end, b"\x1b[A\n")  # the last line of an earlier session
        read_until(end, "task: couplet")
        os.write(end, b":hel\n")
        read_until(end, "written ::\r\n> ")
        os.write(end, b"\x1b[A\x7f\x7f\x7fset\n")  # the last line, changed
        read_until(end, "nothing is changed\r\n> ")
        os.write(end, b"\x04")
        with pytest.raises(OSError):
            while os.read(end, 4096):
                pass
    assert history.read_text(encoding="utf-8").splitlines()[-2:] == [":hel", ":set"]
