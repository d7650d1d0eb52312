"""Predictions per second of several bundles for the same texts, such as one with float32 and one with int8.

    python benchmarks/bundles.py couplet.bundle couplet-int8.bundle --input FILE [--threads 1] [--rounds 5]

Bundles take turns in one process; a ratio is that to the first one.
"""

from __future__ import annotations

import argparse
import os
import time
from itertools import islice
from pathlib import Path

LINES = 2000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bundles", nargs="+", type=Path)
    parser.add_argument(
        "--input", type=Path, required=True, help=f"texts, of which the first {LINES} are used"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    os.environ["NLPX_THREADS"] = str(arguments.threads)
    import nlpx

    models = [nlpx.load(path) for path in arguments.bundles]
    with arguments.input.open(encoding="utf-8") as file:
        texts = [line.strip() for line in islice(file, LINES)]
    best = [float("inf")] * len(models)
    for _ in range(arguments.rounds):
        for i, model in enumerate(models):
            start = time.perf_counter()
            model.predict(texts)
            best[i] = min(best[i], time.perf_counter() - start)
    expected = [each.text for each in models[0].predict(texts)]
    print(f"{len(texts)} texts, {arguments.threads} threads, best of {arguments.rounds}")
    for path, model, seconds in zip(arguments.bundles, models, best, strict=True):
        same = sum(one == each.text for one, each in zip(expected, model.predict(texts), strict=True))
        speed = f"{len(texts) / seconds:8.0f} texts/s  {best[0] / seconds:5.2f} x"
        print(f"{path}  {speed}  {same / len(texts):7.2%} the same")


if __name__ == "__main__":
    main()
