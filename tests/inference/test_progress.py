"""Lines per second and the time left: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io

import pytest

from nlpx.inference import progress
from nlpx.inference.progress import Progress


class Clock:
    """A second passes with every 100 lines."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("time.monotonic", lambda: self.now)

    def work(self, bar: Progress, portions: int) -> None:
        for _ in range(portions):
            self.now += 1.0
            bar.add(100)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_plain_lines_at_intervals(clock: Clock) -> None:
    said: list[str] = []
    position = iter(range(1000, 100_000, 100))
    bar = Progress(io.StringIO(), said.append, 19_000, lambda: next(position))
    bar.begin(500)
    clock.work(bar, 95)
    assert [line.partition(", ")[0] for line in said] == ["3,500 lines", "6,500 lines", "9,500 lines"]
    assert all(", 100 lines/s, " in line and line.endswith(" left") for line in said)


def test_the_time_left_is_that_of_the_rest(clock: Clock) -> None:
    said: list[str] = []
    read = [400]
    bar = Progress(io.StringIO(), said.append, 1000, lambda: read[0])
    bar.begin(100)
    read[0] = 600  # in 60 seconds
    clock.work(bar, 29)
    clock.now += 30
    clock.work(bar, 1)
    assert said == ["3,100 lines, 50 lines/s, 02:00 left"]


def test_an_input_of_unknown_size_has_no_end(clock: Clock) -> None:
    said: list[str] = []
    clock.work(Progress(io.StringIO(), said.append), 30)
    assert said == ["3,000 lines, 100 lines/s"]


def test_nothing_is_shown_next_to_results_on_a_terminal(clock: Clock) -> None:
    said: list[str] = []
    bar = Progress(None, said.append, 1000)
    clock.work(bar, 100)
    bar.say("a message")
    assert said == ["a message"]


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "DELAY", 0.0)
    terminal, read = Terminal(), [0]

    def say(message: str) -> None:
        terminal.write(f"{message}\n")

    with Progress(terminal, say, 1000, lambda: read[0]) as bar:
        bar.begin(0)
        for read[0] in (250, 500):
            bar.add(100)
            bar.say("a message")
            if bar._bar is not None:
                bar._bar.refresh()
    shown = terminal.getvalue()
    assert " 50%|" in shown
    assert "| 200 lines, " in shown
    assert "\ra message\n" in shown


def test_a_bar_does_not_appear_for_a_short_time() -> None:
    terminal = Terminal()
    with Progress(terminal, print, 1000, lambda: 500) as bar:
        bar.begin(0)
        bar.add(100)
    assert not terminal.getvalue().strip()
