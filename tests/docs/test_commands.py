"""Every command that a page, a config or a help text shows does what it is shown for."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from nlpx.cli.main import run as run_line
from nlpx.components.sources.builtin import Builtin
from nlpx.config.load import load_experiment
from nlpx.sweeps.load import load_sweep
from tests.cli.program import Nlpx
from tests.docs.commands import NAMES, Command, Unclassified, Way, all_commands, of_span, script_of
from tests.docs.conftest import Place
from tests.docs.curl import sent
from tests.docs.meanings import different, parse
from tests.docs.pages import ROOT, Span, read
from tests.docs.stand_ins import ALSO, OTHER_FILES, TASKS

OPENS_RUNS = (
    "nlpx eval",
    "nlpx predict",
    "nlpx export",
    "nlpx probe",
    "nlpx report",
    "nlpx card",
    "nlpx runs plot",
    "nlpx data label",
    "nlpx runs list",
    "nlpx runs show",
    "nlpx runs compare",
    "nlpx config diff",
    "nlpx runs tag",
    "nlpx runs note",
    "nlpx runs rm",
    "nlpx runs restore",
    "nlpx runs archive",
)
NEW_FILES = {
    "nlpx new": "",
    "nlpx data export": "--output",
    "nlpx data import": "--output",
    "nlpx data label": "--output",
    "nlpx export": "--output",
}
"""Commands that insist on making a file: the option that names it; empty for the last argument."""


@pytest.mark.parametrize(
    "group", list(different(all_commands())), ids=lambda group: f"{group[0].where}-{group[0].way}"
)
def test_it_works(
    group: tuple[Command, ...], place: Place, nlpx: Nlpx, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command in group:
        opens = command.way == "serve" or (command.way == "run" and command.path in OPENS_RUNS)
        monkeypatch.chdir(place(command.task, opens))
        if command.way == "run":
            run(command, nlpx)
        else:
            TRIED[command.way](command)


def run(command: Command, nlpx: Nlpx) -> None:
    argv = [
        name
        for word in command.argv
        for name in (sorted(map(str, Path().glob(word))) if "*" in word else [word])
    ]
    for option, others in OTHER_FILES.items():
        argv = [others.get(word, word) if option in argv else word for word in argv]
    if command.path in NEW_FILES:
        option = NEW_FILES[command.path]
        _put_away(Path(argv[argv.index(option) + 1] if option in argv else argv[-1]))
    shown = nlpx(*argv, *ALSO.get(command.path, ()))
    assert shown.code == 0, f"{command.where}: nlpx {' '.join(argv)}\n{shown.err}"
    assert shown.out.strip() or "--output" in argv


def _put_away(made: Path) -> None:
    """What another command has made under the same name."""
    if made.is_dir():
        shutil.rmtree(made)
    made.unlink(missing_ok=True)


def load(command: Command) -> None:
    given = parse(command).params
    if given["resume"] is not None:
        assert given["config"] is None
        return
    options = (given["config"], given["overrides"], given["includes"])
    experiment = load_experiment(*options, moved=True).experiment
    if isinstance(experiment.data.source, Builtin):
        load_experiment(*options)


def sweep(command: Command) -> None:
    given = parse(command).params
    load_sweep(given["path"], given["overrides"], given["includes"])


def options(command: Command) -> None:
    parse(command)


def mention(command: Command) -> None:
    assert command.path in NAMES


def make(command: Command) -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert phony is not None
    assert set(command.argv[0].split()[1:]) <= set(phony[1].split())


def script(command: Command) -> None:
    text = script_of(command).read_text(encoding="utf-8")
    options = {word.split("=")[0] for word in command.argv[0].split() if word.startswith("--")}
    assert {option for option in options if f'"{option}"' not in text} == set()


def extra(command: Command) -> None:
    found = re.fullmatch(r"pip install -e '\.\[(\w+)\]'", command.argv[0])
    assert found is not None, "what is installed is this checkout"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert found[1] in project["optional-dependencies"]


def shell(command: Command) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command.argv[0]], cwd="data", capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert Path("data", command.argv[0].rpartition("> ")[2]).stat().st_size > 0


def setup(command: Command) -> None:
    assert command.argv[0].startswith(("git clone <", "cd nlpx", ". .venv/bin/activate"))


def serve(command: Command) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nlpx.serving.server.serve", lambda app, listening, limits: None)
        assert run_line([*command.argv, "--port", "0"]) == 0


def curl(command: Command) -> None:
    found = sent(command.argv[0])
    assert found.status_code == 200
    assert not any("error" in row for row in found.json()["predictions"])


TRIED: dict[Way, Callable[[Command], None]] = {
    "load": load,
    "sweep": sweep,
    "mention": mention,
    "options": options,
    "make": make,
    "script": script,
    "extra": extra,
    "shell": shell,
    "setup": setup,
    "serve": serve,
    "curl": curl,
}


def test_all_tasks_and_ways_are_met() -> None:
    """The collector reads what it is meant to read: tables, blocks, indented blocks, code over two lines, comments."""
    found = [command for group in all_commands() for command in group]
    assert {command.way for command in found} == {"run", *TRIED}
    assert {command.task for command in found if command.way == "run"} == set(TASKS)
    shown = {(command.where.partition(":")[0], command.shown) for command in found}
    assert shown >= {
        ("README.zh-CN.md", "nlpx train 配置 [--set k=v]... [--dry-run]"),
        ("README.md", "make lint"),
        ("docs/dogs.md", "nlpx predict --input images"),
        ("configs/poem/original.yaml", "nlpx train configs/poem/original.yaml --set data.root=FOLDER"),
        ("nlpx list --help", "nlpx list encoder"),
    }


@pytest.mark.parametrize(
    "text", ["nlpx trian configs/couplet.yaml", "nlpx data show FILE", "--no-such-option"]
)
def test_what_no_rule_knows_is_refused(text: str) -> None:
    with pytest.raises(Unclassified, match=r"README\.md:1: "):
        list(of_span(Span("README.md", 1, "", text), []))


def test_code_over_two_lines_is_one(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("text `nlpx eval\n--reference` text\n\n| `nlpx runs list\\|show` |\n", encoding="utf-8")
    spans = [item for item in read(str(page)) if isinstance(item, Span)]
    assert [(span.line, span.text) for span in spans] == [
        (1, "nlpx eval --reference"),
        (4, "nlpx runs list|show"),
    ]
