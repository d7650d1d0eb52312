"""Lines per second and the time left: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pytest

from nlpx.inference import progress
from nlpx.inference.progress import PredictionProgress


class Clock:
    """A second passes with every 100 lines."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("time.monotonic", lambda: self.now)

    def work(self, bar: PredictionProgress, positions: Iterable[int]) -> None:
        for position in positions:
            self.now += 1.0
            bar.add(100, position)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_plain_lines_at_intervals(clock: Clock) -> None:
    said: list[str] = []
    bar = PredictionProgress(io.StringIO(), said.append, 19_000)
    bar.begin(500, 1000)
    clock.work(bar, range(1100, 10_600, 100))
    assert [line.partition(", ")[0] for line in said] == ["3,500 lines", "6,500 lines", "9,500 lines"]
    assert all(", 100 lines/s, " in line and line.endswith(" left") for line in said)


def test_the_time_left_is_that_of_the_rest(clock: Clock) -> None:
    said: list[str] = []
    bar = PredictionProgress(io.StringIO(), said.append, 1000)
    bar.begin(100, 400)
    clock.work(bar, [600] * 29)
    clock.now += 30
    clock.work(bar, [600])
    assert said == ["3,100 lines, 50 lines/s, 02:00 left"]


def test_an_input_of_unknown_size_has_no_end(clock: Clock) -> None:
    said: list[str] = []
    clock.work(PredictionProgress(io.StringIO(), said.append), [0] * 30)
    assert said == ["3,000 lines, 100 lines/s"]


def test_nothing_is_shown_next_to_results_on_a_terminal(clock: Clock) -> None:
    said: list[str] = []
    bar = PredictionProgress(None, said.append, 1000)
    clock.work(bar, range(100))
    bar.say("a message")
    assert said == ["a message"]


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "DELAY", 0.0)
    terminal = Terminal()

    def say(message: str) -> None:
        terminal.write(f"{message}\n")

    with PredictionProgress(terminal, say, 1000) as bar:
        bar.begin(0)
        for position in (250, 500):
            bar.add(100, position)
            bar.say("a message")
            if bar._bar is not None:
                bar._bar.refresh()
    shown = terminal.getvalue()
    assert " 50%|" in shown
    assert "| 200 lines, " in shown
    assert "\ra message\n" in shown


def test_a_bar_does_not_appear_for_a_short_time() -> None:
    terminal = Terminal()
    with PredictionProgress(terminal, print, 1000) as bar:
        bar.begin(0)
        bar.add(100, 500)
    assert not terminal.getvalue().strip()
