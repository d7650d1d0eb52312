"""An exported tagger."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nlpx.exported.learner import Constants, Graphs, scored
from nlpx.text.paths import path_nll, path_scores

POTENTIALS = ("transitions", "start", "stop")
PARTITION = "partition."
"""Beginning of the names of potentials whose paths are normalized by their sum."""


class ExportedTagger:
    """The inference methods of `TaggingLearner`.

    Args:
        graphs: `scores`, a batch -> (B, T, U) float32.
        constants: the potentials of the head that are there; with `partition.NAME`, those of a CRF with its
            constraints.
    """

    def __init__(self, graphs: Graphs, constants: Constants) -> None:
        self._scores = graphs["scores"]
        self._constants = constants

    def scores(self, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Scores of a batch (B, T, U) float32, and zeros (B,)."""
        return scored(self._scores, batch)

    def scores_and_nll(self, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Scores (B, T, U) float32, and -log p(target) of each row in nats (B,) float32."""
        scores, _ = self.scores(batch)
        summed = f"{PARTITION}transitions" in self._constants
        prefix = PARTITION if summed else ""
        potentials = {name: self._constants.get(f"{prefix}{name}") for name in POTENTIALS}
        target, mask = batch["target"], batch["mask"]
        if summed or potentials["transitions"] is None:  # those of a softmax are logits
            return scores, path_nll(scores, target, mask, **potentials)
        return scores, (-path_scores(scores, target, mask, **potentials)).astype(np.float32)

    @property
    def potentials(self) -> dict[str, np.ndarray | None]:
        """Further inputs of decoding: transitions, start and stop scores of a head; None if it has none."""
        return {name: self._constants.get(name) for name in POTENTIALS}
