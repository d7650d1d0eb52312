"""Runs are removed in two steps, and no checkpoint that is needed is deleted."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from nlpx.errors import DamagedRun, UsageError
from nlpx.runs.clean import archive, delete, waste
from nlpx.runs.directory import RunDirectory
from nlpx.runs.listing import summaries
from nlpx.runs.trash import TRASH, discard, discarded, in_trash, purge, removable, restore
from tests.runs.making import make_run


def test_a_run_in_the_trash_frees_its_name_and_can_be_restored(tmp_path: Path) -> None:
    first = discard(make_run(tmp_path, "x", valid={1: 2.0}).path)
    assert summaries(tmp_path) == []
    second = discard(make_run(tmp_path, "x").path)
    assert [path.name for path in discarded(tmp_path)] == ["x", "x.2"]
    assert [*in_trash(tmp_path, "couplet/x")] == [first] == [*in_trash(tmp_path, "x")]
    assert [*in_trash(tmp_path, "poem/x")] == []
    purge(second)
    assert restore(first) == tmp_path / "couplet" / "x"
    assert (summaries(tmp_path)[0].value, discarded(tmp_path)) == (2.0, [])
    again = discard(tmp_path / "couplet" / "x")
    make_run(tmp_path, "x")
    with pytest.raises(UsageError, match="this name is in use again"):
        restore(again)


def test_links_are_removed_and_not_what_they_lead_to(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "runs", tmp_path / "elsewhere"
    run = make_run(elsewhere, "x")
    (root / "couplet").mkdir(parents=True)
    link = root / "couplet" / "link"
    link.symlink_to(run.path)
    with pytest.raises(UsageError, match="this is a link to the run"):
        archive(RunDirectory(link))
    gone = discard(link)
    assert discarded(root) == [gone]
    purge(gone)
    assert (discarded(root), run.snapshot.exists()) == ([], True)
    (root / TRASH / "poem").symlink_to(elsewhere)
    assert discarded(root) == []


def test_other_folders_are_not_removed(tmp_path: Path) -> None:
    for names, removed in (
        (("config.yaml", "important.txt"), False),
        (("config.yaml",), True),
        (("STATUS", "log.txt"), True),
        ((), True),
    ):
        folder = tmp_path / "-".join(names or ("empty",))
        folder.mkdir()
        for name in names:
            (folder / name).touch()
        if removed:
            removable(folder)
        else:
            with pytest.raises(UsageError, match="this folder is not a run"):
                removable(folder)
    with pytest.raises(UsageError, match="not in the folder of a task"):
        discard(Path("/somewhere"))


def test_a_run_may_be_named_from_inside_of_it(tmp_path: Path) -> None:
    """As `..` in one of its folders."""
    for name in "xyz":
        make_run(tmp_path, name).make_eval_folder()
    assert discard(tmp_path / "couplet" / "x" / "eval" / "..") == tmp_path / TRASH / "couplet" / "x"
    packed = archive(RunDirectory(tmp_path / "couplet" / "y" / "eval" / ".."))
    assert packed == tmp_path / ".archive" / "couplet" / "y.tar.gz"
    assert packed.is_file()
    assert RunDirectory(tmp_path / "couplet" / "z" / "eval" / "..").id == "z"


def test_a_run_that_is_trained_stays(tmp_path: Path) -> None:
    run = make_run(tmp_path, "x")
    with run.training():
        for remove in (discard, lambda path: archive(RunDirectory(path))):
            with pytest.raises(UsageError, match="is training in this run"):
                remove(run.path)
    assert run.snapshot.exists()
    assert not any((tmp_path / TRASH).glob("*/*"))


def checkpoints(run: RunDirectory, *steps: int) -> None:
    for step in steps:
        folder = run.checkpoints / f"step-{step:08d}"
        folder.mkdir(parents=True)
        (folder / "weights.npz").write_bytes(b"x" * step)


def test_only_checkpoints_that_a_finished_run_does_not_need_are_waste(tmp_path: Path) -> None:
    run = make_run(tmp_path, "x", valid={10: 1.0, 20: 2.0, 30: 3.0}, best=10)
    checkpoints(run, 10, 20, 30)
    assert [(each.size, each.best) for each in waste(run)] == [(20, False), (30, False)]
    assert [(each.size, each.best) for each in waste(run, best=True)] == [
        (10, True),
        (20, False),
        (30, False),
    ]
    for each in waste(run):
        delete(each)
    assert [path.name for path in run.checkpoints.iterdir()] == ["step-00000010"]
    assert run.last.read_text(encoding="utf-8") == run.best.read_text(encoding="utf-8")
    run.best.write_text("step-00000020\n", encoding="utf-8")
    with pytest.raises(DamagedRun, match="no checkpoint of step 20, so no other one is deleted"):
        waste(run)
    stopped = make_run(tmp_path, "y", status="interrupted", valid={10: 1.0, 20: 2.0}, best=10)
    checkpoints(stopped, 10, 20)
    assert waste(stopped, best=True) == []


def test_an_archive_holds_every_file(tmp_path: Path) -> None:
    run = make_run(tmp_path, "对联", valid={1: 2.0})
    files = {path.relative_to(run.path.parent).as_posix(): path.read_bytes() for path in run.path.glob("*.*")}
    (run.path / ".#lock").symlink_to("nowhere")
    packed = archive(run)
    assert packed == tmp_path / ".archive" / "couplet" / "对联.tar.gz"
    assert not run.path.exists()
    with tarfile.open(packed) as members:
        members.extractall(tmp_path / "unpacked", filter="tar")
    assert {name: (tmp_path / "unpacked" / name).read_bytes() for name in files} == files
    with pytest.raises(UsageError, match="this file exists"):
        archive(make_run(tmp_path, "对联"))
