"""Does the article prior speed up convergence? The model of kexue.fm archive 5861 with it and without it.

    python benchmarks/prior.py --data FOLDER [--config configs/title/original.yaml] [--seeds 2]
                               [--steps 600] [--every 150] [--jobs 1] [--set KEY=VALUE]...

Every run is `nlpx train` with the prior on or off, on one thread, on the short articles of the public corpus.
Prints -log p of a character of the validation titles, in nats, at every evaluation: the mean over seeds, and
how much the prior takes off it.
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

BRIEF = (
    "data.source={type: articles, train: title/xwlb_train.jsonl.gz, valid: title/xwlb_valid.jsonl.gz, "
    "where: {kind: brief}}",
    "data.on_bad_line=skip",
    "data.max_length=200",
    "vocabulary.min_count=5",
    # Likelihoods need no titles: two characters of each are written.
    "decode={type: beam, size: 1, max_length: 2}",
    "metrics=[nll]",
    "checkpoint.monitor=valid/nll",
    "samples=[]",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--config", type=Path, default=ROOT / "configs" / "title" / "original.yaml")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--every", type=int, default=150, help="steps between two evaluations")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    arguments = parser.parse_args()
    data = corpus(arguments.data, "title/xwlb_train.jsonl.gz", "title/xwlb_valid.jsonl.gz")
    seeds = range(1, arguments.seeds + 1)
    overrides = [
        *BRIEF,
        f"data.root={data}",
        f"train.steps={arguments.steps}",
        f"train.evaluate_every={arguments.every}",
        *arguments.overrides,
    ]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(arguments.jobs) as pool:
        measure = partial(trained, arguments.config, overrides, Path(folder))
        cases = [(prior, seed) for seed in seeds for prior in (True, False)]
        found = dict(zip(cases, pool.map(lambda case: measure(*case), cases), strict=True))
    print(f"{arguments.config.name}, seeds {', '.join(map(str, seeds))} {' '.join(arguments.overrides)}")
    print("| step | with the prior | without | taken off, by seed |\n|---|---|---|---|")
    for step in found[True, 1]:
        on, off = ([found[prior, seed][step] for seed in seeds] for prior in (True, False))
        gains = ", ".join(f"{b - a:.3f}" for a, b in zip(on, off, strict=True))
        print(f"| {step} | {statistics.mean(on):.3f} | {statistics.mean(off):.3f} | {gains} |")


def trained(config: Path, overrides: Sequence[str], folder: Path, prior: bool, seed: int) -> dict[int, float]:
    """nll of the validation rows by step."""
    name = f"{'with' if prior else 'without'}-{seed}"
    sets = [*overrides, f"model.prior={str(prior).lower()}", f"seed={seed}"]
    nlpx("train", config, "--output", folder, "--name", name, sets=sets, threads=1)
    lines = (folder / "title" / name / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    nll = {r["step"]: float(r["valid/nll"]) for r in records if "valid/nll" in r}
    print(f"{name}: " + ", ".join(f"{step} {value:.3f}" for step, value in nll.items()), flush=True)
    return nll


if __name__ == "__main__":
    run(main)
