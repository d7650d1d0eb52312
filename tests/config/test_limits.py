"""Configs that ask for more than a config may: refused soon, in little memory, with the limit that they exceed."""

from __future__ import annotations

import difflib
import os
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest

from nlpx.config import files
from nlpx.config.files import LARGEST_FILE, MOST_BASES, read_source, read_tree
from nlpx.config.interpolate import LONGEST_TEXT, interpolate
from nlpx.config.load import load_experiment
from nlpx.config.nodes import MappingNode
from nlpx.config.parse import parse
from nlpx.config.problems import LONGEST_PART, MOST_LISTED, ConfigProblems, Problem
from nlpx.config.source import Mark, Source
from tests.config.conftest import Problems

TASK = "task: couplet\n"


def refused(path: Path) -> ConfigProblems:
    with pytest.raises(ConfigProblems) as caught:
        load_experiment(path, moved=True)
    return caught.value


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file is read, by name."""
    counted: Counter[str] = Counter()

    def counting(path: Path) -> Source:
        counted[path.name] += 1
        return read_source(path)

    monkeypatch.setattr(files, "read_source", counting)
    return counted


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (problem,) = refused(tmp_path / "pipe.yaml").problems
    assert (problem.code, problem.what) == ("C001", "cannot be read: it is a pipe, not a regular file")
    (problem,) = refused(written(tmp_path / "top.yaml", TASK + "extends: pipe.yaml\n")).problems
    expected = f"{tmp_path / 'pipe.yaml'} cannot be read: it is a pipe, not a regular file"
    assert (problem.code, problem.mark.line, problem.what) == ("C009", 2, expected)


def test_a_device_is_not_read(tmp_path: Path) -> None:
    (problem,) = refused(Path("/dev/zero")).problems
    assert (problem.code, problem.what) == ("C001", "cannot be read: it is a device, not a regular file")
    (problem,) = refused(written(tmp_path / "top.yaml", TASK + "extends: /dev/zero\n")).problems
    assert (problem.code, problem.what) == (
        "C009",
        "/dev/zero cannot be read: it is a device, not a regular file",
    )


def test_files_that_double_at_each_level_are_read_once(tmp_path: Path, reads: Counter[str]) -> None:
    depth = 12
    for level in range(depth):
        below = f"f{level + 1}.yaml"
        written(tmp_path / f"f{level}.yaml", f"extends: [{below}, ./{below}]\ninclude: p{level}.py\n")
    written(tmp_path / f"f{depth}.yaml", "seed: 3\ninclude: last.py\n")
    _, tree, problems = read_tree(tmp_path / "f0.yaml")
    assert problems == []
    assert tree.plain() == {
        "seed": 3,
        "include": ["last.py", *(f"p{level}.py" for level in reversed(range(depth)))],
    }
    assert reads == {f"f{level}.yaml": 1 for level in range(depth + 1)}


def test_files_that_double_under_new_names_are_limited(tmp_path: Path, reads: Counter[str]) -> None:
    for link in ("a", "b"):
        (tmp_path / link).symlink_to(".")
    for level in range(12):
        written(tmp_path / f"f{level}.yaml", f"extends: [a/f{level + 1}.yaml, b/f{level + 1}.yaml]\n")
    written(tmp_path / "f12.yaml", TASK)
    (problem,) = refused(tmp_path / "f0.yaml").problems
    assert (problem.code, problem.what) == ("C009", f"more than {MOST_BASES} files are extended in total")
    assert reads.total() <= MOST_BASES + 1


def test_all_files_together_are_no_larger_than_one(tmp_path: Path) -> None:
    for name in ("one", "two"):
        written(tmp_path / f"{name}.yaml", "#" * (LARGEST_FILE * 2 // 3) + f"\nvars: {{{name}: 1}}\n")
    top = written(tmp_path / "top.yaml", TASK + "extends: [one.yaml, two.yaml]\n")
    (problem,) = refused(top).problems
    assert (problem.code, problem.mark.source.name) == ("C008", str(tmp_path / "two.yaml"))
    assert "1,048,576 characters in total" in problem.what


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 18)), "100,000 values"),
        ("name: " + "[" * 50_000 + "]" * 50_000 + "\n", "20 levels"),
        ("name:\n" + "- " * 50_000 + "\n", "20 levels"),
        ("vars: {b: &b " + "x" * 500_000 + "}\nsamples: [" + "*b, " * 1000 + "]\n", "4,194,304 characters"),
        ("vars: {b: " + "x" * 500_000 + "}\nsamples: [" + "'${vars.b}', " * 1000 + "]\n", "4,194,304 characters"),
        ("vars: {b: [" + "x, " * 2000 + "]}\nsamples: [" + "'${vars.b}', " * 1000 + "]\n", "100,000 values"),
    ],
)  # fmt: skip
def test_trees_that_spread_out_name_the_limit(problems: Problems, text: str, limit: str) -> None:
    found = problems(TASK + text, moved=True)
    assert found[0].code == "C008"
    assert limit in found[0].what


def test_merged_files_are_limited_like_one(tmp_path: Path) -> None:
    """What is small as text and as one tree is large when many such files are laid over one another."""
    bases = [f"b{number}.yaml" for number in range(12)]
    for name in bases:
        spread = "".join(f"    k{i}: *inner\n" for i in range(100))
        written(tmp_path / name, f"vars:\n  x: &inner [{'1, ' * 99}]\n  {name[:-5]}:\n{spread}")
    (problem, *_) = refused(written(tmp_path / "top.yaml", f"{TASK}extends: [{', '.join(bases)}]\n")).problems
    assert (problem.code, problem.path) == ("C008", "extends")
    assert problem.what == "with the files it extends, it contains more than 100,000 values"


@pytest.mark.parametrize("text", ["a: '" + "${env:B}" * 400 + "'\n", "a: [" + "'${env:B}a', " * 400 + "]\n"])
def test_texts_do_not_grow_without_bound(text: str) -> None:
    tree, _ = parse(Source("c.yaml", text, Path("/")))
    assert isinstance(tree, MappingNode)
    environment = {"B": "x" * 500_000}
    tracemalloc.start()
    (problem,) = interpolate(tree, environment).problems
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (problem.code, problem.what) == (
        "C010",
        f"references insert more than {LONGEST_TEXT:,} characters into strings",
    )
    assert peak < 4 * LONGEST_TEXT


def test_values_of_the_environment_do_not_grow_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("B", "x" * 100_000)
    tree, _ = parse(Source("c.yaml", "samples: [" + "'${env:B}', " * 1000 + "]\n", Path("/")))
    assert isinstance(tree, MappingNode)
    tracemalloc.start()
    found = interpolate(tree, os.environ)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    (problem,) = found.problems
    assert found.tree.plain() == {}
    assert (problem.code, "4,194,304 characters" in problem.what) == ("C008", True)
    assert peak < 4 * LONGEST_TEXT


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("seed: 1\n" * 1000, "C006"),
        ("".join(f"unknown_key_{i}: 1\n" for i in range(1000)), "C101"),
        ("model:\n  encoder:\n" + "".join(f"    - {{type: conv, f{i}: 1}}\n" for i in range(1000)), "C101"),
        ("metrics: [" + ", ".join(f"metric{i}" for i in range(1000)) + "]\n", "C106"),
        ("metrics: [" + "nll, " * 1000 + "]\n", "C210"),
        ("samples: [" + "3, " * 1000 + "]\n", "C103"),
        ("samples: [" + "'${vars.b}', " * 1000 + "]\n", "C010"),
    ],
)
def test_a_hundred_problems_are_told_and_the_others_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, code: str
) -> None:
    compared = 0
    ratio = difflib.SequenceMatcher.ratio

    def counting(matcher: difflib.SequenceMatcher[str]) -> float:
        nonlocal compared
        compared += 1
        return ratio(matcher)

    monkeypatch.setattr(difflib.SequenceMatcher, "ratio", counting)
    error = refused(written(tmp_path / "c.yaml", TASK + text))
    assert len(error.problems) == MOST_LISTED
    assert [problem.code for problem in error.problems].count(code) >= MOST_LISTED - 1
    assert 890 <= error.more <= 901
    assert str(error).endswith(f"\n... and {error.more:,} more problems")
    # Looking for the nearest name takes longest: for those only that are told.
    assert compared <= 60 * MOST_LISTED


def test_of_few_problems_none_is_cut(problems: Problems) -> None:
    text = TASK + "".join(f"unknown_key_{i}: 1\n" for i in range(MOST_LISTED))
    assert len(problems(text)) == MOST_LISTED


def test_a_long_word_is_shown_cut_and_without_control_characters(problems: Problems) -> None:
    (problem,) = problems(TASK + '"' + "k" * 5000 + '\\e[31m": 1\n')
    assert len(str(problem)) < 2 * LONGEST_PART
    (problem,) = problems(TASK + '"a\\e[31mb": 1\n')
    assert "error C101: a·[31mb: unknown key" in str(problem)
    assert "\x1b" not in str(problem)
    assert problem.to_json()["path"] == "a\x1b[31mb"


def test_an_alias_of_nothing_shows_some_of_the_anchors(problems: Problems) -> None:
    text = "samples:\n" + "".join(f"  - &a{i} x\n" for i in range(5000)) + "  - *zz\n"
    (problem,) = problems(TASK + text)
    assert problem.expected.startswith("&a0, &a1, ") and problem.expected.endswith("&a19, ...")


def test_lines_are_counted_alike_for_every_line_break() -> None:
    text = "a\nb\r\nc\rd\n\n\re"
    lines = {index: problem_at(text, index) for index in range(len(text))}
    assert lines == {
        0: (1, 1), 1: (1, 2),
        2: (2, 1), 3: (2, 2), 4: (2, 3),
        5: (3, 1), 6: (3, 2),
        7: (4, 1), 8: (4, 2),
        9: (5, 1),
        10: (6, 1),
        11: (7, 1),
    }  # fmt: skip


def problem_at(text: str, index: int) -> tuple[int, int]:
    place = Problem("C004", mark_at(text, index), "", "x").to_json()
    return int(place["line"]), int(place["column"])


def mark_at(text: str, index: int) -> Mark:
    return Mark(Source("c.yaml", text, Path("/")), index)
