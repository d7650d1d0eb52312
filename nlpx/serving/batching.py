"""Compute the rows of many requests in batches, on one thread for each model."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from nlpx.serving.calls import Call, Input
from nlpx.serving.limits import Limits
from nlpx.serving.meters import Meters
from nlpx.serving.refusal import Refusal
from nlpx.specs.predictor import Prediction

Result = Prediction | Refusal
Compute = Callable[[Call, Sequence[Input]], Sequence[Result]]
"""One result for each input; never raises."""
LONGEST_RETRY = 60
SHARE = 0.5
"""Of the deadline: rows are refused if they are expected to wait for longer, as the speed changes."""
SMOOTHING = 0.2
"""Weight of the latest batch in the speed by which the time of waiting is estimated."""


@dataclass(eq=False)
class Row:
    """An input that waits for its prediction.

    Attributes:
        call: what is done with it; only rows of equal calls share a batch.
        cost: the rows that it counts as.
        result: cancelled if nobody waits for it any more.
        since: when it arrived, by the clock of `time.monotonic`.
    """

    call: Call
    input: Input
    cost: int
    result: asyncio.Future[Result]
    since: float


class Batcher:
    """The rows of one model.

    Args:
        name: of the model, for the metrics.
        compute: called on a thread of its own, with one batch at a time.
        limits: of batches, of the queue, and of times.
        meters: count rows and batches.
    """

    def __init__(self, name: str, compute: Compute, limits: Limits, meters: Meters) -> None:
        self._name, self._compute, self._limits, self._meters = name, compute, limits, meters
        self._rows: deque[Row] = deque()
        self._waiting = self._running = 0
        self._arrived = asyncio.Event()
        self._speed = 0.0
        self._thread = ThreadPoolExecutor(1, f"nlpx-{name}")
        self._worker: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Rows in the queue, with those that were abandoned since the last batch."""
        return self._waiting

    async def predict(
        self, call: Call, inputs: Sequence[Input], costs: Sequence[int] | None = None
    ) -> list[Result]:
        """One result for each input, in order. Rows are given up if the caller is cancelled.

        Args:
            costs: the rows that each input counts as; None for what the call says.

        Raises:
            Refusal: the queue is full; or a row has waited too long, or the whole has taken too long.
        """
        rows = self._add(call, inputs, costs or [call.cost] * len(inputs))
        try:
            async with asyncio.timeout(self._limits.timeout):
                return await asyncio.gather(*(row.result for row in rows))
        except TimeoutError:
            raise Refusal(
                504, "timeout", f"no prediction within {self._limits.timeout:g} seconds. Send fewer rows."
            ) from None
        finally:
            for row in rows:
                row.result.cancel()

    def _add(self, call: Call, inputs: Sequence[Input], costs: Sequence[int]) -> list[Row]:
        cost = sum(costs)
        if self._is_full(cost):
            self._drop()
        if self._is_full(cost):
            self._meters.refused(self._name, "queue_full")
            raise Refusal(
                429,
                "queue_full",
                f"{self._waiting} rows wait for this model, as many as it can take. Try again later.",
                {"Retry-After": str(self._retry_after())},
            )
        loop, now = asyncio.get_running_loop(), time.monotonic()
        if self._worker is None:
            self._worker = loop.create_task(self._work())
        rows = [
            Row(call, given, each, loop.create_future(), now)
            for given, each in zip(inputs, costs, strict=True)
        ]
        self._rows += rows
        self._waiting += cost
        self._arrived.set()
        return rows

    def _is_full(self, cost: int) -> bool:
        """Whether further rows exceed the queue, or would probably wait too long."""
        before = self._waiting + self._running
        late = self._speed and (before + cost) / self._speed > SHARE * self._limits.deadline
        return self._waiting + cost > self._limits.queue_rows or bool(before and late)

    def _retry_after(self) -> int:
        """Seconds until the queue is probably empty."""
        seconds = math.ceil(self._waiting / self._speed) if self._speed else 1
        return max(1, min(seconds, LONGEST_RETRY))

    async def _work(self) -> None:
        while True:
            await self._arrived.wait()
            await self._gathered()
            batch = self._take()
            if batch:
                await self._run(batch)
            if not self._rows:
                self._arrived.clear()

    async def _gathered(self) -> None:
        """Wait until a batch is full, or its first row has waited long enough."""
        while self._rows:
            first, full = self._rows[0], self._limits.batch_rows
            left = first.since + self._limits.wait - time.monotonic()
            if left <= 0 or self._waiting >= full:
                return
            await asyncio.sleep(min(left, 0.001))

    def _drop(self) -> None:
        """Leave out rows that nobody waits for, and those that have waited too long."""
        latest = time.monotonic() - self._limits.deadline
        alive: deque[Row] = deque()
        for row in self._rows:
            if row.result.done():
                self._meters.left(self._name, "abandoned")
            elif row.since < latest:
                self._meters.left(self._name, "expired")
                row.result.set_exception(self._expired())
            else:
                alive.append(row)
        self._rows = alive
        self._waiting = sum(row.cost for row in alive)

    def _expired(self) -> Refusal:
        return Refusal(
            503,
            "deadline_exceeded",
            f"the request has waited for more than {self._limits.deadline:g} seconds. Try again later.",
            {"Retry-After": str(self._retry_after())},
        )

    def _take(self) -> list[Row]:
        """The rows of the next batch: the first one, and those with an equal call, in their order."""
        self._drop()
        batch: list[Row] = []
        others: deque[Row] = deque()
        cost = 0
        for row in self._rows:
            fits = cost + row.cost <= self._limits.batch_rows and row.call == batch[0].call if batch else True
            if fits:
                batch.append(row)
                cost += row.cost
            else:
                others.append(row)
        self._rows = others
        self._waiting -= cost
        return batch

    async def _run(self, batch: Sequence[Row]) -> None:
        loop, start = asyncio.get_running_loop(), time.monotonic()
        inputs, rows = [row.input for row in batch], sum(row.cost for row in batch)
        self._running = rows
        try:
            results = await loop.run_in_executor(self._thread, self._compute, batch[0].call, inputs)
        finally:
            self._running = 0
        seconds = time.monotonic() - start
        speed = rows / max(seconds, 1e-6)
        self._speed = speed if not self._speed else (1 - SMOOTHING) * self._speed + SMOOTHING * speed
        self._meters.batch(self._name, rows, seconds)
        for row, result in zip(batch, results, strict=True):
            if not row.result.done():
                row.result.set_result(result)

    async def close(self) -> None:
        """Stop, when no request is open any more."""
        if self._worker is not None:
            self._worker.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)
