"""Which modes of a distribution are generated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric
from nlpx.components.metrics.resampled import RowValues
from nlpx.core.lazy import np
from nlpx.core.options import PositiveFloat, PositiveInt


class ModeCoverage(Metric):
    """Modes with generated samples of high quality (modes_covered), and the share of these (high_quality).

    A sample has high quality if its distance from the nearest centre is at most `within` standard deviations.

    Options:
        within: number of standard deviations.
        fewest: samples of high quality that a mode must have to be covered.
    Shapes: two vectors (D,) and the name of the mode of the real one per example.
    Data: real vectors with modes that are about round; centre and standard deviation (of one coordinate) of
        every mode are those of its real vectors in the split. Nothing is reported without modes.
    Relations: with within: 3, real points of two dimensions have a high_quality of about 0.989.
    Reference: Srivastava et al. 2017, VEEGAN, arXiv 1705.07761.
    Example:
        metrics: [mode_coverage]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"real_vector", "generated_vector", "mode"})
    directions: ClassVar[Directions] = {"modes_covered": "max", "high_quality": "max"}

    no_interval: ClassVar[Mapping[str, str]] = {
        "modes_covered": "drawn rows have fewer modes than all rows, never more"
    }

    type: Literal["mode_coverage"] = "mode_coverage"
    within: PositiveFloat = 3.0
    fewest: PositiveInt = 1

    _seen: list[tuple[Any, Any, str]] = []
    _rows: int = 0

    def update(self, example: Any) -> None:
        self._rows += 1
        if example.mode:
            self._seen.append((example.real_vector, example.generated_vector, example.mode))

    def result(self) -> dict[str, float]:
        if not self._seen:
            return {}
        nearest, good, modes = self._judged()
        counts = np.bincount(nearest[good], minlength=modes)
        covered = float((counts >= self.fewest).sum())
        return {"modes_covered": covered, "high_quality": float(good.mean())}

    def resampled(self) -> RowValues | None:
        """The quality of generated samples, with the modes as they are."""
        if not self._seen or len(self._seen) < self._rows:
            return None
        return RowValues({"high_quality": self._judged()[1].astype(np.float64)})

    def _judged(self) -> tuple[np.ndarray, np.ndarray, int]:
        """The nearest mode of each generated sample, whether it has high quality, and the number of modes."""
        real, generated = (np.array([row[i] for row in self._seen], np.float64) for i in (0, 1))
        modes = np.array([row[2] for row in self._seen])
        members = [real[modes == mode] for mode in sorted(set(modes.tolist()))]
        centres = np.array([points.mean(0) for points in members])
        deviations = np.array([points.std(0).mean() for points in members])
        distances = np.linalg.norm(generated[:, None] - centres, axis=-1)
        nearest = distances.argmin(1)
        return nearest, distances.min(1) <= self.within * deviations[nearest], len(members)
