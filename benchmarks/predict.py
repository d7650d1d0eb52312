"""Characters a second of a finished segmentation run against jieba: one process, interleaved, same texts.

    python benchmarks/predict.py RUN FILE [--threads 2] [--rounds 5]

FILE is a segmented corpus; its blanks are removed. Loading is not timed. A run that `nlpx export` can
write is also timed with its runtime in NumPy. Prints medians and their ratio to jieba.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from program import run

from nlpx.components.sources.segmented_text import SegmentedText
from nlpx.data.records import Sentence
from nlpx.errors import UsageError
from nlpx.tasks.segmentation.runtime import Segmenter
from nlpx.text.jieba_words import jieba_words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    os.environ["NLPX_THREADS"] = str(arguments.threads)
    from nlpx.workflow.model import open_model

    source = SegmentedText(train=str(arguments.file.resolve())).open(Path())
    texts = [row.text for row in source.rows("train") if isinstance(row, Sentence)]
    characters = sum(map(len, texts))
    predictor = open_model(arguments.run.parent, str(arguments.run), "best").predictor
    systems: dict[str, Callable[[], object]] = {"nlpx": lambda: predictor.predict(texts)}
    with suppress(UsageError):
        exported = Segmenter(predictor.export())
        systems["nlpx export, NumPy"] = lambda: exported.words(texts)
    systems |= {
        "jieba": lambda: [jieba_words(text) for text in texts],
    }
    rates: dict[str, list[float]] = {name: [] for name in systems}
    for round_number in range(arguments.rounds + 1):
        for name, system in systems.items():
            start = time.perf_counter()
            system()
            if round_number:
                rates[name].append(characters / (time.perf_counter() - start))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    print(f"{len(texts)} texts, {characters} characters, nlpx with {arguments.threads} threads")
    print("| system | characters/s | relative |\n|---|---|---|")
    for name, rate in medians.items():
        print(f"| {name} | {rate:,.0f} | {rate / medians['jieba']:.2f} |")


if __name__ == "__main__":
    run(main)
