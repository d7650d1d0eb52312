"""What the training loop costs over a bare compiled step: same model, same batches, interleaved in one run.

    python benchmarks/loop.py [--steps 200] [--threads 2] [--deterministic]

The bare step is the shortest that trains: gradients of the mean loss, optimizer. The loop adds making the
batches, gradient norms and the check for NaN, events, records and progress lines. Also counts how many shapes
an epoch of mixed lengths compiles. A second bare step shows the noise of the machine. Prints a table.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from program import run

if TYPE_CHECKING:
    from nlpx.engine.learner import Batches, Learner
    from nlpx.specs.experiment import Experiment

CHARACTERS, BATCH_SIZE, BATCHES = 5335, 64, 100
BARE, AGAIN, LOOP = "bare compiled step", "another bare step: the noise", "nlpx loop"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200, help="timed rounds")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--deterministic", action="store_true", help="with deterministic operations")
    arguments = parser.parse_args()

    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)

    from nlpx.engine.train import configure
    from nlpx.tasks.couplet.config import Couplet

    experiment = Couplet.model_validate(
        {
            "task": "couplet",
            "train": {
                "epochs": 2 + arguments.steps // BATCHES,
                "batch_size": BATCH_SIZE,
                "deterministic": arguments.deterministic,
                "evaluate_every": 10**9,
            },
        }
    )
    configure(experiment.seed, experiment.train)
    times, traces = measure(experiment, arguments.steps)
    print(
        f"couplet model, batch {BATCH_SIZE}, mixed lengths, {arguments.threads} threads, "
        f"{arguments.steps} interleaved rounds; relative: median over rounds"
    )
    print("| | ms a step, median | relative |\n|---|---|---|")
    for name, values in times.items():
        ratio = statistics.median(b / a for a, b in zip(times[BARE], values, strict=True))
        print(f"| {name} | {1e3 * statistics.median(values):.2f} | {100 * (ratio - 1):+.2f} % |")
    print(f"\ncompiled shapes in an epoch of mixed lengths: {traces}")


def measure(experiment: Experiment, rounds: int) -> tuple[dict[str, list[float]], int]:
    """Seconds of every step, by name, after an epoch that compiles; and how many shapes that compiled."""
    from nlpx.components.observers.base import Setting
    from nlpx.components.observers.events import StepDone
    from nlpx.engine.job import Job
    from nlpx.engine.learner import Evaluation
    from nlpx.engine.loop import steps
    from nlpx.engine.observers.progress import progress_observer
    from nlpx.engine.observers.recorder import Recorder
    from nlpx.engine.stages import Stages
    from nlpx.engine.state import Progress
    from nlpx.engine.stopping import Monitor

    batches = planned_batches(experiment.seed)
    learner = couplet_learner()
    job = Job(
        learner=learner,
        batches=batches,
        evaluate=lambda: Evaluation({"nll": 0.0}),
        directory=Path(),
        train=experiment.train,
        optimizer=experiment.optimizer,
        tricks=experiment.tricks,
        checkpoint=experiment.checkpoint,
        directions={"nll": "min"},
    )
    stages = Stages(job)
    stages.enter(Progress())
    bare, again = bare_step(couplet_learner()), bare_step(couplet_learner())
    times: dict[str, list[float]] = {BARE: [], AGAIN: [], LOOP: []}
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder))
        recorder.rewind({})
        setting = Setting(Path(folder), learner.model, stages.total, batches.updates_per_epoch, "valid/nll")
        observers = [recorder, progress_observer(io.StringIO())]
        for observer in observers:
            observer.begin(setting)
        events = steps(stages, job.evaluate, Monitor(job.checkpoint, None, job.directions))

        def loop_step() -> None:
            for event in events:
                for observer in observers:
                    observer.on(event)
                if isinstance(event, StepDone):
                    return

        for number in range(batches.updates_per_epoch + rounds):
            # The bare steps get ready batches; those of the loop are made while the clock runs.
            (batch,) = batches.update(*divmod(number, batches.updates_per_epoch))
            actions: dict[str, Callable[[], None]] = {
                BARE: partial(bare, batch),
                AGAIN: partial(again, batch),
                LOOP: loop_step,
            }
            first = number % len(actions)
            for name in [*list(actions)[first:], *list(actions)[:first]]:
                start = time.perf_counter()
                actions[name]()
                if number >= batches.updates_per_epoch:
                    times[name].append(time.perf_counter() - start)
            if number == batches.updates_per_epoch - 1:
                traces = stages.traces
    return times, traces


def couplet_learner() -> Learner:
    """The default couplet model with a vocabulary of the size of the public corpus."""
    from nlpx.tasks.couplet.config import Couplet
    from nlpx.text.vocabulary import Vocabulary

    tokens = Counter({chr(0x4E00 + i): 9 for i in range(CHARACTERS - 1)})
    experiment = Couplet.model_validate({"task": "couplet"})
    return experiment.learner(experiment.codec(), {"char": Vocabulary.build(tokens, min_count=1)})


def planned_batches(seed: int) -> Batches:
    """Random lines with the lengths of couplets, in length buckets."""
    from nlpx.data.batching import BatchPlan, choose_boundaries
    from nlpx.data.items import MAIN, EncodedItems, Extent, Field
    from nlpx.data.planned_batches import PlannedBatches

    rng = np.random.default_rng(0)
    lengths = np.clip(rng.gamma(6.0, 1.7, BATCH_SIZE * BATCHES), 3, 32).astype(np.int32)
    arrays = {name: rng.integers(1, CHARACTERS, lengths.sum(), dtype=np.int32) for name in ("char", "target")}
    items = EncodedItems(dict.fromkeys(arrays, Field()), arrays, {MAIN: Extent.of(lengths)})
    plan = BatchPlan(lengths, BATCH_SIZE, choose_boundaries(lengths), seed)
    return PlannedBatches(plan, items, BATCH_SIZE)


def bare_step(learner: Learner) -> Callable[[Mapping[str, np.ndarray]], None]:
    """The shortest compiled training step."""
    import keras
    import tensorflow as tf

    optimizer = keras.optimizers.Adam(1e-3)
    variables = learner.model.trainable_variables
    optimizer.build(variables)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def step(batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
        with tf.GradientTape() as tape:
            (term,) = learner.losses(batch, tf.constant(0), training=True).values()
            mean = term.sum / term.weight
        optimizer.apply(tape.gradient(mean, [variable.value for variable in variables]), variables)
        return mean

    def run(batch: Mapping[str, np.ndarray]) -> None:
        float(step({name: tf.convert_to_tensor(values) for name, values in batch.items()}))

    return run


if __name__ == "__main__":
    run(main)
