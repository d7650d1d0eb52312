"""Images in one folder per class, or from a list of files."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from nlpx.components.sources.base import SPLITS, CorpusPath, FileSource
from nlpx.core.options import Rate
from nlpx.core.paths import is_folder
from nlpx.data.files import fingerprint, printable
from nlpx.data.images import UnreadableImage, read_image
from nlpx.data.json_lines import has_half_characters
from nlpx.data.keys import key
from nlpx.data.records import BadRow, LabelledImage, Record, cells_of
from nlpx.errors import DataError

FEWEST = 2
"""Minimum number of training images of a class."""
NOT_UTF_8 = "this name is not UTF-8; rename it"
LOOK = 32
"""Image size in pixels for the comparison of images."""


class Folders(FileSource):
    """Images: a folder with one subfolder per class, or a list of files with lines `path<TAB>class`.

    Options:
        train: folder or list.
        valid: the same for the validation split; default: hold out `holdout_share` of each class of train.
        holdout: always 0; use `holdout_share`.
        holdout_share: proportion of each class to hold out for validation: the images whose names
            have the smallest hashes. At least one image is held out, and at least one remains.
        pseudo: folder or list of further training images with pseudo-labels (`nlpx data
            label` writes such a list). They are never held out and add no classes; an image whose pixels
            are identical to those of an image of train, valid or test is a bad row.
    Shapes: images with classes.
    Data: JPEG, PNG, GIF, BMP, TIFF or WebP of at most 100,000,000 pixels, including grey, transparent and
        CMYK. All files in the folders must be images (except for names that begin with a dot); a class has at
        least two. Paths of a list are relative to its folder.
    Relations: for the task image_classification; requires the extra `images`.
    Reference: the layout of Stanford Dogs (Khosla et al. 2011) and many other datasets.
    Example:
        data:
          root: corpora
          source: {type: folders, train: dogs/train, holdout_share: 0.1}
    """

    # Files are opened by the task, and here only for `pseudo`. Rows are ordered by the hash of
    # their names, so that `data.limit` selects images of all classes.

    record: ClassVar[str] = LabelledImage.kind
    extra: ClassVar[str] = "images"
    reads_folders: ClassVar[bool] = True
    holds_out: ClassVar[str] = "`holdout_share: 0.1`"
    file_options: ClassVar[tuple[str, ...]] = (*SPLITS, "pseudo")
    line_columns: ClassVar[tuple[str, ...]] = ("path", "class")

    type: Literal["folders"] = "folders"
    holdout: Literal[0] = 0
    holdout_share: Rate = 0.0
    pseudo: CorpusPath | None = None

    _listed: dict[Path, list[LabelledImage | BadRow]] = PrivateAttr(default_factory=dict)
    _guessed: list[Record | BadRow] | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _one_valid(self) -> Folders:
        if self.valid and self.holdout_share:
            raise PydanticCustomError(
                "two_valids", "valid has a folder of its own: remove it, or holdout_share"
            )
        return self

    @property
    def divides_train(self) -> bool:
        return self.holdout_share > 0

    def rows(self, split: str) -> Iterator[Record | BadRow]:
        rows = super().rows(split)
        if split == "train":
            rows = self._large_enough(rows)
            return iter(sorted([*rows, *self._pseudo()], key=_order)) if self.pseudo else rows
        return rows if split == "valid" and self.divides_train else self._known(rows)

    def read(self, paths: list[Path]) -> Iterator[LabelledImage | BadRow]:
        for path in paths:
            if path not in self._listed:
                rows = list(
                    _in_folder(path) if is_folder(path) else _in_list(self.lines([path]), path.parent)
                )
                if not rows:
                    raise DataError(
                        f"{path}: nothing is in it. Expected one folder of images for every class."
                    )
                self._listed[path] = sorted(rows, key=_order)
            yield from self._listed[path]

    def fingerprint(self, split: str) -> str:
        digest = hashlib.sha256()
        rows: list[LabelledImage | BadRow | None] = list(self.read(self.paths(split)))
        if split == "train" and self.pseudo:
            rows += [None, *self.read([self._root / self.pseudo])]
        for row in rows:
            if row is None:
                digest.update(b"pseudo\n")
            elif isinstance(row, LabelledImage):
                digest.update(f"{row.line}\t{_content(Path(row.where))}\n".encode())
            else:
                digest.update(f"{row}\t\n".encode())
        return digest.hexdigest()

    def choose(self, paths: list[Path], count: int) -> tuple[dict[int, Record], int]:
        """The first images of each class that has more than one."""
        rows = list(self.read(paths))
        classes: defaultdict[str, list[LabelledImage]] = defaultdict(list)
        for row in rows:
            if isinstance(row, LabelledImage):
                classes[row.label].append(row)
        chosen: set[LabelledImage] = set()
        for members in classes.values():
            wanted = max(1, round(self.holdout_share * len(members)))
            chosen.update(members[: min(wanted, len(set(members)) - 1)])
        held_out: dict[int, Record] = {
            index: row for index, row in enumerate(rows) if isinstance(row, LabelledImage) and row in chosen
        }
        return held_out, sum(map(len, classes.values()))

    def _large_enough(self, rows: Iterable[Record | BadRow]) -> Iterator[Record | BadRow]:
        sizes = Counter(row.label for row in self._train() if isinstance(row, LabelledImage))
        for row in rows:
            if isinstance(row, LabelledImage) and sizes[row.label] < FEWEST:
                reason = f"the class {row.label!r} has no other image; expected at least {FEWEST} of a class"
                yield BadRow(row.where, reason)
            else:
                yield row

    def _pseudo(self) -> list[Record | BadRow]:
        """The rows of `pseudo`; images that already have a label, held out or not, are bad rows."""
        files = self.files()
        if self._guessed is None:
            labelled = {
                _look(row): row.where
                for split in SPLITS
                for name in files.get(split, [])
                for row in self.read([self._root / name])
                if isinstance(row, LabelledImage)
            }
            labelled.pop(None, None)  # unreadable
            self._guessed = [
                BadRow(row.where, f"a pseudo-label for an image that has a label: {labelled[look]}")
                if isinstance(row, LabelledImage) and (look := _look(row)) in labelled
                else row
                for row in self._known(self.read([self._root / name for name in files["pseudo"]]))
            ]
        return self._guessed

    def _train(self) -> Iterator[LabelledImage | BadRow]:
        return self.read(self.paths("train"))

    def _known(self, rows: Iterable[Record | BadRow]) -> Iterator[Record | BadRow]:
        classes = {row.label for row in self._train() if isinstance(row, LabelledImage)}
        for row in rows:
            if isinstance(row, LabelledImage) and row.label not in classes:
                yield BadRow(row.where, f"train has no image of the class {row.label!r}")
            else:
                yield row


def _order(row: Record | BadRow) -> tuple[int, str]:
    return key(row.line if isinstance(row, LabelledImage) else row.where), row.where


def _content(path: Path) -> str:
    """SHA-256 of a file; empty if it cannot be read, which is reported with its row."""
    try:
        return fingerprint(path)
    except DataError:
        return ""


def _look(row: LabelledImage) -> str | None:
    """A key that is equal for files with equal pixels, whatever their format; None if unreadable."""
    try:
        return hashlib.sha256(read_image(Path(row.where), LOOK).tobytes()).hexdigest()
    except UnreadableImage:
        return None


def _in_folder(root: Path) -> Iterator[LabelledImage | BadRow]:
    """All files of all subfolders; names that begin with a dot are skipped."""
    for folder in _visible(root):
        if has_half_characters(folder.name):
            yield BadRow(printable(folder), NOT_UTF_8)
            continue
        if not is_folder(folder):
            yield BadRow(str(folder), "this file is not in a class folder")
            continue
        files = _visible(folder)
        if not files:
            yield BadRow(str(folder), "this folder of a class is empty; expected images")
        for path in files:
            if has_half_characters(path.name):
                yield BadRow(printable(path), NOT_UTF_8)
            elif path.is_dir():
                yield BadRow(str(path), "a folder inside the folder of a class; expected images only")
            else:
                yield LabelledImage(str(path), f"{folder.name}/{path.name}", folder.name)


def _visible(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise DataError(f"{folder}: cannot be listed: {error.strerror}. Check its permissions.") from None


def _in_list(lines: Iterable[tuple[str, str]], folder: Path) -> Iterator[LabelledImage | BadRow]:
    """The lines of a list of files."""
    for where, line in lines:
        cells = cells_of(where, line.split("\t"), "one, between path and class", "path", "class")
        if isinstance(cells, BadRow):
            yield cells
        else:
            yield LabelledImage(str(folder / cells[0]), cells[0], cells[1])
