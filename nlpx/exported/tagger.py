"""An exported tagger."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nlpx.exported.learner import Constants, Graphs, scored

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
        nll = -path_scores(scores, target, mask, **potentials)
        if summed or potentials["transitions"] is None:  # those of a softmax are logits
            nll += log_partition(scores, mask, **potentials)
        return scores, nll.astype(np.float32)

    @property
    def potentials(self) -> dict[str, np.ndarray | None]:
        """Further inputs of decoding: transitions, start and stop scores of a head; None if it has none."""
        return {name: self._constants.get(name) for name in POTENTIALS}


def path_scores(
    scores: np.ndarray,
    tags: np.ndarray,
    mask: np.ndarray,
    transitions: np.ndarray | None,
    start: np.ndarray | None,
    stop: np.ndarray | None,
) -> np.ndarray:
    """start(y_1) + sum_t h_t(y_t) + sum_t g(y_t, y_t+1) + stop(y_n) of every row, (B,) float64; 0 if empty.

    Args:
        scores: h, (B, T, K).
        tags: y, (B, T) integers.
        mask: (B, T) bool, right-padded.
        transitions: g, (K, K); None for none, as for start and stop, (K,).
    """
    real = mask.astype(np.float64)
    total = (np.take_along_axis(scores, tags[..., None], -1)[..., 0] * real).sum(1)
    if transitions is not None:
        total += (transitions[tags[:, :-1], tags[:, 1:]] * real[:, 1:]).sum(1)
    filled, last = mask.any(1), np.maximum(mask.sum(1) - 1, 0)
    for potential, ends in ((start, tags[:, 0]), (stop, tags[np.arange(len(tags)), last])):
        if potential is not None:
            total += np.where(filled, potential[ends], 0.0)
    return total


def log_partition(
    scores: np.ndarray,
    mask: np.ndarray,
    transitions: np.ndarray | None,
    start: np.ndarray | None,
    stop: np.ndarray | None,
) -> np.ndarray:
    """log of the sum over all paths of exp of their scores, (B,) float64; 0 for an empty row."""
    alpha = scores[:, 0].astype(np.float64) + (0.0 if start is None else start)
    for t in range(1, scores.shape[1]):
        moved = _logsumexp(alpha[:, :, None] + (0.0 if transitions is None else transitions), 1)
        alpha = np.where(mask[:, t, None], moved + scores[:, t], alpha)
    return np.where(mask.any(1), _logsumexp(alpha + (0.0 if stop is None else stop), 1), 0.0)


def _logsumexp(values: np.ndarray, axis: int) -> np.ndarray:
    highest = values.max(axis, keepdims=True)
    return np.log(np.exp(values - highest).sum(axis)) + highest.squeeze(axis)
