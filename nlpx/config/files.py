"""Read a config file and the files it extends as one tree."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

from nlpx.config.merge import items_of, merge
from nlpx.config.nodes import MappingNode, Node, ScalarNode, SequenceNode, excess
from nlpx.config.parse import parse
from nlpx.config.problems import Problem, Report
from nlpx.config.source import Mark, Source, absolute
from nlpx.config.syntax import full_width_advice
from nlpx.core.files import TooLarge, Unreadable, open_regular, read_regular
from nlpx.core.suggest import nearest

LARGEST_FILE = 1 << 20
"""Maximum size in bytes of a config, and of all files that it extends together."""

LONGEST_CHAIN = 20
"""Maximum length of a chain of files that extend one another."""

MOST_BASES = 100
"""Maximum number of `extends` items in a config and the files it extends."""

SUFFIXES = (".yaml", ".yml")


def read_source(path: Path, report: Report) -> Source | None:
    """The text of a file; None, with the problem reported, if it cannot be a config."""
    nowhere = Mark(Source(str(path), "", path.parent), 0)
    try:
        content = read_regular(path, LARGEST_FILE)
    except FileNotFoundError:
        what = "cannot be read: there is no such file"
        report.add(Problem("C001", nowhere, "", what, advice=_neighbours(path)))
        return None
    except TooLarge as error:
        report.add(Problem("C008", nowhere, "", f"this is not a config: {error}"))
        return None
    except Unreadable as error:
        report.add(Problem("C001", nowhere, "", f"cannot be read: {error}"))
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"byte {error.start} (line {line}) is 0x{content[error.start]:02X}, which is not UTF-8"
        report.add(Problem("C002", nowhere, "", what, advice="save the file as UTF-8"))
        return None
    return Source(str(path), text, absolute(Path(), str(path.parent)))


def read_tree(path: Path, report: Report) -> tuple[Source | None, MappingNode | None]:
    """The source of a file, and its tree merged with those of the files it extends."""
    source, tree = _Reader(report).read(path, ())
    if tree is not None:
        what = excess(tree)
        if what:
            report.add(Problem("C008", tree.mark, "extends", f"with the files it extends, {what}"))
            tree = None
    return source, tree


@dataclass
class _Reader:
    """Reads a file and the files it extends, each only once.

    Attributes:
        report: receives the problems.
        trees: the tree of each file, by the path as it was reached, to which paths in it are relative.
        bases: number of `extends` items so far.
        characters: total number of characters of all files.
    """

    report: Report
    trees: dict[Path, MappingNode | None] = field(default_factory=dict)
    bases: int = 0
    characters: int = 0

    def read(self, path: Path, chain: tuple[Path, ...]) -> tuple[Source | None, MappingNode | None]:
        """The source of a file and its merged tree; `chain` contains the files that extend it."""
        source = read_source(path, self.report)
        if source is None:
            return None, None
        self.characters += len(source.text)
        if self.characters > LARGEST_FILE:
            what = f"the files that are extended have more than {LARGEST_FILE:,} characters in total"
            self.report.add(Problem("C008", Mark(source, 0), "", what))
            return source, None
        tree = parse(source, self.report)
        if tree is None:
            return source, None
        if not isinstance(tree, MappingNode):
            self.report.add(_no_mapping(source, tree))
            return source, None
        bases = self._bases(path, tree, (*chain, path.resolve()))
        return source, reduce(merge, [*bases, tree.without("extends")])

    def _bases(self, path: Path, tree: MappingNode, chain: tuple[Path, ...]) -> Iterator[MappingNode]:
        """The trees of the files that a file extends, in order."""
        value = tree.value("extends")
        for item in () if value is None else items_of(value):
            self.bases += 1
            if self.bases > MOST_BASES:
                if self.bases == MOST_BASES + 1:
                    what = f"more than {MOST_BASES} files are extended in total"
                    self.report.add(Problem("C009", item.mark, "extends", what))
                return
            other = self._other(path, item, chain)
            if other is None:
                continue
            if other not in self.trees:
                self.trees[other] = self.read(other, chain)[1]
            base = self.trees[other]
            if base is not None:
                yield base

    def _other(self, path: Path, item: Node, chain: tuple[Path, ...]) -> Path | None:
        """The file of an `extends` item; None, with the problem reported, if it is invalid."""
        if not isinstance(item, ScalarNode) or not isinstance(item.value, str) or not item.value:
            self._refuse(item, "is not a path", expected="a file, or a list of files")
            return None
        other = _shown(path.parent, item.value)
        try:
            open_regular(other).close()
        except FileNotFoundError:
            advice = "${...} is not resolved in `extends`" if "${" in item.value else _neighbours(other)
            self._refuse(item, f"there is no file {other}", advice=advice)
            return None
        except Unreadable as error:
            self._refuse(item, f"{other} cannot be read: {error}")
            return None
        if other.resolve() in chain:
            circle = [*chain[chain.index(other.resolve()) :], other.resolve()]
            self._refuse(item, f"is circular: {' -> '.join(link.name for link in circle)}")
            return None
        if len(chain) >= LONGEST_CHAIN:
            self._refuse(item, f"more than {LONGEST_CHAIN} files extend one another in a row")
            return None
        return other

    def _refuse(self, item: Node, what: str, expected: str = "", advice: str = "") -> None:
        self.report.add(Problem("C009", item.mark, "extends", what, "", expected, advice))


def _shown(folder: Path, written: str) -> Path:
    """The path of another file, told as the first file was: relative to the current folder or absolute."""
    return Path(os.path.normpath(folder / written))


def _no_mapping(source: Source, tree: ScalarNode | SequenceNode) -> Problem:
    if isinstance(tree, ScalarNode) and tree.value is None:
        return Problem(
            "C003", Mark(source, 0), "", "the file is empty", advice="`nlpx new TASK FILE` writes a starter"
        )
    got = "a list" if isinstance(tree, SequenceNode) else f"the text {tree.text[:40]!r}"
    line = "" if isinstance(tree, SequenceNode) else tree.text
    advice = full_width_advice(line)
    if not advice and ":" in line:
        advice = "put a blank after the colon"
    return Problem(
        "C003", tree.mark, "", "this is not a config", got, "a mapping that begins with `task: ...`", advice
    )


def _neighbours(path: Path) -> str:
    """Suggest the file in the same folder whose name is closest to one that does not exist."""
    if str(path) == "-":
        return "a config cannot be read from standard input; write it to a file"
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder} either"
    try:
        names = {entry.stem: entry.name for entry in sorted(folder.iterdir()) if entry.suffix in SUFFIXES}
    except OSError:
        return ""
    found = nearest(path.stem, names)
    return f"did you mean {names[found[0]]}?" if found else ""
