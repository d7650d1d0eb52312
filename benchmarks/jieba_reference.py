"""jieba on a segmented file: its scores and its speed, as a row for RESULTS.md.

    python benchmarks/jieba_reference.py pku_valid.txt.gz --train pku_train.txt.gz

jieba is given the text without blanks, one line at a time in one process, its dictionary loaded before
the clock starts. With `--width half` it sees half-width digits and Latin, whose runs it takes for words;
scores are always those of the text as it was written.
"""

from __future__ import annotations

import argparse
import gzip
import lzma
import re
import time
from collections.abc import Iterator
from pathlib import Path

from program import run

from nlpx.components.metrics.word_f1 import WordF1
from nlpx.tasks.segmentation.example import SegmentationExample
from nlpx.text.jieba_words import jieba_words
from nlpx.text.normalize import Normalizer
from nlpx.text.tags import tags_of, words_of

DECOMPRESS = {".gz": gzip.decompress, ".xz": lzma.decompress}
COLUMNS = ("precision", "recall", "f1", "oov_recall", "iv_recall")


def sentences(path: Path) -> Iterator[tuple[str, ...]]:
    """The words of every line that has some."""
    content = DECOMPRESS.get(path.suffix, bytes)(path.read_bytes()).decode("utf-8-sig")
    for line in content.split("\n"):
        words = tuple(filter(None, re.split(r"[ \t\r]+", line)))
        if words:
            yield words


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "file", type=Path, help="words divided by blanks, one sentence a line; .gz and .xz too"
    )
    parser.add_argument("--train", type=Path, help="training file whose words are the known ones")
    parser.add_argument("--width", choices=("half", "keep"), default="half", help="what jieba sees")
    arguments = parser.parse_args()

    known = {word for words in sentences(arguments.train) for word in words} if arguments.train else set()
    references = list(sentences(arguments.file))
    texts = ["".join(words) for words in references]
    normalizer = Normalizer(arguments.width, "keep", "keep")
    jieba_words("先装载词典")

    started = time.perf_counter()
    answers = [words_of(text, tags_of(jieba_words(normalizer.normalize(text)))) for text in texts]
    seconds = time.perf_counter() - started

    metric = WordF1()
    for text, reference, answer in zip(texts, references, answers, strict=True):
        inside = tuple(word in known for word in reference)
        metric.update(SegmentationExample(text, reference, answer, 0.0, len(text), inside))
    numbers = metric.result()
    shown = [name for name in COLUMNS if name in numbers and (known or not name.endswith("v_recall"))]
    speed = sum(map(len, texts)) / seconds
    print(f"| what | {' | '.join(shown)} | characters/s |")
    print("|---" * (len(shown) + 2) + "|")
    cells = " | ".join(f"{numbers[name]:.4f}" for name in shown)
    print(f"| jieba, width {arguments.width}, {arguments.file.name} | {cells} | {speed:,.0f} |")


if __name__ == "__main__":
    run(main)
