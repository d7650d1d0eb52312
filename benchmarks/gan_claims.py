"""Is a single loss as good as alternating phases, and faster? Is a spectral norm faster than a penalty?

    python benchmarks/gan_claims.py [--config configs/gan.yaml] [--data FOLDER] [--claim time|quality]
                                    [--seeds 5] [--rounds 15] [--steps 30] [--jobs 1] [--set KEY=VALUE]...

kexue.fm archive 6387 says that a step on a single loss with stopped gradients equals simultaneous training of
both networks, and takes less time than alternating steps (a test verifies that the gradients are equal:
tests/tasks/test_gan_learner.py); archive 6051, that spectral normalization takes less time than a gradient
penalty. time: all variants in one process, in turns; prints the median of a step and its ratio to the first
variant, by wall clock and by time of the process on all cores. quality: `nlpx train` with several seeds;
prints the mean of every metric of the test split, and the mean difference to the first variant with its 95 %
interval (Student's t, over seeds).
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from interval import interval
from program import ROOT, nlpx, run

WAYS = {"alternating": "train.update=alternating", "joint": "train.update=joint"}
ONE_OPTIMIZER = "optimizer={type: adam, learning_rate: 1e-3, beta_1: 0.0, beta_2: 0.99, schedule: cosine}"
PLAIN = ["loss=hinge_gan", "model.discriminator.spectral_norm=false"]
SMOOTH = {
    "joint, neither": PLAIN,
    "joint, spectral norm": [*PLAIN, "model.discriminator.spectral_norm=true"],
    "joint, penalty at real": [*PLAIN, "loss.penalty={at: real}"],
    "joint, penalty at mixed": [*PLAIN, "loss.penalty={at: mixed, centre: 1}"],
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, default=ROOT / "configs" / "gan.yaml")
    parser.add_argument("--data", type=Path, help="folder of the corpora, if the config reads any")
    parser.add_argument("--claim", choices=["time", "quality"], action="append", help="default: both")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=15, help="turns of every variant")
    parser.add_argument("--steps", type=int, default=30, help="steps of a turn")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    arguments = parser.parse_args()
    overrides = [
        ONE_OPTIMIZER,
        *([f"data.root={arguments.data}"] if arguments.data else []),
        *arguments.overrides,
    ]
    if "time" in (arguments.claim or ["time"]):
        variants = {name: [*overrides, way] for name, way in WAYS.items()}
        variants |= {name: [*overrides, WAYS["joint"], *sets] for name, sets in SMOOTH.items()}
        measure_time(arguments.config, variants, arguments.rounds, arguments.steps)
    if "quality" in (arguments.claim or ["quality"]):
        measure_quality(arguments.config, overrides, arguments.seeds, arguments.jobs)


def measure_time(config: Path, variants: dict[str, list[str]], rounds: int, steps: int) -> None:
    """Print the median time per step of every variant."""
    turns = {name: turn(config, overrides, steps) for name, overrides in variants.items()}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, take in turns.items():
            times[name].append(take())
    medians = {name: np.median(values, 0) for name, values in times.items()}
    print(f"{config.name}, {rounds} turns of {steps} steps")
    print("| variant | ms per step | ratio | ms on all cores | ratio |\n|---|---|---|---|---|")
    for name, (wall, cores) in medians.items():
        first = medians["alternating"]
        cells = f"{1e3 * wall:.2f} | {wall / first[0]:.2f} | {1e3 * cores:.2f} | {cores / first[1]:.2f}"
        print(f"| {name} | {cells} |", flush=True)


def turn(config: Path, overrides: Sequence[str], steps: int) -> Callable[[], tuple[float, float]]:
    """A function that makes some steps, batches included, and returns the seconds of one."""
    from nlpx.config.load import load_experiment
    from nlpx.engine.learner import Evaluation
    from nlpx.engine.stages import Stages
    from nlpx.engine.state import Progress
    from nlpx.engine.train import configure
    from nlpx.workflow.corpus import open_corpus
    from nlpx.workflow.job import job_of

    experiment = load_experiment(config, overrides, []).experiment
    corpus = open_corpus(experiment)
    items = corpus.prepare(lambda message: None).items
    configure(experiment.seed, experiment.train)
    learner = experiment.learner(corpus.codec, {})
    batches = experiment.batches(items, learner, corpus.cache)
    stages = Stages(job_of(experiment, learner, batches, Path(), lambda: Evaluation({})))
    stages.enter(Progress())
    rounds = stages.rounds
    stages.step(rounds.update(0, 0), 0)

    def take() -> tuple[float, float]:
        start, used = time.perf_counter(), time.process_time()
        for number in range(steps):
            stages.step(rounds.update(0, number % rounds.updates_per_epoch), number)
        return (time.perf_counter() - start) / steps, (time.process_time() - used) / steps

    return take


def measure_quality(config: Path, overrides: Sequence[str], seeds: int, jobs: int) -> None:
    """Print the test metrics of both ways to train."""
    cases = [(name, seed) for seed in range(1, seeds + 1) for name in WAYS]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        measure = partial(trained, config, overrides, Path(folder))
        found = dict(zip(cases, pool.map(lambda case: measure(*case), cases), strict=True))
    first = next(iter(WAYS))
    metrics = list(found[first, 1])
    print(
        f"{config.name}, {seeds} seeds\n| way | "
        + " | ".join(f"{name} | difference" for name in metrics)
        + " |"
    )
    print("|---" * (1 + 2 * len(metrics)) + "|")
    for name in WAYS:
        cells = []
        for metric in metrics:
            values, base = (
                np.array([found[way, seed][metric] for seed in range(1, seeds + 1)]) for way in (name, first)
            )
            cells += [f"{values.mean():.4f}", "" if name == first else interval(values - base)]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def trained(config: Path, overrides: Sequence[str], folder: Path, way: str, seed: int) -> dict[str, float]:
    """Metrics of the test split after one training run, at the best checkpoint of the validation split."""
    name = f"{way}-{seed}"
    nlpx(
        "train",
        config,
        "--output",
        folder,
        "--name",
        name,
        sets=[*overrides, WAYS[way], f"seed={seed}"],
        threads=1,
    )
    path = folder / "gan" / name / "eval" / "test.json"
    metrics: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))["metrics"]
    print(f"{name}: " + ", ".join(f"{key} {value:.4f}" for key, value in metrics.items()), flush=True)
    return metrics


if __name__ == "__main__":
    run(main)
