"""Base class of sources that render text with fonts."""

from __future__ import annotations

import hashlib
import unicodedata
from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.components.sources.base import SPLITS, CorpusPath, SplitFiles
from nlpx.core.options import PositiveInt, Rate
from nlpx.data.files import filled_lines, fingerprint
from nlpx.data.typefaces import Typeface, font_files, split_face
from nlpx.errors import DataError

FontFiles = Annotated[list[CorpusPath], Field(min_length=1)]
NOT_SHOWN = "CZM"
"""First letters of Unicode categories without glyphs of their own: controls, blanks, marks."""


class Rendered(SplitFiles):
    """Base class of sources of images that are rendered from fonts that you name.

    Options:
        train: fonts of the training split: files, where FILE#2 is the third face of a collection, or folders.
        valid: fonts of the validation split. No font may be in two splits.
        test: fonts of the test split.
        classes: number of characters, the most frequent ones; default: all.
        sizes: sizes of the font in pixels per em.
        noise: share of pixels that are inverted in the validation and test splits. For training, use the
            trick pixel_noise, which inverts others in every epoch.
        holdout: always 0, because the validation split has its own fonts.
    """

    extra: ClassVar[str] = "images"
    reads_folders: ClassVar[bool] = True
    holds_out: ClassVar[str] = "other fonts"

    train: FontFiles  # type: ignore[assignment]  # of other sources it is one file
    valid: FontFiles | None = None  # type: ignore[assignment]
    test: FontFiles | None = None  # type: ignore[assignment]
    classes: PositiveInt | None = None
    sizes: Annotated[list[Annotated[int, Field(ge=8, le=64)]], Field(min_length=1)] = [48]
    noise: Rate = 0.0
    holdout: Literal[0] = 0

    @abstractmethod
    def texts(self, split: str) -> Sequence[str]:
        """The files of texts on which the images of a split depend, the first of which has the classes."""

    def files(self) -> dict[str, list[str]]:
        return {name: [split_face(file)[0] for file in files] for name, files in super().files().items()}

    def cache_key(self) -> object:
        faces = [[split_face(name)[1] for name in getattr(self, split) or ()] for split in SPLITS]
        return super().cache_key(), faces

    def fingerprint(self, split: str) -> str:
        texts = [self._root / text for text in self.texts(split)]
        paths = [*texts, *(path for path, _ in self._faces(split))]
        return hashlib.sha256("".join(map(fingerprint, paths)).encode()).hexdigest()

    def faces(self, split: str) -> list[Typeface]:
        """The fonts of a split; raises DataError if a font cannot be read, or is in two splits."""
        self.expect(split)
        self._expect_different_fonts()
        return [Typeface(path, index) for path, index in self._faces(split)]

    def alphabet(self) -> list[str]:
        """The classes, the most frequent character first.

        Raises:
            DataError: the text cannot be read, or has no character to show.
        """
        path = self._root / self.texts("train")[0]
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
