"""What portions of lines cost `nlpx predict` outside the predictor, and what a second thread would gain.

    python benchmarks/predict_overlap.py RUN FILE [--lines 8192] [--rounds 3]

FILE is a segmented corpus; its blanks are removed. Reading is that of lines with their fingerprint, rendering
that of JSONL. All in one process and in turns; prints medians in seconds. Loading is not timed.
"""

from __future__ import annotations

import argparse
import io
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, pairwise
from pathlib import Path

from program import run

from nlpx.data.files import read_lines as lines_of
from nlpx.inference.lines import read_lines
from nlpx.inference.rendering import Rendering
from nlpx.inference.stream import Portion, PortionReader, Rendered, predictions, rendered

AT_ONCE = (4096, 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--lines", type=int, default=8192)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    from nlpx.workflow.model import open_model

    texts = ("".join(line.split()) for line in islice(lines_of(arguments.file), arguments.lines))
    raw = "".join(f"{text}\n" for text in texts).encode()
    predictor = open_model(arguments.run.parent, str(arguments.run), "best").predictor
    rendering = Rendering("jsonl")
    times: dict[str, list[float]] = {}

    def portions(at_once: int) -> PortionReader:
        return PortionReader(read_lines(io.BytesIO(raw), "texts"), at_once)

    def whole(portion: Portion) -> Rendered:
        return rendered(rendering, predictions(predictor, portion.lines))

    def steps(at_once: int) -> list[float]:
        moments = [time.perf_counter()]
        read = list(portions(at_once))
        moments.append(time.perf_counter())
        predicted = [list(predictions(predictor, portion.lines)) for portion in read]
        moments.append(time.perf_counter())
        for pairs in predicted:
            rendered(rendering, pairs)
        moments.append(time.perf_counter())
        return [after - before for before, after in pairwise(moments)]

    def threaded(at_once: int, threads: int) -> float:
        start = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(whole, portions(at_once)))
        return time.perf_counter() - start

    for number in range(arguments.rounds + 1):
        for at_once in AT_ONCE:
            found = dict(zip(("reading", "predicting", "rendering"), steps(at_once), strict=True))
            found |= {f"all, {threads} threads": threaded(at_once, threads) for threads in (1, 2)}
            for name, seconds in found.items() if number else ():
                times.setdefault(f"{at_once} | {name}", []).append(seconds)
    print("| lines per portion | | seconds |\n|---|---|---|")
    for name, values in times.items():
        print(f"| {name} | {statistics.median(values):.2f} |")


if __name__ == "__main__":
    run(main)
