"""What recorders learn of a run, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import pytest

from nlpx.components.observers.external_recorder import ExternalRecorder
from nlpx.components.observers.run_facts import Ending, RunFacts
from nlpx.errors import Diverged, EnvironmentProblem, Interrupted
from nlpx.runs.notes import note, tag
from nlpx.workflow.recording import FOLDER, recording
from tests.runs.making import couplet, make_run

Call = tuple[object, ...]


class Noting(ExternalRecorder):
    """Notes what the workflow calls."""

    type: Literal["noting"] = "noting"
    calls: list[Call] = []
    refuses: bool = False

    def open(self, facts: RunFacts, warn: Callable[[str], None]) -> None:
        if self.refuses:
            raise EnvironmentProblem("no")
        self.calls.append(("open", facts))

    def evaluated(self, split: str, step: int, metrics: Mapping[str, float]) -> None:
        self.calls.append(("evaluated", split, step, dict(metrics)))

    def close(self, ending: Ending, tags: Sequence[str] = (), note: str = "") -> None:
        self.calls.append(("close", ending, list(tags), note))

    def _write(self, step: int, numbers: Mapping[str, float]) -> None:
        self.calls.append(("write", step, dict(numbers)))


def test_what_a_recorder_learns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = couplet(checkpoint={"monitor": "valid/char_accuracy"}, optimizer="sgd")
    run, recorder = make_run(tmp_path, "one", experiment=experiment), Noting()
    tag(run, ["first"])
    with recording(run, experiment, [recorder], resume=True, say=print) as records:
        tag(run, ["second"])
        note(run, "a text")
        records.evaluated("test", 7, {"nll": 1.0})
    (_, facts), *calls = recorder.calls
    assert isinstance(facts, RunFacts)
    assert calls == [
        ("evaluated", "test", 7, {"nll": 1.0}),
        ("close", "finished", ["first", "second"], "a text"),
    ]
    assert (facts.folder, facts.name, facts.task, facts.tags) == (tmp_path, "one", "couplet", ("first",))
    assert (facts.direction, facts.resumed, len(facts.id)) == ("max", True, 16)
    assert facts.parameters["optimizer.type"] == "sgd"

    monkeypatch.setenv(FOLDER, str(tmp_path / "elsewhere"))
    other = Noting()
    with recording(make_run(tmp_path, "two"), experiment, [other], resume=False, say=print):
        pass
    (_, second), _ = other.calls
    assert isinstance(second, RunFacts)
    assert (second.folder, second.resumed) == (tmp_path / "elsewhere", False)
    assert second.id != facts.id


@pytest.mark.parametrize(
    ("error", "ending"),
    [
        (Interrupted(15, "stopped"), "interrupted"),
        (KeyboardInterrupt(), "interrupted"),
        (Diverged("nan"), "diverged"),
        (ZeroDivisionError(), "failed"),
    ],
)
def test_how_a_run_ends_is_told_even_if_its_notes_are_damaged(
    tmp_path: Path, error: BaseException, ending: str
) -> None:
    run, recorder = make_run(tmp_path), Noting()
    run.notes.write_text("not JSON", encoding="utf-8")
    with pytest.raises(type(error)), recording(run, couplet(), [recorder], resume=False, say=print):
        raise error
    assert recorder.calls[-1] == ("close", ending, [], "")


def test_a_recorder_that_refuses_ends_those_that_have_begun(tmp_path: Path) -> None:
    first, last = Noting(), Noting()
    observers = [first, Noting(refuses=True), last]
    with (
        pytest.raises(EnvironmentProblem, match="no"),
        recording(make_run(tmp_path), couplet(), observers, resume=False, say=print),
    ):
        raise AssertionError
    assert [call[0] for call in first.calls] == ["open", "close"]
    assert last.calls == []
