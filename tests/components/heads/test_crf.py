"""The CRF head: a dense layer before a CRF."""

from __future__ import annotations

import numpy as np

from nlpx.components.heads.crf_layer import CRFHead
from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS
from tests.layers.harness import check_layer
from tests.layers.variants import HEAD


def test_invariants_with_masks() -> None:
    def factory() -> CRFHead:
        return CRFHead(4, True, True, LEGAL_TRANSITIONS, LEGAL_START, LEGAL_STOP)

    check_layer(factory, HEAD)


def test_emissions_and_likelihood() -> None:
    head = CRFHead(4, use_start=False, use_stop=True, transition_mask=LEGAL_TRANSITIONS, name="head")
    x = np.random.default_rng(0).normal(size=(2, 3, 5)).astype(np.float32)
    emissions = head(x)
    kernel, bias = head.dense.get_weights()
    np.testing.assert_allclose(emissions, x @ kernel + bias, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(head.decoding_scores(emissions), emissions)
    tags, mask = np.array([[0, 1, 3], [1, 2, 0]]), np.array([[1, 1, 1], [1, 1, 0]], bool)
    np.testing.assert_array_equal(head.nll(emissions, tags, mask), head.crf.nll(emissions, tags, mask))
    names = ["head/emissions/kernel", "head/emissions/bias", "head/crf/transitions", "head/crf/stop"]
    assert [weight.path for weight in head.weights] == names
    assert head.crf.potentials()["start"] is None
