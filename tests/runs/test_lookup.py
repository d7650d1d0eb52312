from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from nlpx.errors import UsageError
from nlpx.runs.compare import compare
from nlpx.runs.folders import run_folders
from nlpx.runs.listing import summaries
from nlpx.runs.lookup import find, newest
from nlpx.tasks.segmentation.config import Segmentation
from tests.runs.making import make_run


def test_newest_is_the_finished_run_that_was_started_last(tmp_path: Path) -> None:
    make_run(tmp_path, "z-first")
    wanted = make_run(tmp_path, "m-second")
    make_run(tmp_path, "a-third", status="interrupted")
    (tmp_path / "couplet" / "20261120-231501-a1b2c3").mkdir()
    assert newest(tmp_path).path == wanted.path


def test_newest_outside_of_sweeps_unless_there_is_no_other(tmp_path: Path) -> None:
    other = make_run(tmp_path, "other")
    trial = make_run(tmp_path, "trial")
    assert newest(tmp_path).path == trial.path
    trial.sweep.write_text("{}", encoding="utf-8")
    assert newest(tmp_path).path == other.path
    other.sweep.write_text("{}", encoding="utf-8")
    assert newest(tmp_path).path == trial.path


def test_newest_of_a_task(tmp_path: Path) -> None:
    couplet = make_run(tmp_path)
    segmentation = make_run(tmp_path, experiment=Segmentation.model_validate({"task": "segmentation"}))
    assert newest(tmp_path).path == segmentation.path
    assert newest(tmp_path, {"couplet"}).path == couplet.path


def test_newest_without_any_says_where_it_looked_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        newest(tmp_path / "runs")
    message = str(caught.value)
    assert caught.value.exit_code == 2
    assert str(tmp_path / "runs") in message
    assert "no runs at all" in message
    assert "nlpx train configs/couplet.yaml" in message


def test_newest_counts_those_that_will_not_do(tmp_path: Path) -> None:
    make_run(tmp_path, status="diverged")
    make_run(tmp_path, status="running")
    make_run(tmp_path).status_file.unlink()
    with pytest.raises(UsageError, match="no finished run") as caught:
        newest(tmp_path, {"couplet"})
    assert all(part in str(caught.value) for part in ("1 diverged", "1 killed", "1 broken"))


def test_find_by_folder_id_and_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(tmp_path, "20261120-231501-a1b2c3")
    make_run(tmp_path, "20261121-000000-ffffff")
    exact = make_run(tmp_path, "base")
    make_run(tmp_path, "base-2")
    assert find(tmp_path, run.id) == run
    assert find(tmp_path, "20261120") == run
    assert find(tmp_path, str(run.path)) == run
    assert find(tmp_path, "base") == exact
    monkeypatch.chdir(run.path)
    assert find(Path("nowhere"), ".").id == run.id


def test_find_refuses_what_means_several_runs(tmp_path: Path) -> None:
    for name in ("base-1", "base-2"):
        make_run(tmp_path, name)
    with pytest.raises(UsageError, match="'base' matches 2 runs") as caught:
        find(tmp_path, "base")
    assert str(caught.value).splitlines()[1:3] == ["  base-1", "  base-2"]


def test_find_suggests_the_nearest(tmp_path: Path) -> None:
    make_run(tmp_path, "baseline")
    with pytest.raises(UsageError, match=r"there is no run 'baselnie'.*Did you mean baseline\?"):
        find(tmp_path, "baselnie")


def test_find_of_a_folder_that_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="is not a run"):
        find(tmp_path, str(tmp_path / "empty"))
    with pytest.raises(UsageError, match="there is no such folder"):
        find(tmp_path, "runs/couplet/none")


def test_folder_of_a_task_serves_as_root(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    (tmp_path / "couplet" / "notes").mkdir()
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert run_folders(tmp_path / "couplet") == [run.path] == run_folders(tmp_path)
    assert run_folders(tmp_path / "missing") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_root_holds_no_runs(tmp_path: Path) -> None:
    make_run(tmp_path)
    tmp_path.chmod(0)
    try:
        assert run_folders(tmp_path) == []
    finally:
        tmp_path.chmod(0o755)


class TestRunsOfOneName:
    """Every form in which runs are listed means one of them."""

    def _make(self, root: Path) -> None:
        make_run(root, "readme")
        make_run(root, "other")
        for task in ("segmentation", "poem", "title"):
            (root / task).mkdir()
            shutil.copytree(root / "couplet" / "readme", root / task / "readme")

    def test_each_listed_form_is_accepted(self, tmp_path: Path) -> None:
        self._make(tmp_path)
        listed = {summary.label: summary.path for summary in summaries(tmp_path)}
        assert sorted(listed) == [
            "couplet/readme",
            "other",
            "poem/readme",
            "segmentation/readme",
            "title/readme",
        ]
        for label, path in listed.items():
            for form in (label, path, f"{label}/"):
                assert str(find(tmp_path, form).path) == path
        assert find(tmp_path, "couplet/o").id == "other"
        assert find(tmp_path, "poem/read").path == tmp_path / "poem" / "readme"
        assert find(tmp_path / "poem", "poem/readme").path == tmp_path / "poem" / "readme"

    def test_a_name_of_several_lists_the_forms(self, tmp_path: Path) -> None:
        self._make(tmp_path)
        with pytest.raises(UsageError, match="'readme' matches 4 runs") as caught:
            find(tmp_path, "readme")
        forms = [line.strip() for line in str(caught.value).splitlines()[1:-1]]
        assert sorted(forms) == ["couplet/readme", "poem/readme", "segmentation/readme", "title/readme"]

    def test_a_misspelt_one_of_a_task(self, tmp_path: Path) -> None:
        self._make(tmp_path)
        with pytest.raises(UsageError, match=r"of the 1 runs of poem .*Did you mean poem/readme\?"):
            find(tmp_path, "poem/raedme")

    def test_compared_ones_are_told_apart_in_the_same_way(self, tmp_path: Path) -> None:
        self._make(tmp_path)
        runs = [find(tmp_path, form) for form in ("couplet/readme", "poem/readme", "other")]
        assert compare(runs).runs == ["couplet/readme", "poem/readme", "other"]


def test_a_folder_that_may_not_be_entered_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path)
    (tmp_path / "couplet" / "closed").mkdir()
    look = Path.is_dir

    def refused(path: Path) -> bool:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return look(path)

    monkeypatch.setattr(Path, "is_dir", refused)
    assert run_folders(tmp_path) == [run.path]
