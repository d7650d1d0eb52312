"""`nlpx sweep`, with real runs and with those of a sweep that was run before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nlpx.cli.train import command as train
from nlpx.core.extras import EXTRAS
from nlpx.runs.directory import RunDirectory
from nlpx.runs.identity import config_id
from nlpx.runs.paths import RunPaths
from nlpx.sweeps.ledger import Trial
from nlpx.sweeps.load import load_sweep
from nlpx.sweeps.process import RunJob, Trainer, needed_to_resume
from tests.cli.program import Nlpx, nlpx
from tests.sweeps.making import GRID, load, write
from tests.trained import COUPLET, TrainOnce

__all__ = ["nlpx"]


def test_a_real_run_that_was_killed_is_resumed(
    nlpx: Nlpx, trained_once: TrainOnce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the last step: what is left is the evaluation."""
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(COUPLET, encoding="utf-8")
    Path("s.yaml").write_text("config: c.yaml\nspace: {optimizer.learning_rate: [1e-3]}\n", encoding="utf-8")
    assert nlpx("sweep", "show", "s.yaml").err.endswith("run it with: nlpx sweep s.yaml\n")
    sweep = load_sweep(Path("s.yaml"))
    trial = nlpx("sweep", "show", "s.yaml", "--json")
    assert json.loads(trial.out)["rows"] == []
    config = config_id(sweep.experiment({"optimizer.learning_rate": 1e-3}).model_dump(mode="json"))
    run = Path("runs", "couplet", f"s-{config}-s2026")
    trained = trained_once(COUPLET).path
    shutil.copytree(trained, run)
    (run / "STATUS").write_text("running\n", encoding="utf-8")
    done = nlpx("sweep", "s.yaml")
    assert done.code == 0, done.err
    assert done.err.startswith("s: a grid of 1 point, 1 seed each; valid/nll; runs are runs/couplet/s-*\n")
    assert "trial 0, seed 2026: resumed with optimizer.learning_rate=0.001\n" in done.err
    assert f"best: trial 0, {run}\n" in done.out
    assert RunDirectory.open(run).status == "finished"
    assert (run / "metrics.jsonl").read_bytes() == (trained / "metrics.jsonl").read_bytes()


def test_the_commands_that_train_are_those_of_nlpx(tmp_path: Path) -> None:
    sweep = load(tmp_path)
    trainer = Trainer(sweep.config, tmp_path, [Path("p.py")], needed_to_resume(sweep.base))
    for resume in (False, True):
        job = RunJob(Trial(number=0, point={}, config="x"), 3, RunPaths(tmp_path / "couplet" / "n"), resume)
        words = trainer.command(job, ["data.limit=3"])
        given = train.make_context("train", words[words.index("train") + 1 :]).params
        assert given["resume"] == (str(job.run.path) if resume else None)
        assert (given["seed"], given["name"], given["overrides"]) == (
            (None, None, ()) if resume else (3, "n", ("data.limit=3",))
        )


def test_trials_are_shown_with_intervals(
    nlpx: Nlpx, undisturbed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(undisturbed)
    done = nlpx("sweep", "show", "s.yaml")
    header, best, other, *rest = done.out.splitlines()
    assert header.split() == [
        "trial",
        "optimizer.learning_rate",
        "valid/nll",
        "95",
        "%",
        "n",
        "status",
        "steps",
    ]
    assert (best.split()[0], best.split()[1], best.split()[-3:]) == ("1*", "0.01", ["2", "finished", "10"])
    assert (other.split()[0], float(best.split()[2]) < float(other.split()[2])) == ("0", True)
    assert rest[-1] == "train it again: nlpx train c.yaml --set optimizer.learning_rate=0.01"
    assert done.err == "s: 2 finished; valid/nll, lower is better\n"
    row = json.loads(nlpx("sweep", "show", "s.yaml", "--json").out)["rows"][0]
    assert (row["n"], row["half_width"] > 0, len(row["runs"])) == (2, True, 2)


def test_it_is_told_why_trials_are_not_decided(
    nlpx: Nlpx, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(undisturbed, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    sweep = write(tmp_path, GRID + "budget: {steps: 5}\n")
    first, second = sorted(Path("runs/couplet").glob("*-s1"))
    shutil.rmtree(first)
    done = nlpx("sweep", sweep)
    assert done.code == 0
    assert "the budget is used up; runs of these trials are missing: 0. Set a larger `budget`." in done.err
    (second / "STATUS").write_text("strange", encoding="utf-8")
    assert f"trial 1: {second}/STATUS: damaged: 'strange' is not a status" in nlpx("sweep", "show", sweep).err


@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_parallel_coordinates(nlpx: Nlpx, undisturbed: Path, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"plot.{suffix}"
    assert (
        nlpx("sweep", "show", undisturbed / "s.yaml", "--output", undisturbed / "runs", "--plot", target).code
        == 0
    )
    text = target.read_text(encoding="utf-8")
    lines = ElementTree.fromstring(text[text.index("<svg") : text.index("</svg>") + 6]).findall("{*}polyline")
    assert len(lines) == 2
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_wrong_use(nlpx: Nlpx, tmp_path: Path) -> None:
    path = write(tmp_path)
    assert nlpx("sweep").code == 2
    assert "no such file" in nlpx("sweep", tmp_path / "gone.yaml").err
    assert "this is a config" in nlpx("sweep", tmp_path / "c.yaml").err
    assert (
        "--plot x.png: expected a name that ends in .svg or .html"
        in nlpx("sweep", "show", path, "--plot", "x.png").err
    )
    assert "train a config" in nlpx("sweep", "--help").out.lower()
    assert f"this is a sweep; run it with: nlpx sweep {path}" in nlpx("train", path).err


def test_tpe_needs_its_extra(nlpx: Nlpx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXTRAS, "sweep", ("no_such_module",))
    path = write(tmp_path, GRID + "sampler: tpe\nbudget: {trials: 3}\n")
    done = nlpx("check", path)
    assert (done.code, "s.yaml:5:1: error C205: sampler: tpe needs no_such_module" in done.err) == (2, True)
    assert "pip install -e '.[sweep]'" in done.err
