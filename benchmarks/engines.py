"""Predictions of a run by TensorFlow and by its own bundle for many lines: how many of them differ.

    python benchmarks/engines.py RUN FILE [--lines 10000]

FILE has one text per line, maybe compressed; what follows a tab is left out, and blanks are removed. The
bundle is what `nlpx export RUN --to bundle` writes. Prints the lines that differ; ends with 1 if any do.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import islice
from pathlib import Path

from program import run

import nlpx
from nlpx.data.files import read_lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--lines", type=int, default=10_000)
    arguments = parser.parse_args()
    lines = islice(read_lines(arguments.file), arguments.lines)
    texts = ["".join(line.partition("\t")[0].split()) for line in lines]
    found: list[list[str]] = []
    for engine in ("tensorflow", "onnx"):
        model = nlpx.load(arguments.run, engine=engine)
        start = time.perf_counter()
        found.append([prediction.text for prediction in model.predict_iter(texts)])
        print(f"{engine}: {len(texts)} lines in {time.perf_counter() - start:.1f} s")
    pairs = zip(texts, *found, strict=True)
    different = [(text, one, other) for text, one, other in pairs if one != other]
    for text, one, other in different:
        print(f"{text}\n  tensorflow  {one}\n  onnx        {other}")
    print(f"{sum(map(len, texts))} characters; {len(different)} of {len(texts)} predictions differ")
    sys.exit(bool(different))


if __name__ == "__main__":
    run(main)
