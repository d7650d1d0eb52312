"""What is left of a training run whose loss or gradients are not finite."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlpx.components.observers.events import Event
from nlpx.engine.arrays import write_arrays, write_bytes
from nlpx.engine.learner import Batch
from nlpx.engine.update import UpdateResult
from nlpx.errors import Diverged, EnvironmentProblem


@dataclass(frozen=True, slots=True)
class StepFailed(Event):
    """Loss or gradients are not finite. The weights are spoilt and must not be saved; no more events follow.

    Attributes:
        index: the update's place in its epoch.
        result: what the phase that failed did.
        batches: its micro-batches.
        items: the training items of each of them.
    """

    index: int
    result: UpdateResult
    batches: Sequence[Batch]
    items: list[list[int]]


def diverged(directory: Path, event: StepFailed, saved: list[int]) -> Diverged:
    """Save the micro-batches that an update failed on; returns the error that says so.

    `diverged/batch.npz` holds their arrays as `NUMBER/NAME`; `diverged/batch.json` says which training items
    they are, the place in the run, and the loss sum of each.

    Args:
        directory: the run directory.
        event: the update.
        saved: steps of the checkpoints there are.

    Raises:
        EnvironmentProblem: the folder cannot be written.
    """
    folder, result = directory / "diverged", event.result
    rate, norm, loss = result.sums.learning_rate, result.gradient_norm, sum(result.losses)
    where = {
        "update": event.step + 1,
        "epoch": event.epoch + 1,
        "index": event.index,
        "learning_rate": rate,
        "losses": list(map(repr, result.losses)),
        "gradient_norm": repr(norm),
        "items": event.items,
    }
    arrays = {f"{i}/{name}": array for i, batch in enumerate(event.batches) for name, array in batch.items()}
    try:
        folder.mkdir(exist_ok=True)
        write_arrays(folder / "batch.npz", arrays)
        write_bytes(folder / "batch.json", json.dumps(where, indent=1).encode())
    except OSError as error:
        raise EnvironmentProblem(
            f"{folder}: the batch of a failed update cannot be saved: {error}"
        ) from error
    what = f"the gradient norm is {norm}" if math.isfinite(loss) else f"the loss is {loss}"
    last = f"Checkpoint {saved[-1]} is from before it." if saved else "No checkpoint was saved yet."
    return Diverged(
        f"{directory}: update {event.step + 1} (epoch {event.epoch + 1}) failed: {what} at learning rate "
        f"{rate:g}. Its batch is saved in {folder / 'batch.npz'}, and which items it holds in "
        f"{folder / 'batch.json'}. {last} Look at them, lower optimizer.learning_rate, add "
        "warmup_steps to its schedule, or add the trick gradient_clip."
    )
