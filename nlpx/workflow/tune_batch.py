"""Batch size finder: rows per second and memory of every batch size."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlpx.core.plot import Axis, LinePlot
from nlpx.errors import NlpxError, UsageError
from nlpx.workflow.trial import Trial

if TYPE_CHECKING:
    from nlpx.engine.learner import Batch

REPEATS = 5
LOOKED_AT = 50
"""Batches among which the largest is looked for."""
NEARLY = 0.95
"""A batch size with this share of the largest throughput is as good."""


@dataclass(frozen=True)
class Measured:
    """The updates of one batch size, on the widest batch of an epoch.

    Attributes:
        size: rows of a batch, `train.batch_size`.
        seconds: median time of an update.
        rows: rows of an update, over all micro-batches and phases.
        memory: bytes at the most, of the accelerator if there is one, else of the process.
    """

    size: int
    seconds: float
    rows: int
    memory: int

    @property
    def throughput(self) -> float:
        """Rows per second."""
        return self.rows / self.seconds


@dataclass(frozen=True)
class BatchSizes:
    """What every batch size takes.

    Attributes:
        measured: in ascending order.
        ended: why larger ones were not tried.
    """

    measured: Sequence[Measured]
    ended: str

    @property
    def suggested(self) -> int:
        """The smallest size that trains nearly as many rows per second as the best one."""
        best = max(found.throughput for found in self.measured)
        return next(found.size for found in self.measured if found.throughput >= NEARLY * best)

    def plot(self) -> LinePlot:
        """Rows per second over batch size."""
        points = [(float(found.size), found.throughput) for found in self.measured]
        return LinePlot(
            "rows per second",
            Axis.over("batch size", [x for x, _ in points], log=True),
            Axis.over("rows per second", [0.0, *(y for _, y in points)]),
            {"rows per second": points},
            {f"suggested {self.suggested}": float(self.suggested)},
        )


def batch_sizes(trial: Trial, largest: int, say: Callable[[str], None]) -> BatchSizes:
    """Time updates of 1, 2, 4, ... rows until memory, rows or `largest` end it; the model is changed.

    Raises:
        NlpxError: no size up to the largest one fits, or is possible.
    """
    import tensorflow as tf

    measured: list[Measured] = []
    ended, size = "", 1
    while size <= largest:
        try:
            measured.append(_measure(trial, size))
        except (tf.errors.ResourceExhaustedError, MemoryError):
            ended = f"a batch of {size} rows does not fit in memory"
            break
        except NlpxError:
            # Batches in which rows are compared with each other have a least size.
            if measured or 2 * size > largest:
                raise
            size *= 2
            continue
        say(f"batch size {size}: {1e3 * measured[-1].seconds:.1f} ms per step")
        if size > len(trial.prepared.items):
            ended = f"there are only {len(trial.prepared.items)} training rows"
            break
        size *= 2
    if not measured:
        raise UsageError(f"{ended}. Reduce the size of the model, or data.max_length.")
    return BatchSizes(measured, ended or f"the largest size to try is {largest}")


def _measure(trial: Trial, size: int) -> Measured:
    from nlpx.engine.state import Progress

    experiment = trial.experiment
    train = experiment.train.model_copy(update={"batch_size": size})
    stages = trial.stages(experiment.model_copy(update={"train": train}))
    stages.enter(Progress())
    updates = [stages.batches(0, i, i) for i in range(min(LOOKED_AT, stages.rounds.updates_per_epoch))]
    update = max(updates, key=_numbers)
    stages.step(update, 0)  # compiled
    times = []
    for number in range(REPEATS):
        start = time.perf_counter()
        stages.step(update, number + 1)
        times.append(time.perf_counter() - start)
    rows = sum(len(next(iter(batch.values()))) for batches in update for batch in batches)
    return Measured(size, statistics.median(times), rows, _memory())


def _numbers(update: Sequence[Sequence[Batch]]) -> int:
    """The size of all arrays of an update."""
    return sum(array.size for batches in update for batch in batches for array in batch.values())


def _memory() -> int:
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return int(tf.config.experimental.get_memory_info("GPU:0")["peak"])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
