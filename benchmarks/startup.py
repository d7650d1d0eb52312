"""How long commands that need no framework take to start.

    python benchmarks/startup.py [--runs 7]

Every run is a fresh process on a warm disk; the median counts. Exits with 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "configs").glob("*.yaml"))
COMMANDS = (
    ("nlpx --help", ("--help",), 0.3),
    ("nlpx check configs/*.yaml", ("check", *CONFIGS), 1.0),
    ("nlpx list", ("list",), 1.0),
    ("nlpx describe encoder/conv", ("describe", "encoder/conv"), 1.0),
)
"""What is timed, its arguments, and the limit in seconds."""


def seconds(arguments: tuple[str, ...]) -> float:
    """Wall time of one command in a fresh process."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "nlpx", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    print("| command | median | fastest | slowest | limit |")
    print("| --- | --- | --- | --- | --- |")
    missed = False
    for name, arguments, limit in COMMANDS:
        seconds(arguments)
        times = [seconds(arguments) for _ in range(runs)]
        median = statistics.median(times)
        missed |= median > limit
        print(f"| `{name}` | {median:.2f} s | {min(times):.2f} s | {max(times):.2f} s | {limit:.1f} s |")
    sys.exit(int(missed))


if __name__ == "__main__":
    main()
