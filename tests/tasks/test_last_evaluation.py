"""The evaluation that ends a training: a run is finished when all of it is there."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nlpx.errors import EnvironmentProblem
from nlpx.inference import evaluate as inference
from nlpx.runs.directory import RunDirectory
from nlpx.specs.predictor import Example
from tests.resume.runs import Killed
from tests.tasks.conftest import Command


@pytest.fixture
def trained(runs: Path) -> Path:
    """A run whose process was killed after training and before anything was measured."""
    run = runs / "couplet" / "tiny"
    shutil.rmtree(run / "eval")
    (run / "STATUS").write_text("running\n", encoding="utf-8")
    return run


def after_three_examples(monkeypatch: pytest.MonkeyPatch, action: Callable[[], None]) -> None:
    """Evaluations that are kept do this after three examples."""
    real = inference.evaluate

    def evaluate(*arguments: object, each: Callable[[Example], None], **options: object) -> object:
        left = iter(range(3))

        def told(example: Example) -> None:
            each(example)
            if next(left, None) is None:
                action()

        return real(*arguments, each=told, **options)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr("nlpx.workflow.evaluate.evaluate", evaluate)


def evaluation(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((run / "eval").iterdir())}


def kill() -> None:
    raise Killed


def test_killed_in_it_a_resume_does_the_rest(
    nlpx: Command, trained: Path, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The numbers and answers are those of a run that was not killed, and nothing is trained again."""
    whole = finished / "couplet" / "tiny"
    with monkeypatch.context() as patch:
        after_three_examples(patch, kill)
        with pytest.raises(Killed):
            nlpx("train", "--resume", trained)
    assert RunDirectory.open(trained).status != "finished"
    assert not (trained / "eval" / "test.json").exists()
    assert not (trained / "eval" / "test.predictions.jsonl").exists()
    # What a real kill leaves.
    (trained / "STATUS").write_text("running\n", encoding="utf-8")
    (trained / "eval" / ".test.predictions.jsonl.4711.tmp").write_text("half", encoding="utf-8")

    monkeypatch.setattr("nlpx.engine.step.TrainStep.__call__", None)
    shown = nlpx("train", "--resume", trained)
    assert shown.code == 0, shown.err
    assert "char_accuracy" in shown.out
    assert RunDirectory.open(trained).status == "finished"
    assert evaluation(trained) == evaluation(whole)
    assert (trained / "metrics.jsonl").read_bytes() == (whole / "metrics.jsonl").read_bytes()
    assert "this run is finished" in nlpx("train", "--resume", trained).text


@pytest.fixture
def ordinary_signals() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ordinary_signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_says_how_to_go_on(
    nlpx: Command, trained: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    after_three_examples(monkeypatch, lambda: os.kill(os.getpid(), number))
    shown = nlpx("train", "--resume", trained)
    assert shown.code == 128 + number
    assert f"Resume with: nlpx train --resume {trained}" in shown.text
    assert RunDirectory.open(trained).status == "interrupted"
    assert list((trained / "eval").iterdir()) == []
    assert "stopped after training" in (trained / "log.txt").read_text(encoding="utf-8").splitlines()[-1]


def fail() -> None:
    raise EnvironmentProblem("no space left")


def test_an_evaluation_that_fails_leaves_the_one_before(
    nlpx: Command, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs / "segmentation" / "tiny"
    before = evaluation(run)
    after_three_examples(monkeypatch, fail)
    assert nlpx("eval", run).code == 4
    assert evaluation(run) == before


def test_its_summary_takes_its_name_last(nlpx: Command, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers look for eval/SPLIT.json: a kill between two names must not leave it with the answers of another."""
    run, named, real = runs / "couplet" / "tiny", list[str](), Path.replace

    def replace(path: Path, target: Path) -> Path:
        if target.parent.name == "eval":
            assert not (run / "eval" / "test.json").exists()
            named.append(target.name)
        return real(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    assert nlpx("eval", run).code == 0
    assert named == ["test.predictions.jsonl", "test.json"]


def test_a_file_in_the_place_of_the_folder(nlpx: Command, runs: Path) -> None:
    run = runs / "couplet" / "tiny"
    shutil.rmtree(run / "eval")
    (run / "eval").write_text("", encoding="utf-8")
    shown = nlpx("eval", run)
    assert shown.code == 4
    assert f"{run / 'eval'}: this folder cannot be created" in shown.text
