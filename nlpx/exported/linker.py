"""An exported entity linker."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nlpx.exported.learner import Constants, Graphs, checked, scored


class ExportedLinker:
    """The inference methods of `LinkerLearner`.

    Args:
        graphs: `pointers`, a batch of texts -> (B, T, 1 + T) float32; `links`, a batch of mentions with
            entities -> (B,) float32.
        constants: none.
    """

    def __init__(self, graphs: Graphs, constants: Constants) -> None:
        self._pointers, self._links = graphs["pointers"], graphs["links"]

    def pointers(self, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities (B, T, 1 + T) of each position as a start, then of all as its end; and zeros (B,)."""
        return scored(self._pointers, batch)

    def links(self, batch: Mapping[str, np.ndarray]) -> np.ndarray:
        """The probability of each entity, (B,) float32."""
        return checked(self._links(batch)[0][..., None], (len(batch["mask"]),))[:, 0]
