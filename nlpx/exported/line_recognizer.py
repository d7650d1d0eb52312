"""An exported recognizer of lines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nlpx.exported.learner import Constants, Graphs, checked


class ExportedLineRecognizer:
    """The inference method of `LineLearner`.

    Args:
        graphs: `frames`, a batch -> log-probabilities (B, T, U) float32, of which the first is the blank.
        constants: `frame`, (), the columns of a frame.
    """

    def __init__(self, graphs: Graphs, constants: Constants) -> None:
        self._frames = graphs["frames"]
        self._frame = int(constants["frame"])

    def scores(self, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Log-probabilities of a batch (B, T, U), and -log p(transcript) of each row in nats (B,), float32.

        The latter is infinite where no alignment exists.
        """
        mask = batch["mask"][:, self._frame - 1 :: self._frame]
        log_probs = checked(self._frames(batch)[0], mask.shape)
        counts = batch["transcript.mask"].sum(1)
        return log_probs, alignment_nll(log_probs, mask, batch["transcript"], counts).astype(np.float32)


def alignment_nll(
    log_probs: np.ndarray, mask: np.ndarray, labels: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    """-log of the sum over all alignments, (B,) float64; infinite if there are none.

    Args:
        log_probs: (B, T, U); class 0 is the blank.
        mask: of frames, (B, T) bool, right-padded.
        labels: transcripts, (B, S) integers from 1.
        counts: their lengths, (B,) integers.
    """
    rows, most = labels.shape
    spelled = np.zeros((rows, 2 * most + 1), np.intp)  # blanks before, between and after the labels
    spelled[:, 1::2] = labels
    skips = (spelled > 0) & (spelled != _moved(spelled, 2, 0))
    reached = np.full(spelled.shape, -np.inf)
    reached[:, 0] = 0.0
    for t in range(mask.shape[1]):
        ways = [reached, _moved(reached, 1, -np.inf), np.where(skips, _moved(reached, 2, -np.inf), -np.inf)]
        after = np.logaddexp.reduce(ways) + np.take_along_axis(log_probs[:, t], spelled, 1)
        reached = np.where(mask[:, t, None], after, reached)
    places = np.arange(2 * most + 1)
    last = (places == 2 * counts[:, None]) | (places == 2 * counts[:, None] - 1)
    total = np.logaddexp.reduce(np.where(last, reached, -np.inf), axis=1)
    return np.where(mask.any(1), -total, np.inf)


def _moved(x: np.ndarray, by: int, filled: float) -> np.ndarray:
    """x (B, L) moved to the right."""
    return np.pad(x, [(0, 0), (by, 0)], constant_values=filled)[:, : x.shape[1]]
