"""Training steps of nlpx and of the same networks in PyTorch: same weights, batches, lengths and optimizer.

    python benchmarks/torch_twins.py --torch PYTHON [--tasks couplet segmentation] [--threads 2] [--rounds 10]
                                     [--set KEY=VALUE]

PYTHON is an interpreter of an environment with PyTorch (2.13) and NumPy. The twin (benchmarks/twins) takes
the weights of nlpx; both must give the same loss, without dropout, and have as many parameters. Then they
take turns, each in a process of its own: nlpx, the twin, and the twin with torch.compile, all with the tricks
of the config. Batches are random, with rows of different lengths, and vocabularies as large as those of the
public corpora. Prints medians, and the ratio of nlpx to the faster twin, its mean over rounds with a 95 %
interval.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from interval import interval
from program import ROOT, run
from turns import CHILD, CLOCKS, Child, programs, serve, timed

TWIN = Path(__file__).parent / "twin.py"
TWINS = {"PyTorch": "eager", "torch.compile": "compiled"}
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Case:
    """What is trained.

    Attributes:
        config: in `configs`.
        characters, bigrams: sizes of the vocabularies.
        rows: batch size, that of the config.
        lengths: of the shortest and the longest row.
    """

    config: str
    characters: int
    rows: int
    lengths: tuple[int, int]
    bigrams: int = 0


CASES = {
    "couplet": Case("couplet/full.yaml", 5400, 64, (10, 10)),
    "segmentation": Case("segmentation/pku.yaml", 4000, 64, (56, 72)),
    "title": Case("title/full.yaml", 3230, 64, (150, 192)),
    "similarity": Case("similarity/full.yaml", 2300, 512, (9, 14), bigrams=25_000),
    "poem": Case("poem/full.yaml", 6500, 64, (10, 10)),
    "sentiment": Case("sentiment/full.yaml", 2900, 64, (80, 104), bigrams=32_000),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--torch", metavar="PYTHON")
    parser.add_argument("--tasks", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="processor: for a busy machine")
    parser.add_argument("--set", dest="overrides", action="append", default=[], help="of the configs")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument(CHILD, choices=CASES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        serve(nlpx_answers(given.child, given.threads, given.clock, given.overrides, given.folder))
        return
    if given.torch is None or shutil.which(given.torch) is None:
        sys.exit("torch_twins.py needs --torch PYTHON, an interpreter of an environment with torch and numpy")
    print(
        f"{given.threads} threads, {given.rounds} rounds, {given.clock} time, load {os.getloadavg()[0]:.1f}\n"
    )
    print(f"| | parameters | nlpx, ms | {' | '.join(f'{name}, ms' for name in TWINS)} | ratio |")
    print(f"|{'---|' * (4 + len(TWINS))}")
    for task in given.tasks:
        with tempfile.TemporaryDirectory() as folder:
            options = ["--threads", str(given.threads), "--clock", given.clock, "--folder", folder]
            sets = [word for override in given.overrides for word in ("--set", override)]
            commands = {
                "nlpx": [sys.executable, __file__, CHILD, task, *options, *sets],
                "PyTorch": [given.torch, str(TWIN), task, *options],
            }
            with programs(commands) as (ours, twin):
                print(row(task, ours, twin, given.rounds), flush=True)


def row(task: str, ours: Child, twin: Child, rounds: int) -> str:
    """Check that both are the same network, and time them."""
    (parameters,), (its_parameters,) = ours.ask("parameters"), twin.ask("parameters")
    (loss,), (its_loss,) = ours.ask("loss"), twin.ask("loss")
    if parameters != its_parameters or abs(loss - its_loss) > TOLERANCE * max(1.0, abs(loss)):
        sys.exit(
            f"{task}: nlpx has {parameters} parameters and the loss {loss}, "
            f"the twin {its_parameters} and {its_loss}"
        )
    turns = [(ours, "step"), *((twin, question) for question in TWINS.values())]
    times = np.array(
        # The first round compiles.
        [[statistics.median(child.ask(what)) for child, what in turns] for _ in range(rounds + 1)][1:]
    )
    medians = np.median(times, 0)
    best = 1 + int(np.argmin(medians[1:]))
    ratios = interval(times[:, 0] / times[:, best]).removeprefix("+")
    return f"| {task} | {parameters:.0f} | {' | '.join(f'{1e3 * m:.1f}' for m in medians)} | {ratios} |"


def nlpx_answers(
    task: str, threads: int, clock: str, overrides: Sequence[str], folder: Path
) -> dict[str, Callable[[], list[float]]]:
    """The update of nlpx; writes for the twin what it needs."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)

    from nlpx.components.tricks.base import value_of
    from nlpx.config.load import load_experiment
    from nlpx.engine.learner import names_of
    from nlpx.engine.train import configure
    from nlpx.engine.update import Update
    from nlpx.text.ngrams import vocabulary_name
    from nlpx.text.vocabulary import UNKNOWN, Vocabulary

    case = CASES[task]
    path = ROOT / "configs" / case.config
    experiment: Any = load_experiment(
        path, [f"data.source={{type: builtin, name: {task}}}", *overrides]
    ).experiment
    configure(experiment.seed, experiment.train)
    sizes = {"char": case.characters, vocabulary_name(2): case.bigrams, "group": case.rows // 2, "label": 3}
    vocabularies = {
        name: Vocabulary([UNKNOWN, *(chr(0x4E00 + i // 200) + chr(0x4E00 + i % 200) for i in range(1, size))])
        for name, size in sizes.items()
        if size
    }
    learner = experiment.learner(experiment.codec(), vocabularies)
    batch: Any = random_batch(task)
    names = names_of(learner)
    trained = learner.model.trainable_variables
    weights: Any = {names[variable]: value_of(variable) for variable in trained}
    np.savez(folder / "weights.npz", **weights)
    np.savez(folder / "batch.npz", **batch)
    (folder / "options.json").write_text(experiment.model_dump_json(), encoding="utf-8")
    total = 1_000_000
    tricks = [trick.model_copy() for trick in experiment.tricks]
    update = Update(learner, experiment.optimizer.build(total), tricks, xla=experiment.train.xla, total=total)
    drawn = getattr(learner.model, "sample", None)

    def loss() -> list[float]:
        """Without dropout, and with the mean for a sample of a distribution."""
        if drawn:
            learner.model.sample = lambda mean, log_var: mean
        terms = learner.losses(
            {name: tf.constant(values) for name, values in batch.items()}, 0, training=False
        )
        if drawn:
            learner.model.sample = drawn
        return [sum(float(term.coefficient * term.sum / term.weight) for term in terms.values())]

    return {
        "parameters": lambda: [sum(math.prod(variable.shape) for variable in trained)],
        "loss": loss,
        "step": timed(lambda: update([batch]), warm_up=1, block=5, clock=clock),
    }


def random_batch(task: str) -> dict[str, np.ndarray]:
    """Rows with the frequencies of Zipf; padding has the id 0."""
    rng, case = np.random.default_rng(0), CASES[task]

    def ids(size: int, mask: np.ndarray) -> np.ndarray:
        frequency = 1.0 / np.arange(10, size + 9)
        drawn = rng.choice(size - 1, mask.shape, p=frequency / frequency.sum()) + 1
        return (drawn * mask).astype(np.int32)

    def lengths(shortest: int, longest: int) -> np.ndarray:
        found = rng.integers(shortest, longest + 1, case.rows)
        found[0] = longest
        return np.arange(longest) < found[:, None]

    mask = lengths(*case.lengths)
    batch = {"mask": mask, "char": ids(case.characters, mask)}
    if case.bigrams:
        batch |= {name: ids(case.bigrams, mask) for name in ("ngram2_end", "ngram2_begin")}
    if task == "couplet":
        batch["target"] = ids(case.characters, mask)
    if task == "segmentation":
        batch["target"] = np.array([tags(rng, row) for row in mask])
    if task == "similarity":
        batch["group"] = np.arange(case.rows, dtype=np.int32) // 2
    if task == "sentiment":
        batch["label"] = rng.integers(0, 2, case.rows, dtype=np.int32)
    if task == "title":
        batch["title.mask"] = lengths(12, 24)
        batch["title.char"] = ids(case.characters, batch["title.mask"])
        distinct = [np.unique(row[row > 0]) for row in batch["char"]]
        batch["prior.mask"] = np.arange(max(map(len, distinct))) < np.array([*map(len, distinct)])[:, None]
        batch["prior.char"] = np.zeros(batch["prior.mask"].shape, np.int32)
        batch["prior.char"][batch["prior.mask"]] = np.concatenate(distinct)
    return batch


def tags(rng: np.random.Generator, mask: np.ndarray) -> np.ndarray:
    """Tags of random words, single, begin, middle, end; 0 outside the mask."""
    last = rng.random(len(mask)) < 0.6
    last[mask.sum() - 1] = True
    first = np.concatenate([[True], last[:-1]])
    return (np.array([[2, 3], [1, 0]])[first.astype(int), last.astype(int)] * mask).astype(np.int32)


if __name__ == "__main__":
    run(main)
