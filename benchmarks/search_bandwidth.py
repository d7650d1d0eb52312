"""Exact search over vectors in memory against the speed at which this memory can be read, in turns.

    python benchmarks/search_bandwidth.py [--vectors 1000000] [--width 128] [--rounds 15] [--threads 1]

One query is searched among random vectors of length 1 by the decoder `neighbours`, as `nlpx predict` does it
for a run of the task similarity without a lexical part. What it must read are all vectors. Two bounds read
the same array once: a matrix-vector product, and a sum of all elements. Prints medians in GB/s, and the mean
share of search in each bound with its 95 % interval.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

BLAS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
SEGMENT = 1 << 16
"""Vectors of a part, as in an index."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=int, default=1_000_000)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    # Before NumPy is imported, which reads these once.
    os.environ |= dict.fromkeys(BLAS, str(arguments.threads))
    compare(arguments.vectors, arguments.width, arguments.rounds)


def compare(count: int, width: int, rounds: int) -> None:
    """Time search and its bounds in turns, and print a table."""
    import numpy as np
    from interval import interval

    from nlpx.components.decoders.nearest import Nearest
    from nlpx.text.points import Points

    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(count, width)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    query = vectors[count // 2] + rng.normal(size=width).astype(np.float32) / 50

    class Corpus:
        def segments(self) -> Iterator[Points]:
            return (Points.of_dense(vectors[i : i + SEGMENT]) for i in range(0, count, SEGMENT))

    corpus: Any = Corpus()  # exact search reads nothing but the segments
    decoder = Nearest().prepare()
    asked = Points.of_dense(query[None])
    systems: dict[str, Callable[[], object]] = {
        "search": lambda: next(iter(decoder.search(asked, corpus))),
        "matrix @ vector": lambda: vectors @ query,
        "sum": lambda: vectors.sum(),
    }
    found, _ = next(iter(decoder.search(asked, corpus)))
    if found.tolist() != np.argsort(-(vectors @ query), kind="stable")[: len(found)].tolist():
        raise SystemExit("search does not find the nearest vectors")
    speeds: dict[str, list[float]] = {name: [] for name in systems}
    for number in range(rounds + 1):
        for name, system in systems.items():
            start = time.perf_counter()
            system()
            if number:
                speeds[name].append(vectors.nbytes / 1e9 / (time.perf_counter() - start))
    print(f"{count} vectors of {width}, {rounds} rounds\n| | GB/s | search relative to it |\n|---|---|---|")
    for name, speed in speeds.items():
        share = interval(np.array(speeds["search"]) / np.array(speed)).lstrip("+")
        print(f"| {name} | {statistics.median(speed):.1f} | {share} |")


if __name__ == "__main__":
    from program import run

    run(main)
