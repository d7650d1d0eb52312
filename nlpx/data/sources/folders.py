"""Pictures in one folder per class, or in a list of files."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from nlpx.data.files import filled_lines, fingerprint, printable
from nlpx.data.json_lines import has_half_characters
from nlpx.data.keys import key
from nlpx.data.pictures import UnreadablePicture, read_picture
from nlpx.data.rows import BadRow, Picture
from nlpx.data.sources.base import SPLITS, Source
from nlpx.errors import DataError

FEWEST = 2
"""Pictures that a class must have in train."""
NOT_UTF_8 = "this name is not UTF-8; rename it"
LOOK = 32
"""Edge in pixels of what is compared to find equal pictures."""


class FoldersSource(Source):
    """Files of pictures with their classes. What is in a file the task finds out; only `pseudo` opens any.

    Rows come in the order of the hash of their names, so that `data.limit` takes some of every class, and
    the pictures held out of a class are the first of it in this order.

    Args:
        train, valid, test: folder with one folder per class, or file with lines `path<TAB>class`; None where
            there is no such split.
        pseudo: the same, of pictures whose class was guessed: rows of train that are never held out, that add
            no class, and that show no picture which has a label in any split.
        holdout: unused; `holdout_share` says what is held out.
        holdout_share: share of every class of train that is the split valid.
        root: folder that these are relative to.
        task: unused; every source is told.
    """

    def __init__(
        self,
        train: str,
        valid: str | None = None,
        test: str | None = None,
        holdout: int = 0,
        holdout_share: float = 0.0,
        pseudo: str | None = None,
        *,
        root: Path,
        task: str = "",
    ) -> None:
        given = {"train": train, "valid": valid, "test": test, "pseudo": pseudo}
        self._paths = {split: root / name for split, name in given.items() if name}
        self._share = holdout_share
        self._listed: dict[str, list[Picture | BadRow]] = {}
        self._guessed: list[Picture | BadRow] | None = None

    def splits(self) -> tuple[str, ...]:
        return tuple(s for s in SPLITS if s in self._paths or (s == "valid" and self._share))

    def settings(self) -> str:
        return f"{super().settings()} holdout_share={self._share}"

    def rows(self, split: str) -> Iterator[Picture | BadRow]:
        if split not in self.splits():
            raise self.missing(split)
        train = self._list("train")
        held_out = self._held_out(train)
        if split == "train":
            rows = (row for row in self._large_enough(train) if row not in held_out)
            return iter(sorted([*rows, *self._pseudo()], key=_order)) if "pseudo" in self._paths else rows
        if split not in self._paths:
            return (row for row in train if row in held_out)
        return self._known(split)

    def fingerprint(self, split: str) -> str:
        if split not in self.splits():
            raise self.missing(split)
        digest = hashlib.sha256()
        for name in [split if split in self._paths else "train"] + ["pseudo"] * (split == "train"):
            if name in self._paths:
                digest.update(b"pseudo\n" if name == "pseudo" else b"")
                for row in self._list(name):
                    line = str(row) if isinstance(row, BadRow) else row.line
                    content = _content(Path(row.where)) if isinstance(row, Picture) else ""
                    digest.update(f"{line}\t{content}\n".encode())
        return digest.hexdigest()

    def _list(self, split: str) -> list[Picture | BadRow]:
        if split not in self._listed:
            path = self._paths[split]
            rows = list(_in_folder(path) if path.is_dir() else _in_list(path))
            if not rows:
                raise DataError(f"{path}: nothing is in it. Expected one folder of pictures for every class.")
            self._listed[split] = sorted(rows, key=_order)
        return self._listed[split]

    def _held_out(self, rows: Iterable[Picture | BadRow]) -> set[Picture | BadRow]:
        """The first pictures of every class that has more than one."""
        held_out: set[Picture | BadRow] = set()
        if self._share and "valid" not in self._paths:
            classes: defaultdict[str, list[Picture]] = defaultdict(list)
            for row in rows:
                if isinstance(row, Picture):
                    classes[row.label].append(row)
            for members in classes.values():
                wanted = max(1, round(self._share * len(members)))
                held_out.update(members[: min(wanted, len(members) - 1)])
        return held_out

    def _large_enough(self, rows: Iterable[Picture | BadRow]) -> Iterator[Picture | BadRow]:
        sizes = Counter(row.label for row in rows if isinstance(row, Picture))
        for row in rows:
            if isinstance(row, Picture) and sizes[row.label] < FEWEST:
                reason = (
                    f"the class {row.label!r} has no other picture; expected at least {FEWEST} of a class"
                )
                yield BadRow(row.where, reason)
            else:
                yield row

    def _pseudo(self) -> list[Picture | BadRow]:
        """The rows of `pseudo`; those that show what has a label already, held out or not, are bad."""
        if self._guessed is None:
            labelled = {
                _look(row): row.where
                for split in SPLITS
                if split in self._paths
                for row in self._list(split)
                if isinstance(row, Picture)
            }
            labelled.pop(None, None)  # unreadable
            self._guessed = [
                BadRow(row.where, f"a guessed class for a picture that has a label: {labelled[look]}")
                if isinstance(row, Picture) and (look := _look(row)) in labelled
                else row
                for row in self._known("pseudo")
            ]
        return self._guessed

    def _known(self, name: str) -> Iterator[Picture | BadRow]:
        classes = {row.label for row in self._list("train") if isinstance(row, Picture)}
        for row in self._list(name):
            if isinstance(row, Picture) and row.label not in classes:
                yield BadRow(row.where, f"train has no picture of the class {row.label!r}")
            else:
                yield row


def _order(row: Picture | BadRow) -> tuple[int, str]:
    return key(row.line if isinstance(row, Picture) else row.where), row.where


def _content(path: Path) -> str:
    """sha256 of a file; empty where it cannot be read, which its row will tell."""
    try:
        return fingerprint(path)
    except DataError:
        return ""


def _look(row: Picture) -> str | None:
    """Equal for files with equal pixels, whatever their format; None where the file cannot be read."""
    try:
        return hashlib.sha256(read_picture(Path(row.where), LOOK).tobytes()).hexdigest()
    except UnreadablePicture:
        return None


def _in_folder(root: Path) -> Iterator[Picture | BadRow]:
    """Every file of every folder of a folder; names that begin with a dot are passed over."""
    for folder in _visible(root):
        if has_half_characters(folder.name):
            yield BadRow(printable(folder), NOT_UTF_8)
            continue
        if not folder.is_dir():
            yield BadRow(str(folder), "this file lies beside the folders of the classes; it has no class")
            continue
        files = _visible(folder)
        if not files:
            yield BadRow(str(folder), "this folder of a class is empty; expected pictures")
        for path in files:
            if has_half_characters(path.name):
                yield BadRow(printable(path), NOT_UTF_8)
            elif path.is_dir():
                yield BadRow(str(path), "a folder inside the folder of a class; expected pictures only")
            else:
                yield Picture(str(path), f"{folder.name}/{path.name}", folder.name)


def _visible(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise DataError(f"{folder}: cannot be listed: {error.strerror}. Check its permissions.") from None


def _in_list(path: Path) -> Iterator[Picture | BadRow]:
    """The lines of a list of files."""
    for where, line in filled_lines(path):
        parts = [part.strip() for part in line.split("\t")]
        if len(parts) != 2:
            yield BadRow(where, f"{len(parts) - 1} tabs; expected one, between path and class")
            continue
        name, label = parts
        if not name or not label:
            yield BadRow(where, f"the {'class' if name else 'path'} is empty")
        else:
            yield Picture(str(path.parent / name), name, label)
