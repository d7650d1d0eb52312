"""Word vectors of nlpx and of gensim from the same words: speed, similarity of words, analogies.

    python benchmarks/word_vectors.py CONFIG --data DATA --gensim PYTHON [--pairs FILE] [--questions FILE]
                                      [--rates 0.025 0.05 0.1]

PYTHON is an interpreter of an environment with gensim (4.4). Both train on the encoded texts of a config, cut
into pieces of at most 10,000 words, with its vocabulary, width, window, subsampling and negatives, the same
number of epochs, and two threads; gensim with each of the initial rates. Time is measured without reading,
and also as processor time, because the machine may be busy.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from nlpx.components.metrics.analogy import Analogy
from nlpx.components.metrics.word_similarity import WordSimilarity
from nlpx.config.load import load_experiment
from nlpx.data.items import MAIN
from nlpx.data.word_vectors import WordVectors
from nlpx.tasks.vectors.codec import WORD
from nlpx.tasks.vectors.config import Vectors
from nlpx.workflow.corpus import open_corpus

PIECE = 10_000
OTHER = """
import json, sys, time
import numpy as np
from gensim.models import Word2Vec
given = json.loads(sys.argv[1])
texts = [line.split() for line in open(given["words"])]
model = Word2Vec(min_count=1, workers=2, seed=given["seed"], **given["options"])
model.build_vocab(texts)
wall, cpu = time.perf_counter(), time.process_time()
model.train(texts, total_examples=model.corpus_count, epochs=model.epochs)
seconds = [time.perf_counter() - wall, time.process_time() - cpu]
rows = np.array([int(word) for word in model.wv.index_to_key])
np.savez(given["result"], rows=rows, vectors=model.wv.vectors)
print(json.dumps(seconds))
"""


def pieces(items: Any) -> Iterator[np.ndarray]:
    """The texts in pieces of at most PIECE words."""
    words, extent = items.arrays[WORD], items.extents[MAIN]
    for offset, length in zip(extent.offsets.tolist(), extent.lengths.tolist(), strict=True):
        for start in range(0, length, PIECE):
            yield words[offset + start : offset + min(start + PIECE, length)]


def ours(experiment: Vectors, codec: Any, prepared: Any, epochs: int) -> tuple[WordVectors, list[float]]:
    """Vectors by nlpx, with wall-clock and processor time."""
    from nlpx.engine.train import configure
    from nlpx.engine.update import Update

    configure(experiment.seed, experiment.train)
    learner = experiment.learner(codec, prepared.vocabularies)
    batches = experiment.batches(prepared.items, learner, Path())
    total = epochs * batches.updates_per_epoch
    tricks = experiment.tricks
    update = Update(learner, experiment.optimizer.build(total), tricks, xla=experiment.train.xla)
    update(batches.update(epochs, 0), 0)  # compiles
    learner = experiment.learner(codec, prepared.vocabularies)
    update = Update(learner, experiment.optimizer.build(total), tricks, xla=experiment.train.xla)
    wall, cpu = time.perf_counter(), time.process_time()
    for number in range(total):
        update(batches.update(*divmod(number, batches.updates_per_epoch)), number)
    times = [time.perf_counter() - wall, time.process_time() - cpu]
    return WordVectors(learner.tokens[1:], learner.table), times


def theirs(
    experiment: Vectors,
    python: str,
    tokens: tuple[str, ...],
    items: Any,
    epochs: int,
    rate: float,
    folder: Path,
) -> tuple[WordVectors, list[float]]:
    """The same by gensim, whose learning rate falls linearly from `rate`."""
    model, loss = experiment.model, experiment.loss
    (folder / "words.txt").write_text("".join(" ".join(map(str, piece)) + "\n" for piece in pieces(items)))
    options = {
        "vector_size": model.dim,
        "window": model.window,
        "sg": int(model.architecture == "skip_gram"),
        "negative": getattr(loss, "negatives", 5),
        "ns_exponent": getattr(loss, "power", 0.75),
        "cbow_mean": int(model.context == "mean"),
        "sample": model.subsampling.threshold if model.subsampling else 0,
        "epochs": epochs,
        "alpha": rate,
    }
    given = {
        "words": str(folder / "words.txt"),
        "result": str(folder / "vectors.npz"),
        "seed": experiment.seed,
        "options": options,
    }
    done = subprocess.run(
        [python, "-c", OTHER, json.dumps(given)], capture_output=True, encoding="utf-8", check=True
    )
    with np.load(folder / "vectors.npz") as arrays:
        rows, vectors = arrays["rows"], arrays["vectors"]
    return WordVectors([tokens[row] for row in rows], vectors), json.loads(done.stdout)


def main() -> None:
    """Train both, and print a line for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", required=True)
    parser.add_argument("--gensim", metavar="PYTHON")
    parser.add_argument("--pairs")
    parser.add_argument("--questions")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rates", type=float, nargs="+", default=[0.025])
    parser.add_argument("--set", dest="overrides", action="append", default=[])
    given = parser.parse_args()
    overrides = [f"data.root={given.data}", *given.overrides]
    experiment = load_experiment(given.config, overrides).experiment
    assert isinstance(experiment, Vectors)
    corpus = open_corpus(experiment)
    prepared = corpus.prepare(print)
    count = len(prepared.items.arrays[WORD])
    tokens = prepared.vocabularies[WORD].tokens
    print(f"{count} words, {len(tokens) - 1} different ones, {given.epochs} epochs")
    results = {"nlpx": ours(experiment, corpus.codec, prepared, given.epochs)}
    if given.gensim:
        with tempfile.TemporaryDirectory() as folder:
            for rate in given.rates:
                results[f"gensim {rate:g}"] = theirs(
                    experiment, given.gensim, tokens, prepared.items, given.epochs, rate, Path(folder)
                )
    for name, (vectors, (wall, cpu)) in results.items():
        found: dict[str, float] = {}
        for metric in (WordSimilarity(file=given.pairs), Analogy(file=given.questions)):
            if metric.file:
                made = metric.fresh()
                made._vectors = vectors
                found |= made.result()
        done = given.epochs * count
        numbers = "  ".join(f"{key} {value:.4f}" for key, value in found.items())
        print(f"{name:12} {done / wall:9.0f} words/s  {done / cpu:9.0f} words/s of processor time  {numbers}")


if __name__ == "__main__":
    main()
