"""What all recorders have in common, by one that writes lines."""

from __future__ import annotations

import importlib
import json
import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from pydantic import ValidationError

from nlpx.components import observers
from nlpx.components.observers.external_recorder import ExternalRecorder
from nlpx.components.observers.project_recorder import Place, ProjectRecorder
from nlpx.components.observers.run_facts import Ending, RunFacts
from nlpx.core.component import entries_of
from nlpx.errors import EnvironmentProblem
from nlpx.runs.result_settings import RECORDERS
from tests.components.observers.scripted import EXPECTED, FINAL, play

ALL = sorted([*EXPECTED, *((50, name, value) for name, value in FINAL.items())])


class Lines(ProjectRecorder):
    """Appends a line for every number. `fails`: at which attempts to write; the first is 1."""

    type: Literal["lines"] = "lines"
    fails: tuple[int, ...] = ()
    fails_to_begin: bool = False

    def _begin_or_continue(self, facts: RunFacts, project: str) -> Collection[Place]:
        if self.fails_to_begin:
            raise OSError("the disk is full")
        self._say(project)
        return [(step, name) for step, name, _ in numbers(facts.folder)]

    def _write(self, step: int, numbers: Mapping[str, float]) -> None:
        random.random(), np.random.rand()
        ATTEMPTS["write"] += 1
        for name, value in numbers.items():
            self._say([step, name, value])
            if ATTEMPTS["write"] in self.fails:
                raise RuntimeError("the database\nis locked")

    def _end(self, ending: Ending, tags: Sequence[str], note: str) -> None:
        self._say({"ending": ending, "tags": list(tags), "note": note})

    def _say(self, value: object) -> None:
        with (self.folder / "lines").open("a", encoding="utf-8") as file:
            file.write(json.dumps(value) + "\n")


ATTEMPTS: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def first_attempt() -> None:
    ATTEMPTS.clear()


def lines(folder: Path) -> list[object]:
    path = folder / "lines" / "lines"
    return (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    )


def numbers(folder: Path) -> list[tuple[int, str, float]]:
    return sorted(tuple(line) for line in lines(folder) if isinstance(line, list))


def ends(folder: Path) -> list[object]:
    return [line for line in lines(folder) if isinstance(line, dict)]


def test_a_record_has_every_finite_number_once_and_how_the_run_ended(tmp_path: Path) -> None:
    play(Lines(tags=["mine", "good"], note="of the config"), tmp_path)
    assert numbers(tmp_path) == ALL
    assert lines(tmp_path)[0] == "couplet"
    assert ends(tmp_path) == [
        {"ending": "finished", "tags": ["mine", "good", "better"], "note": "of the config\nof the user"}
    ]


def test_the_global_random_numbers_stay_the_same(tmp_path: Path) -> None:
    random.seed(5), np.random.seed(5)
    expected = random.random(), float(np.random.rand())
    random.seed(5), np.random.seed(5)
    play(Lines(), tmp_path)
    assert (random.random(), float(np.random.rand())) == expected


@pytest.mark.parametrize(("until", "after"), [(27, 20), (4, 0), (40, 35), (50, 50)])
def test_steps_that_are_made_again_are_recorded_once(tmp_path: Path, until: int, after: int) -> None:
    play(Lines(), tmp_path, until=until, ending=None)
    play(Lines(), tmp_path, after=after)
    assert numbers(tmp_path) == ALL


def test_what_is_logged_because_of_an_interruption_is_left_to_the_resumed_run(tmp_path: Path) -> None:
    play(Lines(), tmp_path, until=26, ending="interrupted")
    assert max(numbers(tmp_path))[0] == 25
    play(Lines(), tmp_path, after=26)
    assert numbers(tmp_path) == ALL
    assert [end["ending"] for end in ends(tmp_path) if isinstance(end, dict)] == ["interrupted", "finished"]


def test_a_recorder_may_be_added_to_a_run_that_is_resumed(tmp_path: Path) -> None:
    play(Lines(fails=(1,)), tmp_path, until=30, ending=None)
    (tmp_path / "lines" / "lines").unlink()
    play(Lines(), tmp_path, after=30)
    assert numbers(tmp_path) == ALL


def test_a_failure_is_told_once_and_the_record_completed_at_the_end(tmp_path: Path) -> None:
    told: list[str] = []
    play(Lines(fails=(4,)), tmp_path, warn=told.append)
    assert told == [
        "recorder lines: failed, its record will be completed from metrics.jsonl when the run finishes or is "
        "resumed. The run continues. RuntimeError: the database is locked",
        "recorder lines: its record is complete now",
    ]
    assert numbers(tmp_path) == ALL
    assert len(ends(tmp_path)) == 1


def test_a_record_that_cannot_be_completed_does_not_spoil_the_run(tmp_path: Path) -> None:
    told: list[str] = []
    play(Lines(fails=(4, 5)), tmp_path, warn=told.append)
    assert len(told) == 2
    assert "its record could not be completed. metrics.jsonl has all numbers. RuntimeError" in told[1]
    assert ends(tmp_path) == []


def test_a_failed_recorder_is_left_alone_until_the_run_is_resumed(tmp_path: Path) -> None:
    told: list[str] = []
    play(Lines(fails=(1,)), tmp_path, until=30, warn=told.append, ending="interrupted")
    assert ATTEMPTS["write"] == len(told) == 1
    play(Lines(), tmp_path, after=30, warn=told.append)
    assert numbers(tmp_path) == ALL
    assert len(told) == 1


def test_a_new_run_is_refused_and_a_resumed_one_continues_without_its_record(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=r"recorder lines cannot begin .*disk is full.*`observers`"):
        play(Lines(fails_to_begin=True), tmp_path)
    told: list[str] = []
    play(Lines(), tmp_path, until=20, ending=None)
    play(Lines(fails_to_begin=True), tmp_path, after=20, warn=told.append)
    assert [text.partition(":")[2][:12] for text in told] == [" failed, its", " its record "]


@pytest.mark.parametrize(
    "options",
    [
        {"project": "a/b"},
        {"project": ""},
        {"tags": ["two words"]},
        {"tags": "x"},
        {"note": 3},
        {"mode": "online"},
    ],
)
def test_impossible_settings_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Lines.model_validate(options)


def test_what_does_not_count_as_a_setting_are_the_recorders() -> None:
    names = [path.stem for path in Path(observers.__file__).parent.glob("*.py")]
    modules = [importlib.import_module(f"{observers.__name__}.{name}") for name in names]
    found = [entry for module in modules for entry in entries_of(module)]
    assert {entry.name for entry in found if issubclass(entry.component, ExternalRecorder)} == RECORDERS
