"""First and second start on a large corpus, one epoch of batches, and the memory each of them takes.

    python benchmarks/data_cache.py [--tsv FILE] [--rows 100000 700000] [--holdout 0]

Reads couplets from a TSV file, or composes as many at random. Every measurement has a process of its own.
Peak memory counts pages of mapped files, which the system takes back when it needs them; own memory does not.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from program import run

CHARACTERS, BATCH = 5000, 64
COLUMNS = ("rows", "step", "seconds", "peak memory (MB)", "own memory (MB)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tsv", type=Path, help="`upper<TAB>lower` a line, .gz or not")
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 700_000])
    parser.add_argument("--holdout", type=int, default=0)
    parser.add_argument("--step", choices=["start", "epoch"], help=argparse.SUPPRESS)
    parser.add_argument("--cache", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        measure(
            arguments.step, arguments.tsv.resolve(), arguments.rows[0], arguments.holdout, arguments.cache
        )
        return
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    with tempfile.TemporaryDirectory() as folder:
        tsv = arguments.tsv or compose(Path(folder) / "couplets.tsv", max(arguments.rows))
        for rows in arguments.rows:
            for name, step in (("first start", "start"), ("second start", "start"), ("one epoch", "epoch")):
                command = [sys.executable, __file__, "--step", step, "--tsv", str(tsv), "--rows", str(rows)]
                command += ["--holdout", str(arguments.holdout), "--cache", folder]
                result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
                found = json.loads(result.stdout)
                numbers = f"{found['seconds']:.2f} | {found['peak']:.0f} | {found['own']:.0f}"
                print(f"| {rows:,} | {name} | {numbers} |")


def measure(step: str, tsv: Path, rows: int, holdout: int, cache: Path) -> None:
    """Print seconds and megabytes of a start, or of one epoch of batches after it."""
    from nlpx.components.sources.pairs import Pairs
    from nlpx.data.batching import BatchPlan, choose_boundaries, collate
    from nlpx.data.encoding import prepare
    from nlpx.data.items import MAIN
    from nlpx.tasks.couplet.config import Couplet

    source = Pairs(train=tsv.name, holdout=holdout).open(tsv.parent)
    task = Couplet.model_validate({"task": "couplet"}).codec()
    start = time.perf_counter()
    prepared = prepare(source, task, limit=rows, on_bad_line="skip", cache=cache, report=lambda message: None)
    if step == "epoch":
        start = time.perf_counter()
        items = prepared.items
        plan = BatchPlan(items.lengths, BATCH, choose_boundaries(items.lengths), seed=1)
        for index in range(plan.batches_per_epoch):
            rows_of_batch, length = plan.rows(0, index)
            collate(items, rows_of_batch, {MAIN: length}, BATCH)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "own": own_memory()}))


def own_memory() -> float:
    """Megabytes of memory that belong to no file."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except FileNotFoundError:
        return float("nan")
    found = re.search(r"RssAnon:\s*(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else float("nan")


def compose(path: Path, rows: int) -> Path:
    """Write random pairs of lines whose lengths and characters are as uneven as those of real couplets."""
    rng = np.random.default_rng(0)
    shares = 1 / np.arange(1, CHARACTERS + 1)
    with path.open("w", encoding="utf-8") as file:
        for _ in range(0, rows, 10_000):
            lengths = rng.choice(
                [4, 5, 7, 9, 11, 12, 14, 20], 10_000, p=[0.05, 0.1, 0.5, 0.05, 0.1, 0.1, 0.05, 0.05]
            )
            codes = 0x4E00 + rng.choice(CHARACTERS, (10_000, 40), p=shares / shares.sum())
            for length, line in zip(lengths.tolist(), codes.tolist(), strict=True):
                text = "".join(map(chr, line))
                file.write(f"{text[:length]}\t{text[20 : 20 + length]}\n")
    return path


if __name__ == "__main__":
    run(main)
