"""Metrics as a table."""

from __future__ import annotations

import pytest

from nlpx.cli.tables import BLANK, facts, folded_lines, metric_lines, print_metrics, table

METRICS = {
    "nll": 3.5,
    "errors": 0.0,
    "rule_violations": 0.0,
    "f1": float("nan"),
    "recall": float("nan"),
    "seen/nll": 2.25,
    "seen/errors": 0.0,
    "seen/rule_violations": 0.0,
    "seen/f1": float("nan"),
}


def test_rows_that_are_zero_or_not_measured_in_every_column_share_a_line() -> None:
    assert metric_lines("test", METRICS, {}) == [
        "       test    seen",
        "nll  3.5000  2.2500",
        "0 in every column: errors, rule_violations",
        "not measured: f1, recall",
    ]


def test_a_row_with_any_other_number_stays() -> None:
    lines = metric_lines("test", METRICS | {"seen/errors": 0.5, "f1": 0.0}, {"jieba": {"recall": 0.25}})
    assert lines == [
        "                   test    seen   jieba",
        "nll              3.5000  2.2500",
        "errors           0.0000  0.5000",
        "rule_violations  0.0000  0.0000",
        "f1               0.0000     nan",
        "recall              nan          0.2500",
    ]


def test_print(capsys: pytest.CaptureFixture[str]) -> None:
    print_metrics("test", {"nll": 1.0}, {})
    assert capsys.readouterr().out == "       test\nnll  1.0000\n"


def test_a_table_that_is_too_wide_is_shown_in_parts() -> None:
    groups = {f"group {i}/nll": float(i) for i in range(5)}
    assert metric_lines("test", {"nll": 1.0, "f1": 0.5} | groups, {}, width=30) == [
        "       test  group 0  group 1",
        "nll  1.0000   0.0000   1.0000",
        "f1   0.5000",
        "",
        "     group 2  group 3  group 4",
        "nll   2.0000   3.0000   4.0000",
        "f1",
    ]


def test_only_columns_that_may_be_are_folded() -> None:
    rows = [["run", "best"], ["对联的一次训练", "验证集上的分数 5.0000"]]
    assert table(rows) == ["run                              best", "对联的一次训练  验证集上的分数 5.0000"]
    folded = [
        "run                 best",
        "对联的一次训练  验证集上",
        "                  的分数",
        "                  5.0000",
    ]
    assert table(rows, fold=(1,), width=24) == folded
    assert table(rows, fold=(1,), width=3) == folded  # nothing is cut
    assert table(rows, width=3) == table(rows)


def test_a_blank_can_take_its_place() -> None:
    assert table([["", f"a{BLANK}"], ["x", f"1.5{BLANK}"], ["y", "10.5*"]]) == [
        "      a",
        "x   1.5",
        "y  10.5*",
    ]


def test_facts() -> None:
    pairs = [
        ("路径", "/a/path/that/is/longer/than/the/line"),
        ("on", "one two three"),
        ("command", "nlpx a b c d e"),
    ]
    assert facts(pairs, indent=1) == [
        " 路径     /a/path/that/is/longer/than/the/line",
        " on       one two three",
        " command  nlpx a b c d e",
    ]
    assert facts(pairs, 20, indent=1, whole=("command",)) == [
        " 路径     /a/path/that/is/longer/than/the/line",
        " on       one two",
        "          three",
        " command  nlpx a b c d e",
    ]


def test_words_are_not_divided() -> None:
    assert folded_lines("春眠不觉晓，处处闻啼鸟。 夜来风雨声 x y", 12) == [
        "春眠不觉晓，处处闻啼鸟。",
        "夜来风雨声 x",
        "y",
    ]
    assert folded_lines("", 12) == [""]
