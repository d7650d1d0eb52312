"""Splits of training files, which judge recipes, so that no row of a test file takes part in a choice."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
from program import corpus
from scipy.cluster.vq import kmeans2
from scipy.sparse.linalg import svds

from nlpx.text.tfidf import Tfidf

Split = tuple[list[str], list[str]]
"""Lines to train on, lines to judge by."""


def last_days(lines: list[str], held: int = 3000) -> Split:
    """The end of a newspaper's month: its news are others than those of the days before."""
    return lines[:-held], lines[-held:]


def unseen_topics(lines: list[str], clusters: int = 40, held: int = 3000) -> Split:
    """Whole clusters of groups of paraphrases, found by k-means of the latent semantics of their TF-IDF."""
    groups: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        name, sentence = line.split("\t", 1)
        groups[name].append(sentence)
    texts = ["".join(sentences) for sentences in groups.values()]
    left, scale, _ = svds(Tfidf.fit(texts)(texts).astype(float), 64, rng=0)
    points = left * scale
    points /= np.linalg.norm(points, axis=1, keepdims=True).clip(1e-9)
    _, labels = kmeans2(points, clusters, minit="++", rng=0)
    sizes = np.array([len(sentences) for sentences in groups.values()])
    taken, total = set(), 0
    for cluster in np.random.default_rng(0).permutation(clusters):
        size = int(sizes[labels == cluster].sum())
        if total + size <= 1.2 * held:
            taken.add(cluster)
            total += size
    unseen = {name for name, label in zip(groups, labels, strict=True) if label in taken}
    return _separated(lines, unseen)


def unseen_uppers(lines: list[str], share: int = 160) -> Split:
    """One of `share` upper lines of couplets with all its lower lines, by its hash."""
    uppers = {line.split("\t", 1)[0] for line in lines}
    unseen = {upper for upper in uppers if hashlib.sha256(upper.encode()).digest()[0] * share < 256}
    return _separated(lines, unseen)


def _separated(lines: Iterable[str], unseen: set[str]) -> Split:
    train: list[str] = []
    held: list[str] = []
    for line in lines:
        (held if line.split("\t", 1)[0] in unseen else train).append(line)
    return train, held


SPLITS: Mapping[str, tuple[str, Callable[[list[str]], Split]]] = {
    "segmentation": ("segmentation/pku_train.txt.gz", last_days),
    "similarity": ("similarity/groups_train.tsv.gz", unseen_topics),
    "couplet": ("couplet/train.tsv.gz", unseen_uppers),
}


def write_news(data: Path, path: Path) -> None:
    """Write raw news that belong to no split of a task that segments words, a text per line."""
    documents, titles = "word2vec/sogouc_docs.tsv.gz", "title/xwlb_train.jsonl.gz"
    folder = corpus(data, documents, titles)
    with (
        gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as news,
        gzip.open(folder / documents, "rt", encoding="utf-8") as stream,
        gzip.open(folder / titles, "rt", encoding="utf-8") as articles,
    ):
        for line in stream:  # some documents contain zero bytes, which no text has
            news.write(line.split("\t", 1)[1].replace("\0", ""))
        for line in articles:
            article = json.loads(line)
            news.write(f"{article['title']} {' '.join(article['content'].split())}\n")


def write(name: str, data: Path, folder: Path) -> tuple[Path, Path]:
    """Write the split of a training file into a folder; gives the files to train on and to judge by."""
    file, split = SPLITS[name]
    with gzip.open(corpus(data, file) / file, "rt", encoding="utf-8") as stream:
        parts = split(stream.read().splitlines())
    paths = folder / f"{name}_train.gz", folder / f"{name}_held.gz"
    for path, lines in zip(paths, parts, strict=True):
        with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as stream:
            stream.writelines(f"{line}\n" for line in lines)
    return paths
