"""Do truncated losses help an LSTM, and positions attention? Several seeds each, on the same hotel reviews.

    python benchmarks/sentiment_claims.py --data FOLDER [--claim loss|positions] [--seeds 5] [--jobs 1]
                                          [--set KEY=VALUE]...

kexue.fm archive 4293 reports that hard truncation gains 0.5 to 1 % accuracy on an LSTM; archive 4765, that
positions help attention a little. Every run is `nlpx train`; its accuracy is that of the test records at the
checkpoint that is best on records held out of the training file. Prints the mean of every variant, and the
mean difference to the first one with its 95 % interval (Student's t, over seeds).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from interval import interval
from program import ROOT, corpus, nlpx, run

CONFIGS = ROOT / "configs" / "sentiment"
CLAIMS = {
    "loss": ("original.yaml", ["loss=binary_cross_entropy", "loss={type: hard_truncated, threshold: 0.6}"]),
    "positions": ("attention.yaml", ["model.encoder.0.positions=false", "model.encoder.0.positions=true"]),
}
"""By claim: the config, and the overrides that are compared."""
METRICS = ("accuracy", "auc", "calibration_error")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--claim", choices=CLAIMS, action="append", help="default: both")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    arguments = parser.parse_args()
    names = [f"sentiment/chnsenticorp_htl_{split}.tsv.gz" for split in ("train", "valid")]
    data = corpus(arguments.data, *names)
    for claim in arguments.claim or CLAIMS:
        config, variants = CLAIMS[claim]
        overrides = [f"data.root={data}", *arguments.overrides]
        cases = [(variant, seed) for seed in range(1, arguments.seeds + 1) for variant in variants]

        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(arguments.jobs) as pool:
            futures = [
                pool.submit(trained, CONFIGS / config, [*overrides, variant], Path(folder), number, seed)
                for number, (variant, seed) in enumerate(cases)
            ]
            found = {case: future.result() for case, future in zip(cases, futures, strict=True)}
        print(f"{config}, {arguments.seeds} seeds {' '.join(arguments.overrides)}")
        print("| variant | " + " | ".join(f"{name} | difference" for name in METRICS) + " |")
        print("|---" * (1 + 2 * len(METRICS)) + "|")
        for variant in variants:
            cells = []
            for name in METRICS:
                values, first = (
                    np.array([found[which, seed][name] for seed in range(1, arguments.seeds + 1)])
                    for which in (variant, variants[0])
                )
                cells += [f"{values.mean():.4f}", interval(values - first) if variant != variants[0] else ""]
            print(f"| `{variant}` | " + " | ".join(cells) + " |", flush=True)


def trained(config: Path, overrides: Sequence[str], folder: Path, number: int, seed: int) -> dict[str, float]:
    """Metrics of the test records after one training run."""
    sets = [*overrides, f"seed={seed}", "samples=[]"]
    nlpx("train", config, "--output", folder, "--name", f"run-{number}", sets=sets, threads=1)
    path = folder / "sentiment" / f"run-{number}" / "eval" / "test.json"
    metrics = json.loads(path.read_text(encoding="utf-8"))["metrics"]
    shown = ", ".join(f"{name} {metrics[name]:.4f}" for name in METRICS)
    print(f"{overrides[-1]} seed {seed}: {shown}", flush=True)
    return {name: float(metrics[name]) for name in METRICS}


if __name__ == "__main__":
    run(main)
