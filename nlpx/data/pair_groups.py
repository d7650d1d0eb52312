"""Groups of paraphrases from labelled pairs, as connected components of positive pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlpx.core.lazy import np
from nlpx.core.suggest import listed
from nlpx.data.decoding import Declaration
from nlpx.data.formats.headings import chosen_columns, is_header
from nlpx.data.formats.look import Look, recognized
from nlpx.data.formats.texts import COLUMNS
from nlpx.data.keys import key
from nlpx.data.tables import SEPARATORS, TableLayout, named_format, part_texts, read_cells, read_table
from nlpx.errors import DataError

DEFAULT = (1, 2, 3)
READ = ("first", "second", "label#")
FIELDS = ("first", "second", "label")
LABELS = {"0": False, "1": True, "false": False, "true": True}
"""What JSON writes."""
LONGEST_SHOWN = 200


@dataclass(frozen=True)
class PairGroups:
    """The result of grouping labelled pairs.

    Attributes:
        groups: connected sentences, at least two per group, in the order of their first appearance.
        singles: sentences that only occur in negative pairs.
        contradicted: negative pairs whose sentences are in the same group.
    """

    groups: list[list[str]]
    singles: list[str]
    contradicted: list[tuple[str, str]]


def read_pairs(
    paths: Iterable[Path],
    columns: Sequence[int | str] = DEFAULT,
    *,
    header: bool = False,
    encoding: Declaration = "utf-8",
) -> Iterator[tuple[str, str, bool]]:
    """The sentences of labelled pairs, and whether the label is 1 rather than 0. Blank lines are skipped.

    Args:
        paths: files with columns separated by tabs; by commas, with quotes around cells, if they are named
            `.csv`; or JSON lines, if they are named `.jsonl` or `.json`.
        columns: columns of both sentences and the label, numbers from 1 or names in the header; in JSON
            lines, names of fields, by default first, second and label.
        header: whether the first line of each table names the columns.
        encoding: of the files.

    Raises:
        DataError: a file cannot be read, does not have the columns, or a line is invalid.
    """
    for path in paths:
        form = named_format(path)
        if form == "jsonl":
            yield from _of_objects(path, FIELDS if tuple(columns) == DEFAULT else columns, encoding)
            continue
        layout = TableLayout(FIELDS, form, SEPARATORS[form], encoding=encoding)
        lines = read_cells(path, layout)
        names = next(lines, ("", ""))[1] if header else []
        if isinstance(names, str) and names:
            raise DataError(f"{path}:1: {names}")
        places = [_place(path, column, names, encoding) for column in columns]
        for where, row in lines:
            if isinstance(row, str):
                raise DataError(f"{where}: {row}.")
            cells = [cell.strip() for cell in row]
            parts = [cells[place] for place in places if place < len(cells)]
            wrong_size = len(cells) != 3 and tuple(columns) == DEFAULT
            if len(parts) != 3 or wrong_size or not all(parts) or parts[2] not in ("0", "1"):
                raise DataError(_no_pair(path, where, row, layout, columns, header))
            yield parts[0], parts[1], parts[2] == "1"


def _of_objects(
    path: Path, names: Sequence[int | str], encoding: Declaration
) -> Iterator[tuple[str, str, bool]]:
    """The pairs of JSON lines."""
    if any(isinstance(name, int) for name in names):
        raise DataError(
            f"{path}: JSON lines have no numbered columns. Give names: --columns FIRST,SECOND,LABEL."
        )
    columns = {part: name for part, name in zip(FIELDS, names, strict=True) if part != name}
    layout = TableLayout(FIELDS, "jsonl", "", columns, encoding=encoding)
    for where, fields in read_table(path, layout):
        parts = fields if isinstance(fields, str) else part_texts(fields, layout)
        if isinstance(parts, str):
            known = (
                ""
                if isinstance(fields, str)
                else f" It has {listed(name for name in fields if name not in columns)}."
            )
            raise DataError(
                f"{where}: {parts}.{known} --columns names the fields of both sentences and the label."
            )
        label = LABELS.get(parts[2])
        if label is None or not all(parts):
            what = f"the label is {parts[2]!r}" if all(parts[:2]) else "a sentence is empty"
            raise DataError(
                f"{where}: {what}. Expected two sentences, and label 1 if both mean the same, else 0."
            )
        yield parts[0], parts[1], label


def _place(path: Path, column: int | str, names: Sequence[str], encoding: Declaration) -> int:
    if isinstance(column, int):
        return column - 1
    known = [name.strip() for name in names]
    if known.count(column) != 1:
        found = "several columns are called" if column in known else "no column is called"
        hint = recognized(Look(path, READ, encoding), COLUMNS) if len(known) == 1 else ""
        what = f"{path}:1: {found} {column!r}; the header has {', '.join(map(repr, known))}."
        raise DataError(f"{what} {hint}".strip())
    return known.index(column)


def _no_pair(
    path: Path,
    where: str,
    cells: Sequence[str],
    layout: TableLayout,
    columns: Sequence[int | str],
    header: bool,
) -> str:
    line, between = layout.separator.join(cells), "tabs" if layout.format == "tsv" else "commas"
    shown = line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]}..."
    if tuple(columns) == DEFAULT:
        expected = "`first,second,label`" if layout.format == "csv" else "`first<TAB>second<TAB>label`"
    else:
        expected = (
            f"two sentences and the label in the columns {', '.join(map(str, columns))}, between {between}"
        )
    hints = []
    count = len(cells)
    if between == "tabs" and (tuple(columns) == DEFAULT or count == 1):
        hints.append(recognized(Look(path, READ, layout.encoding), COLUMNS))
    if tuple(columns) == DEFAULT and count > len(DEFAULT):
        hints.append(f"Or specify the columns: --columns {_advised_columns(path, layout)}.")
    elif not header and is_header(_looked(path, layout).rows):
        hints.append("The first line looks like a header: give --header, which passes it over.")
    what = f"{where}: {shown!r} is not a labelled pair: it has {count} column{'' if count == 1 else 's'}."
    wanted = f"Expected {expected}, label 1 if both have the same meaning, otherwise 0."
    return " ".join([what, wanted, *filter(None, hints)])


def _looked(path: Path, layout: TableLayout) -> Look:
    return Look(path, READ, layout.encoding or "utf-8", layout if layout.format == "csv" else None)


def _advised_columns(path: Path, layout: TableLayout) -> str:
    """The suggested --columns for a file with more columns, by its header or its ids."""
    rows = _looked(path, layout).rows
    places = chosen_columns(rows, READ)
    if is_header(rows) and len(rows[0]) == len(READ) + 1 and places == [1, 2, 3]:
        return ",".join(rows[0][place] for place in places)
    return "A,B,LABEL, each the number of a column or its name in a header"


def connect(pairs: Iterable[tuple[str, str, bool]]) -> PairGroups:
    """Groups of sentences connected by positive pairs."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    numbers: dict[str, int] = {}
    positive: list[tuple[int, int]] = []
    negative: list[tuple[str, str]] = []
    for first, second, same in pairs:
        ends = numbers.setdefault(first, len(numbers)), numbers.setdefault(second, len(numbers))
        if same:
            positive.append(ends)
        else:
            negative.append((first, second))
    edges = np.array(positive, np.int32).reshape(-1, 2).T
    size = (len(numbers), len(numbers))
    _, labels = connected_components(coo_array((np.ones(len(positive)), edges), size), directed=False)
    members: dict[int, list[str]] = {}
    for text, label in zip(numbers, labels.tolist(), strict=True):
        members.setdefault(label, []).append(text)
    return PairGroups(
        groups=[texts for texts in members.values() if len(texts) > 1],
        singles=[texts[0] for texts in members.values() if len(texts) == 1],
        contradicted=[(a, b) for a, b in negative if labels[numbers[a]] == labels[numbers[b]]],
    )


def split(groups: list[list[str]], valid: float) -> tuple[list[list[str]], list[list[str]]]:
    """Groups for training and validation, assigned by a hash; `valid` is the proportion for validation."""
    sides: tuple[list[list[str]], list[list[str]]] = ([], [])
    for texts in groups:
        sides[key(min(texts)) < valid * 2**64].append(texts)
    return sides
