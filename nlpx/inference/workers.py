"""Predict for portions of an input in several processes; the order of the output is that of the input."""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stderr
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import wait
from typing import Any

from nlpx.errors import EnvironmentProblem, NlpxError
from nlpx.inference.lines import Line
from nlpx.inference.rendering import Rendering
from nlpx.inference.stream import Portion, Rendered, predictions, rendered
from nlpx.specs.predictor import Predictor, Say

AHEAD = 2
"""Portions per process that are read before they are needed."""
THREADS = "NLPX_THREADS"

Opener = Callable[[Say], Predictor[Any, Any]]
"""Loads a model; called in the process that uses it, so that it must be possible to pickle it."""


class WorkerError(NlpxError):
    """An error of a worker process, with the exit code that it would have had here."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # that of one error, not of its class


@dataclass(frozen=True, slots=True)
class _Report:
    """What a worker gives for a portion: its output, or an error; and messages of its start."""

    rendered: Rendered
    messages: Sequence[str] = ()
    error: tuple[str, int] | None = None


def rendered_by_workers(
    opener: Opener, rendering: Rendering, portions: Iterable[Portion], count: int, say: Say
) -> Generator[tuple[Portion, Rendered]]:
    """Every portion with its output, in order; at most AHEAD portions per process are in memory.

    Args:
        opener: called once in every process.
        rendering: of the predictions.
        portions: of the input.
        count: number of processes.
        say: called with the messages of the processes, each once.

    Raises:
        WorkerError: a process reported an error.
        EnvironmentProblem: a process has ended.
    """
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        count, multiprocessing.get_context("spawn"), _begin, (opener, rendering, _threads(count))
    )
    told: set[str] = set()
    source = iter(portions)
    running: deque[tuple[Portion, Future[_Report]]] = deque()
    try:
        while True:
            for portion in islice(source, AHEAD * count - len(running)):
                running.append((portion, _submitted(pool, portion)))
            if not running:
                break
            portion, future = running.popleft()
            report = _result(portion, future)
            for message in report.messages:
                if message not in told:
                    told.add(message)
                    say(message)
            if report.error is not None:
                raise WorkerError(*report.error)
            yield portion, report.rendered
    except BaseException:
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, portion: Portion) -> Future[_Report]:
    """The report of a portion; of a broken pool, its error, which is due after the reports before it."""
    try:
        return pool.submit(_predict, portion.lines)
    except BrokenProcessPool as error:
        broken: Future[_Report] = Future()
        broken.set_exception(error)
        return broken


def _result(portion: Portion, future: Future[_Report]) -> _Report:
    try:
        return future.result()
    except BrokenProcessPool:
        first = portion.end - len(portion.lines) + 1
        raise EnvironmentProblem(
            f"--jobs: a worker process was killed while it predicted for line {first:,} or a later one. "
            "Memory may be short: every process loads the model. Use fewer --jobs."
        ) from None


def _threads(count: int) -> int:
    """Threads for each of `count` processes that share the CPUs."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, usable // count)


_opener: Opener
_rendering: Rendering
_predictor: Predictor[Any, Any] | None = None


def _begin(opener: Opener, rendering: Rendering, threads: int) -> None:
    """Prepare this process; the model is loaded with the first portion, so that errors can be reported."""
    global _opener, _rendering
    _opener, _rendering = opener, rendering
    os.environ.setdefault(THREADS, str(threads))
    # A terminal sends it to all processes; the first one then ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _predict(lines: Sequence[Line]) -> _Report:
    global _predictor
    messages: list[str] = []
    try:
        if _predictor is None:
            with redirect_stderr(io.StringIO()) as shown:
                _predictor = _opener(messages.append)
            messages[:0] = shown.getvalue().splitlines()
        return _Report(rendered(_rendering, predictions(_predictor, lines)), messages)
    except NlpxError as error:
        return _Report(Rendered("", ()), messages, (str(error), error.exit_code))
