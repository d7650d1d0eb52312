from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nlpx.errors import DamagedRun
from nlpx.runs.details import changed_settings, details
from nlpx.runs.history import pointed_step, read_history
from nlpx.runs.listing import summaries
from nlpx.runs.record import Snapshot
from nlpx.specs.sections import TrainSection
from tests.runs.making import couplet, make_run


def test_summary_of_a_run(tmp_path: Path) -> None:
    run = make_run(tmp_path, valid={100: 5.0, 200: 4.5, 300: 4.7}, best=200)
    (summary,) = summaries(tmp_path)
    assert (summary.id, summary.task, summary.status) == (run.id, "couplet", "finished")
    assert (summary.step, summary.best_step, summary.monitor, summary.value) == (300, 200, "valid/nll", 4.5)
    assert summary.size == sum(path.stat().st_size for path in run.path.rglob("*") if path.is_file())
    assert summary.problem is None


def test_newest_first_and_only_of_the_task(tmp_path: Path) -> None:
    ids = [make_run(tmp_path, name).id for name in ("b", "c", "a")]
    assert [run.id for run in summaries(tmp_path)] == ids[::-1]
    assert summaries(tmp_path, "segmentation") == []


def test_process_that_is_gone_shows_as_killed(tmp_path: Path) -> None:
    run = make_run(tmp_path, status="running")
    assert summaries(tmp_path)[0].status == "killed"
    with run.training():
        assert summaries(tmp_path)[0].status == "running"


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("snapshot.json", b"{", "snapshot.json: damaged"),
        ("snapshot.json", b'{"format": 1}', "snapshot.json: damaged: created: Field required"),
        ("STATUS", b"\xff", "STATUS: damaged: '\ufffd' is not a status"),
        ("STATUS", b"", "STATUS: damaged: '' is not a status"),
        ("metrics.jsonl", b"{}\n{\n", "metrics.jsonl:2: damaged"),
        ("metrics.jsonl", b"[]\n", "metrics.jsonl:1: damaged: expected a JSON object"),
        ("metrics.jsonl", b"\xff\n", "metrics.jsonl:1: damaged"),
        ("resolved.yaml", None, "incomplete: missing resolved.yaml"),
    ],
)
def test_broken_runs_are_listed_with_their_problem(
    tmp_path: Path, name: str, content: bytes | None, problem: str
) -> None:
    make_run(tmp_path, "good", valid={1: 2.0}, best=1)
    broken = make_run(tmp_path, "broken")
    if content is None:
        (broken.path / name).unlink()
    else:
        (broken.path / name).write_bytes(content)
    found = {run.id: run for run in summaries(tmp_path)}
    assert found["good"].status == "finished"
    assert found["broken"].status == "broken"
    assert problem in str(found["broken"].problem)


def test_empty_folder_with_an_id_is_a_broken_run(tmp_path: Path) -> None:
    (tmp_path / "couplet" / "20261120-231501-a1b2c3").mkdir(parents=True)
    (summary,) = summaries(tmp_path)
    assert (summary.status, summary.task) == ("broken", "couplet")


def test_last_line_that_is_not_whole_is_passed_over(tmp_path: Path) -> None:
    run = make_run(tmp_path, valid={100: 5.0})
    with run.metrics_jsonl.open("a", encoding="utf-8") as file:
        file.write('{"step": 200, "valid/nll": 4')
    history = read_history(run)
    assert history.step == 100
    assert history.valid == {"valid/nll": 5.0}


@pytest.mark.parametrize("content", [b"step-\xff", b"step-" + b"9" * 5000, b"", b"../../x"])
def test_pointer_that_is_damaged_is_named(tmp_path: Path, content: bytes) -> None:
    run = make_run(tmp_path, best=200)
    assert pointed_step(run.best) == 200
    run.best.write_bytes(content)
    with pytest.raises(DamagedRun, match=r"/best: damaged: .*(step-00000100|larger than)"):
        pointed_step(run.best)
    assert pointed_step(tmp_path / "no") is None


def test_details_hold_what_differs_from_the_defaults(tmp_path: Path) -> None:
    experiment = couplet(train=TrainSection(epochs=77))
    run = make_run(tmp_path, experiment=experiment, valid={100: 5.0, 200: 4.5}, best=100, test={"nll": 4.75})
    found = details(run)
    assert found.settings == {"train.epochs": 77}
    assert found.valid == {"valid/nll": 5.0}
    assert found.evaluations["test"].metrics == {"nll": 4.75}
    assert found.samples == [{"step": 200, "text": "晚风摇树", "answer": "晨露润花"}]
    assert found.last_step == 200


def test_settings_of_an_unknown_task_are_shown_in_full(tmp_path: Path) -> None:
    snapshot = Snapshot.of(make_run(tmp_path)).model_copy(update={"task": "riddles"})
    assert changed_settings(snapshot)["seed"] == 2026


def test_details_of_a_damaged_evaluation(tmp_path: Path) -> None:
    run = make_run(tmp_path, test={"nll": 1.0})
    run.eval_path("test").write_text('{"split": "test"}', encoding="utf-8")
    with pytest.raises(DamagedRun, match=r"test\.json: damaged: step: Field required"):
        details(run)


def test_a_copied_run_is_the_same_run(tmp_path: Path) -> None:
    run = make_run(tmp_path / "here", valid={1: 2.0}, best=1)
    shutil.copytree(run.path, tmp_path / "there" / "couplet" / run.id)
    here, there = summaries(tmp_path / "here")[0], summaries(tmp_path / "there")[0]
    assert (here.created, here.value, here.status) == (there.created, there.value, there.status)


def test_an_interrupted_run_has_one_step(tmp_path: Path) -> None:
    """What is saved when a run is interrupted is later than what was recorded last."""
    run = make_run(tmp_path, status="interrupted", valid={50: 2.0}, best=50)
    run.last.write_text("step-00000068\n", encoding="utf-8")
    (summary,) = summaries(tmp_path)
    found = details(run)
    assert (summary.step, found.summary.step, found.last_step) == (68, 68, 68)
    run.last.write_text("step-00000050\n", encoding="utf-8")
    run.metrics_jsonl.write_text('{"step": 60}\n', encoding="utf-8")
    assert details(run).summary.step == 60
