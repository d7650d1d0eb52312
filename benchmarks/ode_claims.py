"""Can the parameters of differential equations be inferred by back-propagation?

    python benchmarks/ode_claims.py [--seeds 5] [--case author|logarithms|noise]...

kexue.fm archive 5643 infers six parameters of two competing species from a table of six times, and shows a
plot that fits; a sum of squared errors (SSE) below 5 counts as a success here.

author: configs/ode/original.yaml, whose initial parameters are multiplied by exp(0.5 z) with normal z.
logarithms: the same starts in configs/ode/competition.yaml.
noise: competition.yaml from the start of the author, on the exact solution with normal noise of 1.

Every row is one run with all updates of the config, and the least SSE of its evaluations, next to the initial
one and to that of the algorithm of Levenberg and Marquardt (SciPy) from the same start. The last column
counts the 95 % intervals that contain the true value.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from program import ROOT, run

from nlpx.components.optimizers.base import Optimizer
from nlpx.config.load import load_experiment
from nlpx.data.items import EncodedItems
from nlpx.tasks.ode.config import Ode
from nlpx.tasks.ode.intervals import Fit
from nlpx.tasks.ode.quantity import Quantity
from nlpx.tasks.ode.references import references
from nlpx.workflow.corpus import open_corpus

TRUE = {"r1": 0.1, "r2": 0.3, "a1": 1e-4, "a2": 2e-4, "n1": 0.002, "n2": 0.003}
START = {"r1": 0.1, "r2": 0.1, "a1": 1e-3, "a2": 1e-3, "n1": 1e-3, "n2": 1e-3}
TIMES = (10, 15, 30, 36, 40, 42)
SPREAD, NOISE, SUCCESS = 0.5, 1.0, 5.0
CONFIGS = {"author": "original", "logarithms": "competition", "noise": "competition"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--case", action="append", choices=[*CONFIGS], help="default: all")
    arguments = parser.parse_args()
    for case in arguments.case or CONFIGS:
        print(f"{case}: configs/ode/{CONFIGS[case]}.yaml")
        print("| seed | initial SSE | trained | least squares | intervals with the true value |")
        print("|---|---|---|---|---|")
        found = [trained(case, seed) for seed in range(1, arguments.seeds + 1)]
        below = sum(sse < SUCCESS for sse in found)
        print(f"{below} of {len(found)} below {SUCCESS:g}, median {np.median(found):.4g}\n", flush=True)


def trained(case: str, seed: int) -> float:
    """Train once, print the row, and return the SSE."""
    config = ROOT / "configs" / "ode" / f"{CONFIGS[case]}.yaml"
    with tempfile.TemporaryDirectory() as folder:
        experiment = load_experiment(config, changes(case, seed, Path(folder))).experiment
        assert isinstance(experiment, Ode)
        corpus = open_corpus(experiment)
        fit = Fit(experiment.model.system(), experiment.codec(), [*corpus.rows("train")])  # type: ignore[list-item]
        items = corpus.prepare(lambda message: None).items
    reference = references(fit.system, fit.codec)["least_squares"]
    reference.prepare(lambda split: fit.rows)
    best = sum(example.severity for example in reference.examples(fit.rows, ()))
    evaluations = dict(train(experiment, items, fit))
    sse = min(evaluations)
    intervals = fit.intervals(evaluations[sse])
    inside = sum(low <= TRUE[name] <= high for name, (low, high) in intervals.items())
    first = float(np.sum(fit.residuals(fit.system.initial) ** 2))
    print(f"| {seed} | {first:.4g} | {sse:.4g} | {best:.4g} | {inside} of {len(TRUE)} |", flush=True)
    return sse


def train(experiment: Ode, items: EncodedItems, fit: Fit) -> Iterator[tuple[float, dict[str, float]]]:
    """The SSE, and theta by name, at every evaluation."""
    from nlpx.engine.train import configure
    from nlpx.engine.update import Update

    configure(experiment.seed, experiment.train)
    learner = experiment.learner(fit.codec, {})
    batches = experiment.batches(items, learner, Path())
    total, optimizer = experiment.train.epochs, experiment.optimizer
    assert total is not None and isinstance(optimizer, Optimizer)
    update = Update(learner, optimizer.build(total), total=total, xla=experiment.train.xla)
    for step in range(1, total + 1):
        update(batches.update(step - 1, 0), step - 1)
        if step % int(experiment.train.evaluate_every) == 0:
            numbers = learner.numbers()
            yield float(np.sum(fit.residuals(numbers) ** 2)), numbers


def changes(case: str, seed: int, folder: Path) -> Sequence[str]:
    """The overrides of a run."""
    random = np.random.default_rng(seed)
    if case == "noise":
        path = folder / "noisy.tsv"
        path.write_text(noisy(random), encoding="utf-8")
        return [f"data.source={{type: observations, train: {path}, valid: {path}, test: {path}}}"]
    starts = {name: value * float(np.exp(SPREAD * random.normal())) for name, value in START.items()}
    written = "{:.6g}" if case == "author" else "{{initial: {:.6g}, low: 0}}"
    return [f"model.parameters.{name}={written.format(value)}" for name, value in starts.items()]


def noisy(random: np.random.Generator) -> str:
    """The exact solution with noise, as a file of observations."""
    model = load_experiment(ROOT / "configs" / "ode" / "competition.yaml").experiment.model  # type: ignore[attr-defined]
    parameters = {name: Quantity(initial=value, learned=False) for name, value in TRUE.items()}
    system = model.model_copy(update={"parameters": parameters}).system()
    states = system.solve({}, np.array(TIMES, float))
    states = states + NOISE * random.normal(size=states.shape)
    lines = [f"{time}\t{x:.6f}\t{y:.6f}" for time, (x, y) in zip(TIMES, states.tolist(), strict=True)]
    return "\n".join(["t\tx\ty", *lines]) + "\n"


if __name__ == "__main__":
    run(main)
