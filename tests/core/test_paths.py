"""Paths where something else is than a command expects, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.core.paths import absent_file, why_absent, why_no_folder
from tests.cli.program import Finished, Nlpx, nlpx

__all__ = ["nlpx"]


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a file, a folder, and a link to nothing."""
    (tmp_path / "file").write_text("春\t风\n", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "ok.yaml").write_text("task: couplet\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


LINK = "it is a link to nowhere, and nothing is there"
INSIDE = "file is a file, not a folder"


def test_reasons(places: Path) -> None:
    assert why_absent(Path("gone")) == why_absent(Path("folder/gone/x")) == "there is no such file"
    assert why_absent(Path("x" * 300), "folder") == "there is no such folder"
    assert why_absent(Path("a\0b")) == "there is no such file"
    assert why_absent(Path("link")) == why_no_folder(Path("link")) == LINK
    assert why_absent(Path("file/a/b")) == why_no_folder(Path("file/a/b")) == INSIDE
    assert why_absent(Path("link/a")) == "link is a link to nothing, not a folder"
    assert why_no_folder(Path("file")) == "it is a file, not a folder"
    assert why_no_folder(Path("/dev/null")) == "it is a device, not a folder"
    assert (absent_file(Path("gone")), absent_file(Path("link"))) == (
        "there is no file gone",
        f"link: {LINK}",
    )


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        ("predict file --text 春", 2, "file: it is a file, not a folder. Expected a run"),
        ("predict link --text 春", 2, f"link: {LINK}. Expected a run"),
        ("predict file/x --text 春", 2, f"file/x: {INSIDE}. Expected a run"),
        ("train --resume file", 2, "file: it is a file, not a folder"),
        ("runs rm file", 2, "file: it is a file, not a folder"),
        ("runs list --root file", 2, "file: it is a file, not a folder"),
        ("runs list --root link", 2, f"link: {LINK}"),
        ("runs list --root file/x", 0, "there are no runs under"),
        ("eval --data-root file", 2, "file: it is a file, not a folder"),
        ("check link", 2, f"link: error C001: cannot be read: {LINK}"),
        ("check file/x", 2, f"file/x: error C001: cannot be read: {INSIDE}"),
        ("sweep link", 2, f"link: error C001: cannot be read: {LINK}"),
        ("data import link --task couplet", 2, f"link: {LINK}"),
        ("data import file/x --task couplet", 2, f"file/x: {INSIDE}"),
        ("data groups link --output made", 3, f"link: {LINK}. Expected a file of labelled pairs"),
        ("check ok.yaml --set init.from=file", 2, "file: it is a file, not a folder"),
        ("check ok.yaml --set init.from=link", 2, f"link: {LINK}"),
        ("check ok.yaml --set model.embedding.pretrained=link", 2, f"link: {LINK}"),
        ("check ok.yaml --set model.embedding.pretrained=file/x", 2, INSIDE),
        ("check ok.yaml --set model.embedding.pretrained=folder", 2, "folder is a folder, not a file"),
    ],
)
def test_commands(nlpx: Nlpx, places: Path, words: str, code: int, reason: str) -> None:
    check(nlpx(*words.split()), code, reason)


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["data", "import", "X", "--task", "couplet"], 2, "there is no such file or folder"),
        (
            ["data", "groups", "X", "--output", "made"],
            3,
            "there is no such file. Expected a file of labelled",
        ),
        (["data", "export", "ok.yaml", "--output", "X/x"], 4, "File name too long"),
        (["check", "ok.yaml", "--set", "init.from=X"], 2, "there is no run or checkpoint"),
        (["check", "ok.yaml", "--set", "data.source={type: pairs, train: X}"], 2, "there is no file"),
        (["average", "X", "X"], 2, "there is no run"),
    ],
)
def test_what_the_system_refuses_to_look_at(
    nlpx: Nlpx, places: Path, words: list[str], code: int, reason: str
) -> None:
    """A name that is too long, as a folder without permission: `pathlib` raises instead of answering."""
    check(nlpx(*(word.replace("X", "x" * 300) for word in words)), code, reason)


def check(done: Finished, code: int, reason: str) -> None:
    shown = " ".join((done.err + done.out).replace("│", " ").split())
    assert (done.code, reason in shown) == (code, True), shown
