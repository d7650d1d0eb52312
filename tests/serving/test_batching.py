"""Batches count rows, and what nobody waits for is not computed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from nlpx.serving.batching import Batcher
from nlpx.serving.calls import Call, Input, Options, Predict
from nlpx.serving.limits import Limits
from nlpx.serving.meters import Meters
from nlpx.serving.refusal import Refusal
from nlpx.specs.predictor import Prediction

ONE = Predict(1, Options())
TWO = Predict(2, Options())


class Recorder:
    """Computes nothing, and remembers the batches; the first call waits until `go` is set."""

    def __init__(self) -> None:
        self.batches: list[list[Input]] = []
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, call: Call, inputs: Sequence[Input]) -> list[Prediction]:
        self.batches.append(list(inputs))
        self.begun.set()
        assert self.go.wait(10)
        return [Prediction(f"{text}!") for text in inputs]


def with_batcher(
    limits: Limits,
    recorder: Recorder,
    body: Callable[[Batcher], Awaitable[Any]],
    meters: Meters | None = None,
) -> None:
    async def main() -> None:
        batcher = Batcher("m", recorder, limits, meters or Meters())
        await body(batcher)
        await batcher.close()

    asyncio.run(main())


async def begun(recorder: Recorder) -> None:
    await asyncio.to_thread(recorder.begun.wait, 10)


def test_rows_that_wait_together_share_batches_of_a_bounded_size() -> None:
    recorder = Recorder()

    async def body(batcher: Batcher) -> None:
        first = asyncio.create_task(batcher.predict(ONE, ["0"]))
        await begun(recorder)
        others = [asyncio.create_task(batcher.predict(ONE, [f"{i}", f"{i}b"])) for i in range(1, 4)]
        await asyncio.sleep(0)
        recorder.go.set()
        assert [row.text for row in await first] == ["0!"]  # type: ignore[union-attr]  # none is refused
        for number, task in enumerate(others, 1):
            assert [row.text for row in await task] == [f"{number}!", f"{number}b!"]  # type: ignore[union-attr]

    with_batcher(Limits(batch_rows=4), recorder, body)
    assert recorder.batches == [["0"], ["1", "1b", "2", "2b"], ["3", "3b"]]


def test_only_equal_calls_share_a_batch_and_rows_count_with_their_cost() -> None:
    recorder = Recorder()

    async def body(batcher: Batcher) -> None:
        first = asyncio.create_task(batcher.predict(ONE, ["0"]))
        await begun(recorder)
        tasks = [
            asyncio.create_task(batcher.predict(call, inputs, costs))
            for call, inputs, costs in (
                (ONE, ["a"], None),
                (TWO, ["x", "y", "z"], None),
                (ONE, ["large", "b", "largest"], [3, 1, 9]),
                (ONE, ["c"], None),
            )
        ]
        await asyncio.sleep(0)
        assert batcher.waiting == 21
        recorder.go.set()
        await asyncio.gather(first, *tasks)

    with_batcher(Limits(batch_rows=4), recorder, body)
    assert recorder.batches == [["0"], ["a", "large"], ["x", "y"], ["z"], ["b", "c"], ["largest"]]


def test_a_full_queue_refuses_and_says_when_to_come_again() -> None:
    recorder = Recorder()

    async def body(batcher: Batcher) -> None:
        first = asyncio.create_task(batcher.predict(ONE, ["0"]))
        await begun(recorder)
        second = asyncio.create_task(batcher.predict(ONE, ["1", "2", "3"]))
        await asyncio.sleep(0)
        with pytest.raises(Refusal) as refused:
            await batcher.predict(ONE, ["4", "5"])
        assert refused.value.status == 429
        assert int(refused.value.headers["Retry-After"]) >= 1
        last = asyncio.create_task(batcher.predict(ONE, ["6"]))
        await asyncio.sleep(0)
        recorder.go.set()
        await asyncio.gather(first, second, last)

    with_batcher(Limits(queue_rows=4, rows=4), recorder, body)
    assert recorder.batches == [["0"], ["1", "2", "3", "6"]]


def test_what_would_wait_too_long_is_refused_at_once() -> None:
    recorder = Recorder()

    async def body(batcher: Batcher) -> None:
        first = asyncio.create_task(batcher.predict(ONE, ["0"]))
        await begun(recorder)
        await asyncio.sleep(0.1)  # the first row takes at least this, so 50 rows take at least 5 s
        recorder.go.set()
        await first
        recorder.go.clear()
        recorder.begun.clear()
        second = asyncio.create_task(batcher.predict(ONE, ["1"] * 200))  # the queue is empty
        await begun(recorder)
        with pytest.raises(Refusal) as refused:
            await batcher.predict(ONE, ["2"] * 50)
        assert (refused.value.status, refused.value.code) == (429, "queue_full")
        assert int(refused.value.headers["Retry-After"]) > 5
        recorder.go.set()
        await second

    with_batcher(Limits(), recorder, body)
    assert ["2"] not in recorder.batches


def test_abandoned_rows_make_room_and_are_not_computed() -> None:
    recorder, meters = Recorder(), Meters()

    async def body(batcher: Batcher) -> None:
        first = asyncio.create_task(batcher.predict(ONE, ["0"]))
        await begun(recorder)
        left = asyncio.create_task(batcher.predict(ONE, ["1", "2", "3", "4"]))
        await asyncio.sleep(0)
        left.cancel()
        await asyncio.wait([left])
        kept = asyncio.create_task(batcher.predict(ONE, ["5"]))
        await asyncio.sleep(0)
        recorder.go.set()
        await asyncio.gather(first, kept)

    with_batcher(Limits(queue_rows=4, rows=4), recorder, body, meters)
    assert recorder.batches == [["0"], ["5"]]
    assert 'nlpx_rows_left_total{model="m",reason="abandoned"} 4' in meters.text({})


def test_rows_that_have_waited_too_long_are_given_up_before_they_are_computed() -> None:
    recorder = Recorder()

    async def body(batcher: Batcher) -> None:
        first = asyncio.create_task(batcher.predict(ONE, ["0"]))
        await begun(recorder)
        late = asyncio.create_task(batcher.predict(ONE, ["1"]))
        await asyncio.sleep(0.4)
        recorder.go.set()
        await first
        with pytest.raises(Refusal) as refused:
            await late
        assert (refused.value.status, refused.value.code) == (503, "deadline_exceeded")
        assert "Retry-After" in refused.value.headers

    with_batcher(Limits(deadline=0.2), recorder, body)
    assert recorder.batches == [["0"]]


def test_a_computation_that_takes_too_long_is_a_timeout_and_the_next_one_works() -> None:
    recorder = Recorder()

    async def body(batcher: Batcher) -> None:
        with pytest.raises(Refusal) as refused:
            await batcher.predict(ONE, ["0"])
        assert (refused.value.status, refused.value.code) == (504, "timeout")
        recorder.go.set()
        assert len(await batcher.predict(ONE, ["1"])) == 1

    with_batcher(Limits(timeout=0.4), recorder, body)


def test_the_first_row_waits_for_others_but_not_when_a_batch_is_full() -> None:
    recorder = Recorder()
    recorder.go.set()

    async def body(batcher: Batcher) -> None:
        tasks = [asyncio.create_task(batcher.predict(ONE, [f"{i}"])) for i in range(2)]
        await asyncio.wait_for(asyncio.gather(*tasks), 5)

    with_batcher(Limits(batch_rows=2, wait=60), recorder, body)
    assert recorder.batches == [["0", "1"]]
