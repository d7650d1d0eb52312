"""Does a margin help retrieval? Losses of kexue.fm archive 5743, several seeds each, on the same sentences.

    python benchmarks/margins.py --data FOLDER [--config configs/similarity/original.yaml] [--seeds 5]
                                 [--jobs 2] [--set KEY=VALUE]...

The article ranks am_softmax above simpler_a_softmax above normalized_softmax. Every run is `nlpx train` with
another loss or seed, on one thread; its numbers are those of the test rows at the best checkpoint. Prints
mean and standard deviation of each loss, and the mean difference to normalized_softmax, with standard error.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from program import ROOT, corpus, nlpx, run

PLAIN = "normalized_softmax"
LOSSES = (PLAIN, "simpler_a_softmax", "am_softmax")
METRICS = ("hit_at_1", "mrr")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--config", type=Path, default=ROOT / "configs" / "similarity" / "original.yaml")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    arguments = parser.parse_args()
    data = corpus(arguments.data, "similarity/groups_train.tsv.gz", "similarity/groups_valid.tsv.gz")
    seeds = range(1, arguments.seeds + 1)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(arguments.jobs) as pool:
        overrides = [f"data.root={data}", *arguments.overrides]
        measure = partial(trained, arguments.config, overrides, Path(folder))
        cases = [(loss, seed) for seed in seeds for loss in LOSSES]
        found = dict(zip(cases, pool.map(lambda case: measure(*case), cases), strict=True))
    print(f"{arguments.config.name}, {len(seeds)} seeds {' '.join(arguments.overrides)}")
    print("| loss | " + " | ".join(f"{name}, mean ± sd | over {PLAIN}, ± s.e." for name in METRICS) + " |")
    print("|---" * (1 + 2 * len(METRICS)) + "|")
    for loss in LOSSES:
        cells = []
        for name in METRICS:
            values = [found[loss, seed][name] for seed in seeds]
            gains = [found[loss, seed][name] - found[PLAIN, seed][name] for seed in seeds]
            cells += [spread(values), "" if loss == PLAIN else spread(gains, len(gains) ** 0.5)]
        print(f"| {loss} | " + " | ".join(cells) + " |")


def trained(config: Path, overrides: Sequence[str], folder: Path, loss: str, seed: int) -> dict[str, float]:
    """Metrics of the test rows after one training."""
    name = f"{loss}-{seed}"
    sets = [*overrides, f"loss={{type: {loss}}}", f"seed={seed}", "samples=[]"]
    nlpx("train", config, "--output", folder, "--name", name, sets=sets, threads=1)
    result = json.loads((folder / "similarity" / name / "eval" / "test.json").read_text(encoding="utf-8"))
    print(f"{name}: " + ", ".join(f"{key} {result['metrics'][key]:.4f}" for key in METRICS), flush=True)
    return {key: float(result["metrics"][key]) for key in METRICS}


def spread(values: Sequence[float], divisor: float = 1.0) -> str:
    """Mean and standard deviation, the latter over a divisor."""
    deviation = statistics.stdev(values) / divisor if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.4f} ± {deviation:.4f}"


if __name__ == "__main__":
    run(main)
