"""Scores and likelihoods of paths, compared with sums over all paths."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from nlpx.text.paths import log_partition, path_nll, path_scores

LENGTHS = (3, 1, 0)
TAGS = 3


def potentials(names: Sequence[str]) -> dict[str, np.ndarray | None]:
    random = np.random.default_rng(1)
    every = {"transitions": random.normal(size=(TAGS, TAGS)), "start": random.normal(size=TAGS)}
    every["stop"] = random.normal(size=TAGS)
    every["transitions"][0, 1] = -1e9
    return {name: every[name] if name in names else None for name in every}


def score(h: np.ndarray, path: Sequence[int], given: dict[str, np.ndarray | None]) -> float:
    """By definition, one position at a time."""
    total = sum(float(h[t, y]) for t, y in enumerate(path))
    if given["transitions"] is not None:
        total += sum(float(given["transitions"][a, b]) for a, b in itertools.pairwise(path))
    for name, place in (("start", 0), ("stop", -1)):
        potential = given[name]
        if potential is not None and path:
            total += float(potential[path[place]])
    return total


@pytest.mark.parametrize("names", [(), ("transitions",), ("transitions", "start", "stop"), ("stop",)])
def test_scores_and_partition_are_those_of_all_paths(names: Sequence[str]) -> None:
    given = potentials(names)
    random = np.random.default_rng(0)
    h = random.normal(size=(len(LENGTHS), max(LENGTHS), TAGS)).astype(np.float32)
    mask = np.arange(max(LENGTHS)) < np.array(LENGTHS)[:, None]
    tags = random.integers(0, TAGS, mask.shape)
    for row, length in enumerate(LENGTHS):
        paths = list(itertools.product(range(TAGS), repeat=length))
        every = np.array([score(h[row], path, given) for path in paths])
        z = np.log(np.exp(every - every.max()).sum()) + every.max() if length else 0.0
        assert np.isclose(log_partition(h, mask, **given)[row], z)
        own = score(h[row], list(tags[row, :length]), given)
        assert np.isclose(path_scores(h, tags, mask, **given)[row], own)
        assert np.isclose(path_nll(h, tags, mask, **given)[row], z - own)
