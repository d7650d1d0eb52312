"""How long a single prediction takes in a new process, and how much memory.

    python benchmarks/cold_start.py couplet.bundle segmentation.bundle RUN [--runs 7] [--text TEXT]

Bundles and runs take turns with Python importing NumPy and onnxruntime, which every bundle needs. A ratio is
the median of the ratios of a round.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMPORTS = ("-c", "import numpy, onnxruntime")


def measured(arguments: tuple[str, ...]) -> tuple[float, float]:
    """Wall time in seconds, and peak memory in MB, of Python with these arguments."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"python {' '.join(arguments)} failed")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="+", help="bundles and runs")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--text", default="晚风摇树树还挺")
    given = parser.parse_args()
    predict = ("-m", "nlpx", "predict")
    programs = {"imports": IMPORTS, **{path: (*predict, path, "--text", given.text) for path in given.paths}}
    found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for number in range(given.runs + 1):
        for name, arguments in programs.items():
            result = measured(arguments)
            if number:  # the first round fills caches
                found[name].append(result)
    print("| | seconds | fastest | ratio | MB |")
    print("|---|---|---|---|---|")
    for name, results in found.items():
        times = [seconds for seconds, _ in results]
        ratios = [mine / base for mine, (base, _) in zip(times, found["imports"], strict=True)]
        columns = statistics.median(times), min(times), statistics.median(ratios)
        shown = " | ".join(f"{value:.2f}" for value in columns)
        print(f"| {Path(name).name} | {shown} | {max(memory for _, memory in results):.0f} |")


if __name__ == "__main__":
    main()
