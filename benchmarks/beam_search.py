"""Beam search with cached states against the original way: the whole model again for every character.

    python benchmarks/beam_search.py [--threads 2] [--articles 256] [--again 8]

The model of configs/title/original.yaml with random weights, 4 beams, articles of 200 characters, titles of
up to 24. The original way takes one article at a time; it is timed on the first `--again` articles, and both
ways must give the same titles there.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from program import run

CHARACTERS, LENGTH, LONGEST, BEAMS = 3000, 200, 24, 4
ORIGINAL = Path(__file__).parents[1] / "configs" / "title" / "original.yaml"
Text = tuple[int, ...]
Forward = Callable[[np.ndarray, list[Text]], np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--articles", type=int, default=256)
    parser.add_argument("--again", type=int, default=8)
    arguments = parser.parse_args()

    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)

    from nlpx.components.decoders.beam import Beam
    from nlpx.config.load import load_experiment
    from nlpx.models.seq2seq import Seq2Seq
    from nlpx.models.writing import Seq2SeqLearner

    experiment = load_experiment(ORIGINAL).experiment
    model = Seq2Seq(experiment.model, CHARACTERS)  # type: ignore[attr-defined]  # a config of the task title
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign_add(rng.normal(size=weight.shape, scale=0.1))
    articles = rng.integers(1, CHARACTERS, (arguments.articles, LENGTH), dtype=np.int32)

    decoder = Beam(size=BEAMS, alpha=0, max_length=LONGEST)
    write = Seq2SeqLearner(model, experiment.loss).writer(decoder, banned=(0,))
    none = np.zeros((arguments.articles, 0), np.float32)
    write(inputs(articles), none)
    start = time.perf_counter()
    found = write(inputs(articles), none)
    cached = (time.perf_counter() - start) / arguments.articles

    def last_log_probs(batch: dict[str, tf.Tensor]) -> tf.Tensor:
        memory = model.encode(batch)
        return model.log_probs(model.teach(memory, batch), memory)[:, -1]

    log_probs = tf.function(last_log_probs, autograph=False, reduce_retracing=True)

    def forward(article: np.ndarray, texts: list[Text]) -> np.ndarray:
        titles = np.array([[*text, 0] for text in texts], np.int32)
        batch = inputs(np.repeat(article[None], len(texts), 0))
        batch |= {"title.char": titles, "title.mask": np.ones(titles.shape, bool)}
        return log_probs({name: tf.constant(values) for name, values in batch.items()}).numpy()

    end, banned = model.end, [0, model.start]
    again(forward, articles[0], end, banned)
    start = time.perf_counter()
    titles = [again(forward, article, end, banned) for article in articles[: arguments.again]]
    naive = (time.perf_counter() - start) / arguments.again
    for row, title in enumerate(titles):
        same = (*found.tokens[row, : found.lengths[row]].tolist(), *([end] if found.finished[row] else []))
        if title != same:
            raise SystemExit(f"article {row}: {title} the original way, {same} with cached states")
    print(f"{BEAMS} beams, {LENGTH} characters, titles of {np.mean(found.lengths):.1f}, equal titles")
    print("| | ms an article | relative |\n|---|---|---|")
    print(f"| whole model every step | {1e3 * naive:.1f} | {naive / cached:.1f} |")
    print(f"| cached states, {arguments.articles} articles at once | {1e3 * cached:.1f} | 1.0 |")


def inputs(articles: np.ndarray) -> dict[str, np.ndarray]:
    """A batch of articles of one length."""
    distinct = [np.unique(article) for article in articles]
    prior = np.zeros((len(articles), max(map(len, distinct))), np.int32)
    mask = np.zeros(prior.shape, bool)
    for row, ids in enumerate(distinct):
        prior[row, : len(ids)], mask[row, : len(ids)] = ids, True
    ones = np.ones(articles.shape, bool)
    return {"char": articles, "mask": ones, "prior.char": prior, "prior.mask": mask}


def again(forward: Forward, article: np.ndarray, end: int, banned: list[int]) -> Text:
    """The best title of an article by plain log-probability, from whole forward passes."""
    live: list[tuple[float, Text]] = [(0.0, ())]
    done: list[tuple[float, Text]] = []
    for length in range(LONGEST):
        scores = forward(article, [text for _, text in live])
        scores[:, banned] = -np.inf
        if not length:
            scores[:, end] = -np.inf
        total = np.array([score for score, _ in live], np.float32)[:, None] + scores
        best = np.argsort(-total, axis=None, kind="stable")[: BEAMS - len(done)]
        rows, tokens = np.unravel_index(best, total.shape)
        grown = [(float(total[r, t]), (*live[r][1], int(t))) for r, t in zip(rows, tokens, strict=True)]
        done += [one for one in grown if one[1][-1] == end]
        live = [one for one in grown if one[1][-1] != end]
        if not live or (done and max(done)[0] >= live[0][0]):
            break
    return max(done or live)[1]


if __name__ == "__main__":
    run(main)
