"""Characters a second of finished segmentation runs against jieba: one process, in turns, whole lines.

    python benchmarks/predict.py RUN [RUN ...] FILE [--threads 2] [--rounds 7] [--precision float32 bfloat16]

FILE is a segmented corpus; its blanks are removed. Loading and the first round, in which jieba reads its
dictionary and shapes are compiled, are not timed; jieba uses its HMM. A run that `nlpx export` can write is
also timed with its runtime in NumPy. Prints medians, and the mean ratio to jieba of the rounds with its 95 %
interval.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from nlpx.cli.options import PRECISIONS

BLAS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("file", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--precision", nargs="+", choices=list(PRECISIONS), default=["float32"])
    arguments = parser.parse_args()
    # Before NumPy is imported, which reads these once.
    os.environ |= dict.fromkeys(("NLPX_THREADS", *BLAS), str(arguments.threads))
    compare(arguments.runs, arguments.file, arguments.rounds, arguments.precision)
    print(f"threads: {arguments.threads}")


def compare(runs: list[Path], file: Path, rounds: int, precisions: list[str]) -> None:
    """Time jieba and the runs in turns, and print a table."""
    import numpy as np
    from interval import interval

    from nlpx.components.sources.segmented_text import SegmentedText
    from nlpx.data.records import Sentence
    from nlpx.text.jieba_words import jieba_words

    source = SegmentedText(train=str(file.resolve())).open(Path())
    texts = [row.text for row in source.rows("train") if isinstance(row, Sentence)]
    characters = sum(map(len, texts))
    systems: dict[str, Callable[[], object]] = {"jieba": lambda: [jieba_words(text) for text in texts]}
    for run in runs:
        for precision in precisions:
            systems |= systems_of(run, texts, precision)
    rates: dict[str, list[float]] = {name: [] for name in systems}
    for round_number in range(rounds + 1):
        for name, system in systems.items():
            start = time.perf_counter()
            system()
            if round_number:
                rates[name].append(characters / (time.perf_counter() - start))
    print(f"{len(texts)} texts, {characters} characters, {rounds} rounds")
    print("| system | characters/s | relative to jieba |\n|---|---|---|")
    for name, found in rates.items():
        ratio = interval(np.array(found) / np.array(rates["jieba"])).lstrip("+")
        print(f"| {name} | {statistics.median(found):,.0f} | {ratio} |")


def systems_of(run: Path, texts: list[str], precision: str) -> dict[str, Callable[[], object]]:
    """The predictor of a run, and its runtime if it has one."""
    from nlpx.errors import UsageError
    from nlpx.tasks.segmentation.runtime import Segmenter
    from nlpx.workflow.model import open_model

    overrides = [f"train.precision={PRECISIONS[precision]}"]
    predictor = open_model(run.parent, str(run), "best", overrides=overrides).predictor
    name = f"{run.name}, nlpx, {precision}"
    systems: dict[str, Callable[[], object]] = {name: lambda: predictor.predict(texts)}
    if precision != "float32":
        return systems
    with suppress(UsageError):
        exported = Segmenter(predictor.export())
        systems[f"{run.name}, export in NumPy"] = lambda: exported.words(texts)
    return systems


if __name__ == "__main__":
    from program import run

    run(main)
