"""Points of a known distribution."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import ClassVar, Literal

from nlpx.components.sources.base import SPLITS, Source
from nlpx.core.options import NonNegativeInt, PositiveFloat, PositiveInt
from nlpx.data.points import Cloud, Point, draw


class PointCloud(Source):
    """Points of a distribution of the plane, generated without files.

    Options:
        cloud: ring, 8 normal distributions around a circle; grid, 25 of them; moons, two half circles.
        train: number of points for training.
        valid: number of points of the validation split.
        test: number of points of the test split.
        noise: standard deviation around centres or lines; default: 0.05, for grid 0.025.
        sampling_seed: seed of the points.
        holdout: always 0, because every split is drawn separately.
    Shapes: points (x, y), with the name of the mode in ring and grid.
    Data: none is read; coordinates are between -1.2 and 1.2.
    Relations: for the task gan; the names of modes are only read by metrics.
    Reference: ring and grid: Metz et al. 2017, arXiv 1611.02163.
    Example:
        data:
          source: {type: point_cloud, cloud: grid}
    """

    record: ClassVar[str] = Point.kind
    file_options: ClassVar[tuple[str, ...]] = ()

    type: Literal["point_cloud"] = "point_cloud"
    cloud: Cloud = "ring"
    train: PositiveInt = 20_000
    valid: PositiveInt = 2_000
    test: PositiveInt = 5_000
    noise: PositiveFloat | None = None
    sampling_seed: NonNegativeInt = 0
    holdout: Literal[0] = 0

    def rows(self, split: str) -> Iterator[Point]:
        self.expect(split)
        seed = [self.sampling_seed, SPLITS.index(split)]
        points = draw(self.cloud, getattr(self, split), seed, self.noise)
        for number, (x, y, mode) in enumerate(points, start=1):
            yield Point(f"{self.cloud} {split}:{number}", x, y, mode)

    def fingerprint(self, split: str) -> str:
        options = self.cloud, getattr(self, split), self.noise, self.sampling_seed, split, self.version
        return hashlib.sha256(repr(options).encode()).hexdigest()
