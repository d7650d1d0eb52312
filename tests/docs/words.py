"""Refuse words that docs/words.yaml lists, in pages, configs, and the strings and comments of the code.

    python -m tests.docs.words [FILE...]

Without FILE, checks all files. The exit code is 1 if any are found.
"""

from __future__ import annotations

import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "docs" / "words.yaml"
FILES = (
    "*.md",
    "data/*.md",
    "benchmarks/*.md",
    "docs/**/*.md",
    "docs/**/*.py",
    "docs/plugins/*.yaml",
    "configs/**/*.yaml",
    "nlpx/**/*.yaml",
    "nlpx/**/*.py",
)


@dataclass(frozen=True)
class Word:
    """A wording to avoid.

    Attributes:
        pattern: finds it; blanks match any white space.
        instead: what to write.
    """

    pattern: re.Pattern[str]
    instead: str


def main(arguments: list[str]) -> int:
    listed = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    words = [word_of(entry) for language in ("english", "chinese") for entry in listed[language]]
    paths = [Path(name).resolve() for name in arguments] or sorted(files())
    count = 0
    for path in paths:
        name = path.relative_to(ROOT).as_posix()
        for line, found, instead in problems(path, words, allowed(listed, name)):
            print(f"{name}:{line}: {found!r}; instead: {instead}")
            count += 1
    return int(count > 0)


def word_of(entry: dict[str, str]) -> Word:
    return Word(re.compile(entry["not"].replace(" ", r"\s+"), re.IGNORECASE), entry["say"])


def allowed(listed: dict[str, dict[str, list[str]]], name: str) -> set[str]:
    """The words that a file may contain."""
    found = (words for pattern, words in listed["allowed"].items() if fnmatch(name, pattern))
    return {word for words in found for word in words}


def files() -> set[Path]:
    return {path for pattern in FILES for path in ROOT.glob(pattern)} - {LIST}


def problems(path: Path, words: Iterable[Word], exceptions: set[str]) -> Iterator[tuple[int, str, str]]:
    """Line, wording and what to write instead."""
    text = prose(path)
    for word in words:
        for found in word.pattern.finditer(text):
            wording = " ".join(found[0].split())
            if wording.lower() not in exceptions:
                yield text.count("\n", 0, found.start()) + 1, wording, word.instead


@cache
def prose(path: Path) -> str:
    """The text of a file; code is a blank, and lines keep their numbers."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        text = _python(text)
    elif path.suffix in (".yaml", ".yml"):
        text = re.sub(r"(?m)^[^#\n]*(#|$)", _blank, text)
    else:
        text = re.sub(r"(?ms)^( *)```.*?^\1```$", _blank, text)
    return re.sub(r" {2,}", " ", re.sub(r"`[^`\n]+`", " ", text))


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def _python(text: str) -> str:
    """Strings and comments; neither the marks around them nor the expressions in them."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    kept = list(re.sub(r"[^\n]", " ", text))
    middle = getattr(tokenize, "FSTRING_MIDDLE", None)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (tokenize.STRING, tokenize.COMMENT, middle):
            continue
        first = starts[token.start[0] - 1] + token.start[1]
        last = starts[token.end[0] - 1] + token.end[1]
        piece = text[first:last]
        if token.type == tokenize.COMMENT:
            piece = piece.replace("#", " ")
        elif token.type == tokenize.STRING:
            opening = re.match(r"[A-Za-z]*(\"\"\"|'''|\"|')", piece)
            assert opening is not None
            if "f" in opening[0].lower():
                piece = re.sub(r"\{[^{}\n]*\}", _blank, piece)
            quotes = len(opening[1])
            inner = piece[opening.end() : -quotes]
            piece = " " * opening.end() + inner + " " * quotes
        kept[first:last] = piece
    return "".join(kept)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
