"""Predictions of a finished run by two trees of nlpx, such as two commits: processes that take turns.

    python benchmarks/trees.py RUN FILE --other TREE [--checkpoint best]
                               [--lines 2000] [--threads 2] [--rounds 7]

FILE has one text per line, as `nlpx predict --input` reads it. The time is that of the predictor, without
loading, reading and writing; the first round, which compiles, does not count. Prints medians.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from program import ROOT, run
from turns import CHILD, children, medians, serve


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
        here, other = medians(programs, "predict", arguments.rounds)
    print(f"{len(lines)} texts, {sum(map(len, lines))} characters, {arguments.threads} threads")
    print(f"| this tree | {arguments.other} | relative |\n|---|---|---|")
    print(f"| {here:.0f} ms | {other:.0f} ms | {here / other:.2f} |")


def predicting(tree: str, folder: Path, checkpoint: str, lines: list[str]) -> Callable[[], list[float]]:
    """Predicts the lines with the code of a tree; gives the seconds."""
    sys.path.insert(0, tree)
    for name in [name for name in sys.modules if name.partition(".")[0] == "nlpx"]:
        del sys.modules[name]  # errors of this tree, which `program` imports
    from nlpx.workflow.model import open_model

    predictor = open_model(folder.parent, str(folder), checkpoint).predictor

    def turn() -> list[float]:
        start = time.perf_counter()
        predictor.predict(lines)
        return [time.perf_counter() - start]

    return turn


if __name__ == "__main__":
    run(main)
