"""The CRF loss: its sum and what it is divided by."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.heads.crf_layer import CRFHead
from nlpx.components.losses.base import Term
from nlpx.components.losses.crf_nll import CRFNegativeLogLikelihood
from tests.layers.brute_force import AllPaths

Per = Literal["character", "sentence"]


def measured(per: Per, head: CRFHead, emissions: tf.Tensor, tags: np.ndarray, mask: np.ndarray) -> Term:
    nll = head.nll(emissions, tags, mask)
    return CRFNegativeLogLikelihood(per=per)({"crf_nll": nll, "mask": mask}, 0)["loss"]


@pytest.mark.parametrize(("per", "expected_weight"), [("character", 6), ("sentence", 3)])
def test_sum_and_divisor(per: Per, expected_weight: int) -> None:
    rng = np.random.default_rng(0)
    head = CRFHead(3, True, False)
    emissions = head(rng.normal(size=(4, 3, 2)).astype(np.float32))
    for weight in head.crf.weights:
        weight.assign(rng.normal(size=weight.shape))
    tags, lengths = rng.integers(0, 3, (4, 3)), [3, 0, 2, 1]
    mask = np.arange(3) < np.array(lengths)[:, None]
    total, weight, _ = measured(per, head, emissions, tags, mask)
    transitions, start = (np.asarray(x) for x in (head.crf.transitions, head.crf.start))
    expected = sum(
        AllPaths(row[:length], transitions, start, np.zeros(3)).nll(path[:length])
        for row, path, length in zip(emissions.numpy(), tags, lengths, strict=True)
    )
    assert total.dtype == weight.dtype == tf.float32
    assert float(total) == pytest.approx(expected, rel=1e-5)
    assert weight == expected_weight


@pytest.mark.parametrize("per", ["character", "sentence"])
def test_a_batch_of_empty_rows(per: Per) -> None:
    head = CRFHead(3, False, False)
    x = tf.fill((2, 3, 4), 1e4)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total, weight, _ = measured(per, head, head(x), np.ones((2, 3), int), np.zeros((2, 3), bool))
    assert total == weight == 0
    for gradient in tape.gradient(total, [x, head.crf.transitions.value]):
        assert not gradient.numpy().any()
