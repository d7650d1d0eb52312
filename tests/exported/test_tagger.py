"""The likelihood of an exported tagger."""

from __future__ import annotations

import numpy as np

from nlpx.exported.tagger import ExportedTagger


def test_a_softmax_has_no_potentials() -> None:
    """Its scores are logits; padding does not count."""
    logits = np.full((1, 3, 4), [[[0.7], [-2.0], [9.0]]], np.float32)
    tagger = ExportedTagger({"scores": lambda batch: [logits]}, {})
    batch = {"target": np.zeros((1, 3), np.int32), "mask": np.array([[True, True, False]])}
    _, nll = tagger.scores_and_nll(batch)
    assert np.allclose(nll, 2 * np.log(4))
    assert tagger.potentials == {"transitions": None, "start": None, "stop": None}
