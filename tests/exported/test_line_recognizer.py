"""The likelihood of lines, compared with sums over all alignments."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from nlpx.exported.line_recognizer import alignment_nll

FRAMES, CLASSES = 5, 3


def spelled(path: tuple[int, ...]) -> list[int]:
    """The transcript of an alignment: without repetitions, then without blanks."""
    return [label for label, _ in itertools.groupby(path) if label]


@pytest.mark.parametrize("labels", [[], [1], [1, 1], [2, 1], [1, 2, 1], [2, 2, 2]])
def test_all_alignments(labels: list[int]) -> None:
    random = np.random.default_rng(len(labels))
    log_probs = np.log(random.dirichlet(np.ones(CLASSES), (4, FRAMES))).astype(np.float32)
    lengths = [FRAMES, 3, 1, 0]
    mask = np.arange(FRAMES) < np.array(lengths)[:, None]
    padded = np.pad(np.array(labels, np.int32), (0, 4 - len(labels)), constant_values=2)
    found = alignment_nll(log_probs, mask, np.tile(padded, (4, 1)), np.full(4, len(labels)))
    for row, length in enumerate(lengths):
        paths = itertools.product(range(CLASSES), repeat=length)
        total = sum(
            np.exp(sum(float(log_probs[row, t, label]) for t, label in enumerate(path)))
            for path in paths
            if length and spelled(path) == labels
        )
        assert found[row] == pytest.approx(-np.log(total) if total else np.inf)
