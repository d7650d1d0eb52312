"""Images of characters, rendered from fonts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.components.sources.base import SPLITS, CorpusPath
from nlpx.components.sources.rendered import Rendered
from nlpx.core.lazy import np
from nlpx.data.glyphs import as_image, centred, with_noise
from nlpx.data.keys import key
from nlpx.data.records import BadRow, LabelledImage


class Fonts(Rendered):
    """Images of 48 x 48 black or white pixels of characters, rendered from fonts that you name.

    A glyph that is empty, or equal to the glyph `.notdef` of the font, is a bad row.

    Options:
        characters: text whose characters are the classes, in the order of their frequency; of equal ones, in
            that of the text. A list of characters keeps its order.
        copies: number of images of each character, font and size, which differ in their positions.
        offset: most pixels by which a character is moved from the middle in each direction.
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
    file_options: ClassVar[tuple[str, ...]] = (*SPLITS, "characters")

    type: Literal["fonts"] = "fonts"
    characters: CorpusPath
    copies: Annotated[int, Field(ge=1, le=100)] = 1
    offset: Annotated[int, Field(ge=0, le=16)] = 0

    def texts(self, split: str) -> Sequence[str]:
        return [self.characters]

    def rows(self, split: str) -> Iterator[LabelledImage | BadRow]:
        faces = self.faces(split)
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
