"""Predictions of several processes: their order, their errors, and that none outlives the first one."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlpx.errors import EnvironmentProblem
from nlpx.inference.lines import Line
from nlpx.inference.rendering import Rendering
from nlpx.inference.stream import Portion, PortionReader
from nlpx.inference.workers import WorkerError, rendered_by_workers
from tests.inference.cheap import DIE, numbered, open_nothing, open_reverser
from tests.trained import ROOT

ENDLESS = """
import itertools
from nlpx.inference.lines import Line
from nlpx.inference.rendering import Rendering
from nlpx.inference.stream import PortionReader
from nlpx.inference.workers import rendered_by_workers
from tests.inference.cheap import open_reverser

if __name__ == "__main__":
    lines = (Line(str(i), "一") for i in itertools.count())
    for _, outputs in rendered_by_workers(open_reverser, Rendering("jsonl"), PortionReader(lines, 1), 1, print):
        print(outputs.output, flush=True)
"""


def test_the_order_is_that_of_the_input() -> None:
    lines = [*numbered(200), Line("200", "", "in:200: bad")]
    said: list[str] = []
    outputs = list(
        rendered_by_workers(open_reverser, Rendering("jsonl"), PortionReader(lines, 3), 2, said.append)
    )
    records = [json.loads(line) for _, new in outputs for line in new.output.splitlines()]
    assert [record["id"] for record in records] == [str(i) for i in range(201)]
    assert [record["reverse"] for record in records[:-1]] == [line.text[::-1] for line in lines[:-1]]
    assert len({record["by"] for record in records[:-1]}) == 2
    assert outputs[-1][1].failures == ["in:200: bad"]
    assert said == ["opened"]


def test_a_killed_worker_is_reported() -> None:
    lines = [*numbered(5), Line("5", DIE), *numbered(20)]
    outputs = rendered_by_workers(open_reverser, Rendering(), PortionReader(lines, 2), 1, print)
    with pytest.raises(EnvironmentProblem, match=r"--jobs: a worker process was killed .*line \d") as caught:
        list(outputs)
    assert caught.value.exit_code == 4


def test_a_worker_killed_between_two_portions_is_reported() -> None:
    def slow() -> Iterator[Portion]:
        for portion in PortionReader([*numbered(3), Line("3", DIE), *numbered(9)], 1):
            yield portion
            # The source is asked for the portion after the fatal one when the process has ended.
            if portion.lines[0].text == DIE:
                for child in multiprocessing.active_children():
                    child.join()
                time.sleep(0.5)

    outputs = rendered_by_workers(open_reverser, Rendering(), slow(), 1, print)
    done: list[object] = []
    with pytest.raises(EnvironmentProblem, match=r"--jobs: a worker process was killed .*line [34]"):
        done.extend(outputs)
    assert len(done) in (2, 3)


def test_an_error_of_a_worker_keeps_its_exit_code() -> None:
    with pytest.raises(WorkerError, match="there is nothing to open") as caught:
        list(rendered_by_workers(open_nothing, Rendering(), PortionReader(numbered(9), 2), 1, print))
    assert caught.value.exit_code == 3


def test_no_worker_outlives_the_first_process(tmp_path: Path) -> None:
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "opened\n"
        assert "reverse" in json.loads(first.stdout.readline())
        first.kill()
        # The pipe ends when the last process that could write to it has ended.
        first.communicate(timeout=60)
