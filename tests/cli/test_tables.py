"""Metrics as a table."""

from __future__ import annotations

import pytest

from nlpx.cli.tables import metric_lines, print_metrics

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
        "nll              3.5000  2.2500        ",
        "errors           0.0000  0.5000        ",
        "rule_violations  0.0000  0.0000        ",
        "f1               0.0000     nan        ",
        "recall              nan          0.2500",
    ]


def test_print(capsys: pytest.CaptureFixture[str]) -> None:
    print_metrics("test", {"nll": 1.0}, {})
    assert capsys.readouterr().out == "       test\nnll  1.0000\n"
