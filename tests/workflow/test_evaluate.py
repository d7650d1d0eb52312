"""Files of an evaluation are written into the run, whatever became of its folder since it was opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.errors import EnvironmentProblem
from nlpx.runs.directory import RunDirectory
from nlpx.workflow.evaluate import _together
from tests.runs.making import make_run


def _link(run: RunDirectory, outside: Path) -> None:
    if run.eval_folder.is_dir():
        run.eval_folder.rename(run.path / "moved")
    run.eval_folder.symlink_to(outside)


@pytest.mark.parametrize("before", [True, False])
def test_nothing_is_written_through_a_folder_that_became_a_link(tmp_path: Path, before: bool) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "test.json").write_text("precious", encoding="utf-8")
    run = make_run(tmp_path / "runs")
    if before:
        _link(run, outside)
    with (
        pytest.raises(EnvironmentProblem, match=r"eval: .* it is a symbolic link, not a folder"),
        _together(run, "test") as files,
    ):
        files(run.predictions_path("test")).write("x")
        _link(run, outside)
    assert [(path.name, path.read_text(encoding="utf-8")) for path in outside.iterdir()] == [
        ("test.json", "precious")
    ]
