"""The file of what intervals are computed from where predictions files lack it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlpx.components.metrics.resampled import RowValues
from nlpx.errors import DamagedRun
from nlpx.runs.row_values import NAME, read_row_values, row_values_text
from tests.runs.making import make_run


def test_values_are_read_as_they_were_written(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    assert read_row_values(run, "test", {"": 3}) == {}
    run.make_eval_folder()
    whole = RowValues({"mrr": np.array([1.0, np.nan, 1 / 3])}, np.array([0, 1, 0]))
    part = RowValues({"x": np.array([0.25, 7e-9])})
    text = row_values_text({"": [whole], "seen": [part], "unseen": []})
    run.metric_file("test", NAME).write_text(text, encoding="utf-8")
    found = read_row_values(run, "test", {"": 3, "seen": 2})
    assert {*found} == {"", "seen"}
    ((first,), (second,)) = found[""], found["seen"]
    assert first.by_name["mrr"] == pytest.approx(whole.by_name["mrr"], nan_ok=True)
    assert first.units is not None and first.units.tolist() == [0, 1, 0]
    assert second.by_name["x"] == pytest.approx(part.by_name["x"]) and second.units is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not the values of rows"),
        ("[]", "not the values of rows"),
        ('{"subset": "", "columns": {"mrr": ["x", 1, 2]}, "units": null}', "not the values of rows"),
        ('{"subset": "", "columns": {"mrr": [1, 2]}, "units": null}', "it is not of the 3 rows"),
        ('{"subset": "", "columns": {"mrr": [1, 2, 3]}, "units": [0]}', "it is not of the 3 rows"),
    ],
)
def test_a_damaged_file_is_an_error(tmp_path: Path, text: str, reason: str) -> None:
    run = make_run(tmp_path)
    run.make_eval_folder()
    run.metric_file("test", NAME).write_text(text + "\n", encoding="utf-8")
    with pytest.raises(DamagedRun, match=reason) as caught:
        read_row_values(run, "test", {"": 3})
    assert "Evaluate the run again" in str(caught.value)
