"""Images of characters, rendered from fonts."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.components.sources.base import SPLITS, CorpusPath, FileSource
from nlpx.core.lazy import np
from nlpx.core.options import PositiveInt, Rate
from nlpx.data.files import filled_lines, fingerprint
from nlpx.data.glyphs import as_image, centred, with_noise
from nlpx.data.keys import key
from nlpx.data.records import BadRow, LabelledImage
from nlpx.data.typefaces import Typeface, font_files, split_face
from nlpx.errors import DataError

FontFiles = Annotated[list[CorpusPath], Field(min_length=1)]
NOT_SHOWN = "CZM"
"""First letters of Unicode categories without glyphs of their own: controls, blanks, marks."""


class Fonts(FileSource):
    """Images of 48 x 48 black or white pixels of characters, rendered from fonts that you name.

    A glyph that is empty, or equal to the glyph `.notdef` of the font, is a bad row.

    Options:
        train: fonts of the training split: files, where FILE#2 is the third face of a collection, or folders.
        valid: fonts of the validation split. No font may be in two splits.
        test: fonts of the test split.
        characters: text whose characters are the classes, in the order of their frequency; of equal ones, in
            that of the text. A list of characters keeps its order.
        classes: number of characters, the most frequent ones; default: all.
        sizes: sizes of the font in pixels per em.
        copies: number of images of each character, font and size, which differ in their positions.
        offset: most pixels by which a character is moved from the middle in each direction.
        noise: share of pixels that are inverted in the validation and test splits. For training, use the
            trick pixel_noise, which inverts others in every epoch.
        holdout: always 0, because the validation split has its own fonts.
    Shapes: images (48, 48, 3), black on white, with a class each.
    Data: TrueType and OpenType; UTF-8 text, also `.gz` and `.xz`.
    Relations: for the task ocr; also for image_classification and gan. Requires the extra `images`. Images
        that are rendered are easier to read than scanned ones.
    Reference: kexue.fm archive 3831.
    Example:
        data:
          root: corpora
          source:
            type: fonts
            train: [fonts/kai.ttf, fonts/hei.ttc]
            valid: [fonts/song.ttf]
            characters: frequent.txt
            classes: 500
            sizes: [46, 48, 50]
    """

    record: ClassVar[str] = LabelledImage.kind
    extra: ClassVar[str] = "images"
    reads_folders: ClassVar[bool] = True
    holds_out: ClassVar[str] = "other fonts"
    file_options: ClassVar[tuple[str, ...]] = (*SPLITS, "characters")

    type: Literal["fonts"] = "fonts"
    train: FontFiles  # type: ignore[assignment]  # of other sources it is one file
    valid: FontFiles | None = None  # type: ignore[assignment]
    test: FontFiles | None = None  # type: ignore[assignment]
    characters: CorpusPath
    classes: PositiveInt | None = None
    sizes: Annotated[list[Annotated[int, Field(ge=8, le=64)]], Field(min_length=1)] = [48]
    copies: Annotated[int, Field(ge=1, le=100)] = 1
    offset: Annotated[int, Field(ge=0, le=16)] = 0
    noise: Rate = 0.0
    holdout: Literal[0] = 0

    def files(self) -> dict[str, list[str]]:
        return {name: [split_face(file)[0] for file in files] for name, files in super().files().items()}

    def cache_key(self) -> object:
        faces = [[split_face(name)[1] for name in getattr(self, split) or ()] for split in SPLITS]
        return super().cache_key(), faces

    def fingerprint(self, split: str) -> str:
        paths = [self._root / self.characters, *(path for path, _ in self._faces(split))]
        return hashlib.sha256("".join(map(fingerprint, paths)).encode()).hexdigest()

    def read(self, paths: list[Path]) -> Iterator[LabelledImage | BadRow]:
        raise NotImplementedError("a split is more than its files: see rows")

    def rows(self, split: str) -> Iterator[LabelledImage | BadRow]:
        self.expect(split)
        self._expect_different_fonts()
        faces = [Typeface(path, index) for path, index in self._faces(split)]
        noise = 0.0 if split == "train" else self.noise
        for character, face in product(self.alphabet(), faces):
            reason = face.lacks(character, self.sizes[0])
            if reason:
                yield BadRow(f"{face.name} {character}", reason)
                continue
            for size, copy in product(self.sizes, range(self.copies)):
                name = f"{face.name} {character} {size}" + (f" {copy}" if self.copies > 1 else "")
                random = np.random.default_rng(key(name))
                down, right = random.integers(-self.offset, self.offset + 1, 2).tolist()
                ink = centred(face.ink(character, size), (down, right))
                image = as_image(with_noise(ink, noise, random) if noise else ink)
                yield LabelledImage(name, name, character, image, group=face.name)

    def alphabet(self) -> list[str]:
        """The classes, the most frequent character first.

        Raises:
            DataError: the text cannot be read, or has no character to show.
        """
        path = self._root / self.characters
        counts: Counter[str] = Counter()
        for _, line in filled_lines(path):
            counts.update(line)
        found = [c for c, _ in counts.most_common() if unicodedata.category(c)[0] not in NOT_SHOWN]
        if not found:
            raise DataError(f"{path}: there is no character to show in it. Expected a text, or a list.")
        return found[: self.classes]

    def _faces(self, split: str) -> list[tuple[Path, int]]:
        """The files of a split with the numbers of faces; every file of a folder has its first one."""
        named = (split_face(name) for name in getattr(self, split))
        return [(path, index) for file, index in named for path in font_files(self._root / file)]

    def _expect_different_fonts(self) -> None:
        """Raise DataError if two splits have a font in common, by its content."""
        content = cache(fingerprint)
        splits = {
            split: {(content(path), index): path for path, index in self._faces(split)}
            for split in self.splits()
        }
        for (one, fonts), (other, others) in combinations(splits.items(), 2):
            for face in fonts.keys() & others.keys():
                raise DataError(
                    f"{others[face]}: this font is in data.source.{one} and in data.source.{other}. "
                    "Expected other fonts, because a known font says nothing about new ones."
                )
