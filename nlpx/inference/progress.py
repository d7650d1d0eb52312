"""What a person sees while lines are predicted: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NoReturn, TextIO

from nlpx.core.terminal import shows_bars
from nlpx.specs.predictor import Say

if TYPE_CHECKING:
    from tqdm import tqdm

DELAY = 2.0
"""Seconds before a bar appears."""
INTERVAL = 30.0
"""Seconds between plain lines."""


class PredictionProgress:
    """Counts lines; use it as a context manager.

    Args:
        stream: shows the bar if it is a terminal; None shows nothing.
        say: prints a message, and a line now and then where there is no bar.
        total: size of the input; None if it is unknown.
    """

    def __init__(self, stream: TextIO | None, say: Say, total: int | None = None) -> None:
        self._shows = stream is not None
        self._say, self._total = say, total
        self._lines = self._lines_before = self._position = self._position_before = 0
        self._begun = self._said = time.monotonic()
        self._bar: tqdm[NoReturn] | None = None
        if stream is not None and shows_bars(stream):
            from tqdm import tqdm

            layout = "{percentage:3.0f}%|{bar}| {desc}" if total else "{desc}"
            self._bar = tqdm(
                total=total or None,
                file=stream,
                bar_format=layout,
                dynamic_ncols=True,
                miniters=0,
                delay=DELAY,
                leave=False,
            )

    def __enter__(self) -> PredictionProgress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def begin(self, lines: int, position: int = 0) -> None:
        """Start the clock, after lines that were done before, which end at a position of the input."""
        self._lines = self._lines_before = lines
        self._position = self._position_before = position
        self._begun = self._said = time.monotonic()

    def add(self, lines: int, position: int = 0) -> None:
        """Count lines that are done, and end at a position of the input."""
        self._lines += lines
        self._position = position
        now = time.monotonic()
        if self._bar is not None:
            self._bar.set_description_str(self._state(now), refresh=False)
            self._bar.update(position - self._bar.n)
        elif self._shows and now >= self._said + INTERVAL:
            self._said = now
            self._say(self._state(now))

    def say(self, message: str) -> None:
        """Print a message where the bar was; it comes back with the next lines."""
        if self._bar is not None:
            self._bar.clear()
        self._say(message)

    def _state(self, now: float) -> str:
        seconds = max(now - self._begun, 1e-9)
        state = f"{self._lines:,} lines, {(self._lines - self._lines_before) / seconds:,.0f} lines/s"
        read = self._position - self._position_before
        if self._total and read > 0:
            from tqdm import tqdm

            left = (self._total - self._position) * seconds / read
            state += f", {tqdm.format_interval(max(0, round(left)))} left"
        return state
