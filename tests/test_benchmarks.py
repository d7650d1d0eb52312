"""Benchmarks: programs that are compared take turns in processes of their own; what is missing is told in a line."""

from __future__ import annotations

import ast
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "benchmarks"
NAMES = sorted(set(re.findall(r"benchmarks/(\w+)\.py", (FOLDER / "RESULTS.md").read_text(encoding="utf-8"))))
OTHERS = {"torch": "PyTorch", "torchcrf": "pytorch-crf"}

TOY = """\
import os, sys
from turns import children, medians, serve, timed

if "--child" in sys.argv:
    name = sys.argv[sys.argv.index("--child") + 1]
    print("noise of a framework", end="")
    print("and its last words", file=sys.stderr)
    def fail(): os._exit(7)
    log = open(sys.argv[-1], "a")
    def call(): log.write(name[0]); log.flush()
    serve({"name": lambda: [name, os.getpid()], "call": timed(call), "fail": fail})
else:
    with children(["one", "two"], [sys.argv[-1]]) as programs:
        (first, a), (second, b) = (program.ask("name") for program in programs)
        assert (first, second) == ("one", "two") and len({a, b, os.getpid()}) == 3
        print(len(medians(programs, "call", 2)))
        if sys.argv[1] == "fail":
            programs[1].ask("fail")
"""


def benchmark(monkeypatch: pytest.MonkeyPatch, name: str, *arguments: str) -> str | int | None:
    """Run a benchmark in this process; gives what it exits with: a message, or a code."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setattr(sys, "argv", [str(FOLDER / f"{name}.py"), *arguments])
    # Benchmarks set numbers of threads, which later tests must not hand to their children.
    with pytest.raises(SystemExit) as caught, patch.dict(os.environ):
        runpy.run_path(sys.argv[0], run_name="__main__")
    return caught.value.code


def toy(folder: Path, mode: str) -> subprocess.CompletedProcess[str]:
    (folder / "toy.py").write_text(TOY, encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(folder / "toy.py"), mode, str(folder / "calls.txt")],
        env={"PYTHONPATH": str(FOLDER)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_programs_take_turns_in_processes_of_their_own(tmp_path: Path) -> None:
    done = toy(tmp_path, "fine")
    assert (done.returncode, done.stdout, done.stderr) == (0, "2\n", "")
    # Three turns of thirteen calls each, the first to compile.
    assert (tmp_path / "calls.txt").read_text() == ("o" * 13 + "t" * 13) * 3


def test_a_program_that_dies_is_named_with_what_it_said(tmp_path: Path) -> None:
    done = toy(tmp_path, "fail")
    assert done.returncode == 1
    assert done.stderr == "two ended with 7 when asked for fail:\nand its last words\n\n"


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_of_the_results_is_there_and_says_what_it_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert benchmark(monkeypatch, name, "--help") == 0
    assert f"python benchmarks/{name}.py" in capsys.readouterr().out


def test_a_package_that_is_missing_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchcrf", None)
    told = str(benchmark(monkeypatch, "crf"))
    assert told.startswith("crf.py needs pytorch-crf, which is not installed: pip install torch")
    assert "\n" not in told


@pytest.mark.parametrize("arguments", [[], ["--torch", "gone/python"]])
def test_an_environment_of_another_framework_that_is_missing_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    told = str(benchmark(monkeypatch, "torch_twins", *arguments))
    assert told.startswith("torch_twins.py") and "torch" in told and "\n" not in told


@pytest.mark.parametrize(
    ("name", "arguments", "missing"),
    [
        ("claims", ["--train", "prior", "--data", "."], "title/xwlb_train.jsonl.gz"),
        ("recipes", ["--train", "similarity", "--data", "."], "similarity/groups_train.tsv.gz"),
        ("self_training", ["--data", "."], "dogs/train"),
        ("jieba_reference", ["gone.txt"], "gone.txt"),
        ("predict", ["gone", "gone.txt"], "gone.txt"),
        ("sentence_search", ["--run", "gone"], "gone"),
    ],
)
def test_a_corpus_or_run_that_is_missing_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, arguments: list[str], missing: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told = str(benchmark(monkeypatch, name, *arguments))
    assert told.startswith(f"{name}.py") and missing in told
    assert "\n" not in told


def test_killed_runs_are_found_with_bundles(tmp_path: Path) -> None:
    """A bundle has files of the same names as its run."""
    for folder in (tmp_path / "couplet" / "run", tmp_path / "couplet" / "run" / "bundle"):
        folder.mkdir(parents=True)
        (folder / "resolved.yaml").touch()
    assert runpy.run_path(str(FOLDER / "resume.py"))["run_of"](tmp_path) == tmp_path / "couplet" / "run"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_no_function_imports_two_frameworks(path: Path) -> None:
    """Nor does a module at its top; what one function of a script imports, a child of its own runs."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    scopes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert not imported(*tree.body) & {"torch", "torchcrf", "tensorflow"}
    for scope in scopes:
        found = imported(*ast.walk(scope))
        assert not (found & set(OTHERS) and found & {"tensorflow", "keras"}), scope.name


def imported(*nodes: ast.AST) -> set[str]:
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}
