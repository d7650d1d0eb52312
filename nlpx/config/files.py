"""A config file and the files it extends -> one tree."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

from nlpx.config.merge import items_of, merge
from nlpx.config.nodes import MappingNode, ScalarNode, SequenceNode
from nlpx.config.parse import parse
from nlpx.config.problems import Problem, Report
from nlpx.config.source import Mark, Source, absolute
from nlpx.config.suggest import nearest
from nlpx.config.syntax import full_width_advice

LARGEST_FILE = 1 << 20
"""Bytes of the largest file that is taken for a config."""

LONGEST_CHAIN = 20
"""Files that may extend one another in a row."""

SUFFIXES = (".yaml", ".yml")


def read_source(path: Path, report: Report) -> Source | None:
    """The text of a file; None, with the problem reported, where there is none that could be a config."""
    nowhere = Mark(Source(str(path), "", path.parent), 0)
    try:
        if path.is_file() and path.stat().st_size > LARGEST_FILE:
            report.add(
                Problem("C008", nowhere, "", f"the file is larger than {LARGEST_FILE} bytes: not a config")
            )
            return None
        content = path.read_bytes()
    except OSError as error:
        what = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        report.add(Problem("C001", nowhere, "", f"cannot be read: {what}", advice=_neighbours(path)))
        return None
    except ValueError:
        report.add(Problem("C001", nowhere, "", "cannot be read: a path holds no NUL character"))
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
    """The source of a file, and its tree merged onto those of the files it extends."""
    return _read(path, report, ())


def _read(path: Path, report: Report, chain: tuple[Path, ...]) -> tuple[Source | None, MappingNode | None]:
    source = read_source(path, report)
    if source is None:
        return None, None
    tree = parse(source, report)
    if tree is None:
        return source, None
    if not isinstance(tree, MappingNode):
        report.add(_no_mapping(source, tree))
        return source, None
    bases = _bases(path, tree, report, (*chain, path.resolve()))
    return source, reduce(merge, [*bases, tree.without("extends")])


def _bases(path: Path, tree: MappingNode, report: Report, chain: tuple[Path, ...]) -> Iterator[MappingNode]:
    """The trees of the files that a file extends, in the order written."""
    value = tree.value("extends")
    if value is None:
        return
    for item in items_of(value):
        if not isinstance(item, ScalarNode) or not isinstance(item.value, str) or not item.value:
            report.add(
                Problem("C009", item.mark, "extends", "is not a path", expected="a file, or a list of files")
            )
            continue
        other = _shown(path.parent, item.value)
        if other.resolve() in chain:
            circle = [*chain[chain.index(other.resolve()) :], other.resolve()]
            shown = " -> ".join(link.name for link in circle)
            report.add(Problem("C009", item.mark, "extends", f"leads in a circle: {shown}"))
            continue
        if len(chain) >= LONGEST_CHAIN:
            what = f"more than {LONGEST_CHAIN} files extend one another in a row"
            report.add(Problem("C009", item.mark, "extends", what))
            continue
        if not other.is_file():
            advice = "${...} is not resolved in `extends`" if "${" in item.value else _neighbours(other)
            report.add(Problem("C009", item.mark, "extends", f"there is no file {other}", advice=advice))
            continue
        base = _read(other, report, chain)[1]
        if base is not None:
            yield base


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
        "C003", tree.mark, "", "this is no config", got, "a mapping that begins with `task: ...`", advice
    )


def _neighbours(path: Path) -> str:
    """The files of a folder that a misspelt name may mean."""
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder} either"
    try:
        names = {entry.stem: entry.name for entry in sorted(folder.iterdir()) if entry.suffix in SUFFIXES}
    except OSError:
        return ""
    found = nearest(path.stem, names)
    return f"did you mean {names[found[0]]}?" if found else ""
