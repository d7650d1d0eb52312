"""Images of lines of text, from a list of files."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, Self

from nlpx.components.sources.base import FileSource
from nlpx.core.lazy import np
from nlpx.core.paths import is_folder
from nlpx.data.files import fingerprint
from nlpx.data.images import need_pillow, write_image
from nlpx.data.records import BadRow, Record, cells_of
from nlpx.errors import DataError

LIST = "lines.tsv"
"""The list in a folder."""


@dataclass(frozen=True, slots=True)
class LineImage(Record):
    """An image of a line with its text.

    Attributes:
        name: the path relative to the list, or another name that is the same on every machine.
        pixels: (H, W, 3) uint8, if there is no file.
    """

    kind: ClassVar[str] = "line_image"
    parts: ClassVar[tuple[str, ...]] = ("name", "text")
    source: ClassVar[str] = "line_images"
    suffix: ClassVar[str] = ""

    name: str
    text: str
    pixels: np.ndarray | None = field(default=None, compare=False, repr=False)

    def expect_writable(self, path: Path) -> None:
        if self.pixels is not None:
            need_pillow(path)

    @classmethod
    def write(cls, path: Path, records: Iterable[Self]) -> int:
        path.mkdir(parents=True, exist_ok=True)
        number = 0
        with (path / LIST).open("w", encoding="utf-8", newline="\n") as file:
            for number, record in enumerate(records, start=1):
                suffix = Path(record.where).suffix if record.pixels is None else ".png"
                image = path / f"{number:06d}{suffix}"
                if record.pixels is None:
                    shutil.copyfile(record.where, image)
                else:
                    write_image(image, record.pixels)
                file.write(f"{image.name}\t{record.text}\n")
        return number


class LineImages(FileSource):
    """Images of lines of text: a list of files with lines `path<TAB>text`.

    Options:
        train: list, or a folder with the list `lines.tsv`.
    Shapes: an image with its text each.
    Data: dark text on a light ground or the reverse, one horizontal line in each image; JPEG, PNG, GIF, BMP,
        TIFF or WebP. Paths are relative to the folder of the list.
    Relations: for the task ocr_lines; requires the extra `images`. Lines that are rendered: see font_lines.
    Reference: the layout of many datasets of lines, such as MJSynth (Jaderberg et al. 2014).
    Example:
        data:
          root: corpora
          source: {type: line_images, train: scans/train.tsv, holdout: 200}
    """

    record: ClassVar[str] = LineImage.kind
    extra: ClassVar[str] = "images"
    reads_folders: ClassVar[bool] = True
    line_columns: ClassVar[tuple[str, ...]] = ("path", "text")

    type: Literal["line_images"] = "line_images"

    def read(self, paths: list[Path]) -> Iterator[LineImage | BadRow]:
        for path in paths:
            path = path / LIST if is_folder(path) else path
            for where, line in self.lines([path]):
                cells = cells_of(where, line.split("\t"), "one, between path and text", "path", "text")
                if isinstance(cells, BadRow):
                    yield cells
                else:
                    yield LineImage(str(path.parent / cells[0]), cells[0], cells[1])

    def fingerprint(self, split: str) -> str:
        digest = hashlib.sha256()
        for row in self.read(self.paths(split)):
            content = _content(Path(row.where)) if isinstance(row, LineImage) else row.reason
            digest.update(f"{row.line if isinstance(row, LineImage) else row.where}\t{content}\n".encode())
        return digest.hexdigest()


def _content(path: Path) -> str:
    """SHA-256 of a file; empty if it cannot be read, which is reported with its row."""
    try:
        return fingerprint(path)
    except DataError:
        return ""
