"""Peak memory and speed of `nlpx predict --input FILE` for files of several lengths, each in a new process.

    python benchmarks/predict_files.py RUN FILE [--lines 1000 100000 1000000] [--jobs 1]

FILE has one text per line, plain or compressed; a segmented corpus is one. Its lines, cut to 10 characters
and numbered so that no text occurs twice, are repeated. Memory is the largest resident set of the process, or
of one of its workers. The time contains loading.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

from program import ROOT, run

from nlpx.data.files import read_lines

LENGTH = 10


def write(path: Path, texts: list[str], lines: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number, text in zip(range(lines), cycle(texts), strict=False):
            file.write(f"{number}{text}\n")


def measured(trained: Path, source: Path, target: Path, jobs: int) -> tuple[float, int]:
    """Seconds, and the largest resident set in bytes of one process."""
    command = [sys.executable, "-m", "nlpx", "predict", str(trained.resolve()), "--jobs", str(jobs)]
    command += ["--input", str(source), "--output", str(target)]
    start = time.perf_counter()
    with tempfile.TemporaryFile() as messages:
        child = subprocess.Popen(command, cwd=ROOT, stdout=messages, stderr=messages)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            messages.seek(0)
            sys.exit(
                f"{' '.join(command)} ended with {child.returncode}:\n{messages.read().decode()[-2000:]}"
            )
    return time.perf_counter() - start, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--lines", type=int, nargs="+", default=[1000, 100_000, 1_000_000])
    parser.add_argument("--jobs", type=int, nargs="+", default=[1])
    arguments = parser.parse_args()
    joined = ("".join(line.split())[:LENGTH] for line in read_lines(arguments.file))
    texts = list(filter(None, joined))
    print("| lines | processes | seconds | lines/s | peak MB of a process |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.txt"), Path(folder, "out.txt")
        for lines in arguments.lines:
            write(source, texts, lines)
            for jobs in arguments.jobs:
                seconds, peak = measured(arguments.run, source, target, jobs)
                with target.open("rb") as file:
                    assert sum(1 for _ in file) == lines
                rate = f"{lines / seconds:,.0f}"
                print(f"| {lines:,} | {jobs} | {seconds:.1f} | {rate} | {peak / 1e6:,.0f} |", flush=True)


if __name__ == "__main__":
    run(main)
