"""Write the tables of benchmarks/RESULTS.zh-CN.md from those of the English page.

    python benchmarks/results.py [--check]

The text of the Chinese page is written by hand, and its tables are replaced, one by one, by those of the
English page with the texts of benchmarks/chinese/results.yaml. With --check nothing is written; the exit code
is 1 if the page is not up to date, or a text has no Chinese.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator

from languages import TEXTS
from program import ROOT, publish
from translated import Chinese

ENGLISH = ROOT / "benchmarks" / "RESULTS.md"
CHINESE = ENGLISH.with_name("RESULTS.zh-CN.md")
TABLE = re.compile(r"(?m)(?:^\|.*\n)+")
NAMES = {"bleu", "gensim", "jieba", "kl", "nelbo", "nll", "nlpx", "perplexity"}
"""Lower-case words that are the same in Chinese; so is whatever has a digit, a capital or a sign in it."""
WORD = re.compile(r"(?<![\w@./`-])[a-z]{2,}(?![\w@./`-])")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare")
    given = parser.parse_args()
    texts = Chinese.read(TEXTS, "results.yaml")
    english, chinese = (page.read_text(encoding="utf-8") for page in (ENGLISH, CHINESE))
    tables = [translated(table, texts) for table in TABLE.findall(english)]
    there = TABLE.findall(chinese)
    if len(there) != len(tables):
        sys.exit(
            f"{CHINESE.relative_to(ROOT)} has {len(there)} tables, the English page {len(tables)}: "
            "write a line | where one is missing"
        )
    following = iter(tables)
    publish(CHINESE, TABLE.sub(lambda found: next(following), chinese), given.check)
    if faults := list(texts.problems()):
        sys.exit("\n".join(faults))


def translated(table: str, texts: Chinese) -> str:
    """A table whose cells are in Chinese."""
    return "".join(f"|{'|'.join(_cells(line, texts))}|\n" for line in table.splitlines())


def _cells(line: str, texts: Chinese) -> Iterator[str]:
    for cell in line.removeprefix("|").removesuffix("|").split("|"):
        text = cell.strip()
        words = WORD.findall(re.sub(r"`[^`]*`", "", text))
        needed = text in texts.texts or not NAMES.issuperset(words)
        yield cell.replace(text, texts.of(text)) if needed else cell


if __name__ == "__main__":
    main()
