"""How problems are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nlpx.config.problems import CODES, Problem
from nlpx.config.source import EXCERPT_COLUMNS, Mark, Source, display_width
from tests.config.conftest import Problems

ALL_AT_ONCE = """\
task: couplet
sed: 2026
data:
  source: {type: builtin, name: couplet}
  max_lenth: 16
vocabulary: {min_count: ２}
model:
  embedding: {dim: "128", dropout: 1.25}
  head: crf
optimizer: {type: adamm}
tricks: ema
metrics: [char_accuracy, nll, rule_violation, nll]
train: {epochs: 1e3, evaluate_every: epok, deterministic: yes}
samples: [晚风摇树树还挺, 12]
decode: {type: viterbi}
"""


def test_every_problem_is_told_at_once_and_in_order(problems: Problems) -> None:
    found = problems(ALL_AT_ONCE)
    assert [(p.mark.line, p.code, p.path) for p in found] == [
        (2, "C101", "sed"),
        (5, "C101", "data.max_lenth"),
        (6, "C103", "vocabulary.min_count"),
        (8, "C103", "model.embedding.dim"),
        (8, "C105", "model.embedding.dropout"),
        (9, "C201", "model.head"),
        (10, "C106", "optimizer.type"),
        (11, "C103", "tricks"),
        (12, "C106", "metrics.2"),
        (13, "C103", "train.epochs"),
        (13, "C104", "train.evaluate_every"),
        (13, "C103", "train.deterministic"),
        (14, "C103", "samples.1"),
        (15, "C202", "decode"),
    ]


def test_one_problem_in_full(problems: Problems, tmp_path: Path) -> None:
    (problem,) = problems("task: couplet\nname: 晚风  # 名字\n".replace("晚风", "晚 风"))
    assert str(problem).splitlines() == [
        f"{tmp_path / 'c.yaml'}:2:7: error C108: name: a string of the wrong form; "
        'got the string "晚 风", expected a string that matches ^[\\w.-]+$',
        "    name: 晚 风  # 名字",
        "          ^",
    ]


def test_the_caret_stands_under_wide_characters(problems: Problems) -> None:
    (problem,) = problems("task: couplet\nsamples: [晚风摇树树还挺, 12]\n")
    _, line, caret = str(problem).splitlines()
    assert display_width(caret) - 1 == display_width(line[: line.index("12")])
    assert problem.mark.column == line.strip().index("12") + 1


def test_long_lines_are_cut_around_the_place() -> None:
    text = "x" * 500 + "HERE" + "y" * 500
    line, caret = Mark(Source("c", text, Path()), 500).excerpt()
    assert len(line) <= EXCERPT_COLUMNS + len("    ……")
    assert line[caret.index("^") :].startswith("HERE")


@pytest.mark.parametrize(
    ("text", "index", "place", "line"),
    [
        ("a\nb", 2, (2, 1), "b"),
        ("a\r\nb", 3, (2, 1), "b"),
        ("a\r\nb", 1, (1, 2), "a"),
        ("a\r\nb", 2, (1, 3), "a"),
        ("a\n", 2, (2, 1), ""),
        ("\tx\x07", 1, (1, 2), "    x·"),
        ("", 0, (1, 1), None),
    ],
)
def test_marks(text: str, index: int, place: tuple[int, int], line: str | None) -> None:
    mark = Mark(Source("c", text, Path()), index)
    assert (mark.line, mark.column) == place
    assert mark.excerpt()[:1] == ([] if line is None else [f"    {line}".rstrip()])


def test_problems_without_a_text_name_the_file_alone() -> None:
    mark = Mark(Source("c.yaml", "", Path()), 0)
    assert str(Problem("C001", mark, "", "cannot be read")) == "c.yaml: error C001: cannot be read"


def test_json_has_the_same_parts(problems: Problems, tmp_path: Path) -> None:
    (problem,) = problems("task: couplet\nsed: 1\n")
    told = problem.to_json()
    assert (told["source"], told["line"], told["column"]) == (str(tmp_path / "c.yaml"), 2, 1)
    assert (told["code"], told["path"], told["advice"]) == ("C101", "sed", "did you mean seed?")


def test_every_code_is_used_and_every_used_code_is_documented() -> None:
    folder = Path(__file__).resolve().parents[2] / "nlpx"
    used = {
        code
        for path in (*folder.glob("config/*.py"), *folder.glob("sweeps/*.py"))
        for code in re.findall(r'"(C\d{3})"(?!:)', path.read_text(encoding="utf-8"))
    }
    assert used == set(CODES)
