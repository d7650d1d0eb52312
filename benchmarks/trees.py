"""Predictions of a finished run by two trees of nlpx, such as two commits: processes that take turns.

    python benchmarks/trees.py RUN FILE --other TREE [--checkpoint best]
                               [--lines 2000] [--threads 2] [--rounds 7]

FILE has one text per line, as `nlpx predict --input` reads it. The time is that of the predictor, without
loading, reading and writing; the first round, which compiles, does not count. Prints medians in milliseconds,
of the clock and of the processors, which other programs disturb less, and the mean ratio of a round with half
of its 95 % interval (Student's t).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from interval import interval
from program import ROOT, run
from turns import CHILD, CLOCKS, children, serve


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(CHILD, dest="child", help=argparse.SUPPRESS)
    parser.add_argument("run", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--other", type=Path, required=True)
    parser.add_argument("--checkpoint", default="best")
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    lines = arguments.file.read_text(encoding="utf-8").splitlines()[: arguments.lines]
    if arguments.child:
        os.environ["NLPX_THREADS"] = str(arguments.threads)
        serve({"predict": predicting(arguments.child, arguments.run, arguments.checkpoint, lines)})
        return
    trees = [str(ROOT), str(arguments.other.resolve())]
    with children(trees, sys.argv[1:]) as programs:
        rounds = [[program.ask("predict") for program in programs] for _ in range(arguments.rounds + 1)]
    # The first round compiles.
    seconds = np.array(rounds[1:])
    print(f"{len(lines)} texts, {sum(map(len, lines))} characters, {arguments.threads} threads")
    print(f"| | this tree | {arguments.other} | relative |\n|---|---|---|---|")
    for clock, times in zip(CLOCKS, 1e3 * seconds.transpose(2, 1, 0), strict=True):
        here, other = times
        cells = [
            clock,
            *(f"{value:.0f}" for value in np.median(times, 1)),
            interval(here / other).removeprefix("+"),
        ]
        print(f"| {' | '.join(cells)} |")


def predicting(tree: str, folder: Path, checkpoint: str, lines: list[str]) -> Callable[[], list[float]]:
    """Predicts the lines with the code of a tree; gives the seconds of every clock."""
    sys.path.insert(0, tree)
    for name in [name for name in sys.modules if name.partition(".")[0] == "nlpx"]:
        del sys.modules[name]  # errors of this tree, which `program` imports
    from nlpx.workflow.model import open_model

    predictor = open_model(folder.parent, str(folder), checkpoint).predictor

    def turn() -> list[float]:
        start = [read() for read in CLOCKS.values()]
        predictor.predict(lines)
        return [read() - begun for read, begun in zip(CLOCKS.values(), start, strict=True)]

    return turn


if __name__ == "__main__":
    run(main)
