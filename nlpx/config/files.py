"""Read a config file and the files it extends as one tree."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

from nlpx.config.format import wrong_format
from nlpx.config.merge import items_of, merge
from nlpx.config.nodes import MappingNode, Node, ScalarNode, SequenceNode, excess
from nlpx.config.parse import parse
from nlpx.config.problems import Problem, Refused
from nlpx.config.source import Mark, Source, absolute
from nlpx.config.syntax import full_width_advice
from nlpx.core.files import TooLarge, Unreadable, read_regular
from nlpx.core.paths import absent_file, is_folder, why_absent
from nlpx.core.suggest import nearest

LARGEST_FILE = 1 << 20
"""Maximum size in bytes of a config, and of all files that it extends together."""

LONGEST_CHAIN = 20
"""Maximum length of a chain of files that extend one another."""

MOST_BASES = 100
"""Maximum number of `extends` items in a config and the files it extends."""

SUFFIXES = (".yaml", ".yml")


def read_source(path: Path) -> Source:
    """The text of a file.

    Raises:
        FileNotFoundError, Unreadable: the file cannot be read.
        Refused: it is not a config.
    """
    nowhere = Mark(Source(str(path), "", path.parent), 0)
    try:
        content = read_regular(path, LARGEST_FILE)
        text = content.decode("utf-8-sig")
    except TooLarge as error:
        raise Refused(Problem("C008", nowhere, "", f"this is not a config: {error}")) from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"byte {error.start} (line {line}) is 0x{content[error.start]:02X}, which is not UTF-8"
        raise Refused(Problem("C002", nowhere, "", what, advice="save the file as UTF-8")) from None
    return Source(str(path), text, absolute(Path(), str(path.parent)))


def unreadable(path: Path, error: FileNotFoundError | Unreadable) -> Problem:
    """The problem of a file that cannot be read."""
    missing = isinstance(error, FileNotFoundError)
    what = f"cannot be read: {why_absent(path) if missing else error}"
    nowhere = Mark(Source(str(path), "", path.parent), 0)
    return Problem("C001", nowhere, "", what, advice=_neighbours(path) if missing else "")


def read_tree(path: Path, text: str | None = None) -> tuple[Source, MappingNode, list[Problem]]:
    """The source of a file, its tree merged with those of the files it extends, and their problems.

    Args:
        path: the file.
        text: its content, if it has not been written yet.

    Raises:
        Refused: the file, or the merged tree, cannot be a config.
    """
    reader = _Reader(text)
    try:
        source, tree = reader.read(path, ())
        if what := excess(tree):
            raise Refused(Problem("C008", tree.mark, "extends", f"with the files it extends, {what}"))
    except (FileNotFoundError, Unreadable) as error:
        raise Refused(unreadable(path, error)) from None
    except Refused as refused:
        raise Refused(*reader.problems, *refused.args) from None
    return source, tree, reader.problems


@dataclass
class _Reader:
    """Reads a file and the files it extends, each only once.

    Attributes:
        text: the content of the first file, if it has not been written yet.
        problems: those found so far.
        trees: the tree of each file that is extended, by the path as it was reached, to which paths in it are
            relative; None if it has none.
        bases: number of `extends` items so far.
        characters: total number of characters of all files.
    """

    text: str | None = None
    problems: list[Problem] = field(default_factory=list)
    trees: dict[Path, MappingNode | None] = field(default_factory=dict)
    bases: int = 0
    characters: int = 0

    def read(self, path: Path, chain: tuple[Path, ...]) -> tuple[Source, MappingNode]:
        """The source of a file and its merged tree; `chain` contains the files that extend it."""
        if chain or self.text is None:
            source = read_source(path)
        else:
            source = Source(str(path), self.text, absolute(Path(), str(path.parent)))
        self.characters += len(source.text)
        if self.characters > LARGEST_FILE:
            what = f"the files that are extended have more than {LARGEST_FILE:,} characters in total"
            raise Refused(Problem("C008", Mark(source, 0), "", what))
        tree, problems = parse(source)
        self.problems += problems
        if not isinstance(tree, MappingNode):
            raise Refused(_no_mapping(tree))
        self.problems += wrong_format(tree)
        bases = self._bases(path, tree, (*chain, path.resolve()))
        return source, reduce(merge, [*bases, tree.without("extends", "format")])

    def _bases(self, path: Path, tree: MappingNode, chain: tuple[Path, ...]) -> Iterator[MappingNode]:
        """The trees of the files that a file extends, in order."""
        value = tree.value("extends")
        for item in () if value is None else items_of(value):
            self.bases += 1
            if self.bases > MOST_BASES:
                if self.bases == MOST_BASES + 1:
                    what = f"more than {MOST_BASES} files are extended in total"
                    self.problems.append(Problem("C009", item.mark, "extends", what))
                return
            try:
                base = self._base(path.parent, item, chain)
            except Refused as refused:
                self.problems += refused.args
            else:
                if base is not None:
                    yield base

    def _base(self, folder: Path, item: Node, chain: tuple[Path, ...]) -> MappingNode | None:
        """The tree of the file of an `extends` item; None if it was refused before."""
        if not isinstance(item, ScalarNode) or not isinstance(item.value, str) or not item.value:
            raise _refused(item, "is not a path", expected="a file, or a list of files")
        # Relative to the current folder or absolute, as the first file was given.
        path = Path(os.path.normpath(folder / item.value))
        if path.resolve() in chain:
            circle = [*chain[chain.index(path.resolve()) :], path.resolve()]
            raise _refused(item, f"is circular: {' -> '.join(link.name for link in circle)}")
        if len(chain) >= LONGEST_CHAIN:
            raise _refused(item, f"more than {LONGEST_CHAIN} files extend one another in a row")
        try:
            if path not in self.trees:
                self.trees[path] = None
                self.trees[path] = self.read(path, chain)[1]
            return self.trees[path]
        except FileNotFoundError:
            advice = "${...} is not resolved in `extends`" if "${" in item.value else _neighbours(path)
            raise _refused(item, absent_file(path), advice=advice) from None
        except Unreadable as error:
            raise _refused(item, f"{path} cannot be read: {error}") from None


def _refused(item: Node, what: str, expected: str = "", advice: str = "") -> Refused:
    return Refused(Problem("C009", item.mark, "extends", what, "", expected, advice))


def _no_mapping(tree: ScalarNode | SequenceNode) -> Problem:
    if isinstance(tree, ScalarNode) and tree.value is None:
        start = Mark(tree.mark.source, 0)
        return Problem("C003", start, "", "the file is empty", advice="`nlpx new TASK FILE` writes a starter")
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
    if not is_folder(folder):
        return f"there is no folder {folder} either"
    try:
        names = {entry.stem: entry.name for entry in sorted(folder.iterdir()) if entry.suffix in SUFFIXES}
    except OSError:
        return ""
    found = nearest(path.stem, names)
    return f"did you mean {names[found[0]]}?" if found else ""
