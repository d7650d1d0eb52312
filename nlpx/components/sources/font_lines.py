"""Images of lines of text, rendered from fonts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nlpx.components.sources.base import SPLITS, CorpusPath
from nlpx.components.sources.line_images import LineImage
from nlpx.components.sources.rendered import Rendered
from nlpx.core.lazy import np
from nlpx.core.options import PositiveInt
from nlpx.data.files import filled_lines
from nlpx.data.glyphs import as_image, with_noise
from nlpx.data.keys import key
from nlpx.data.records import BadRow


class FontLines(Rendered):
    """Images of lines of a text, black on white, rendered from fonts that you name.

    A line is a part of the text that consists of neighbouring characters among the classes. A line with a
    character that its font lacks is a bad row.

    Options:
        text: text of the training lines, whose most frequent characters are the classes.
        valid_text: text of the validation lines.
        test_text: text of the test lines.
        least: least number of characters of a line.
        most: largest number of characters of a line.
        margin: most rows and columns of white pixels on each side of the ink.
    Shapes: images (H, W, 3) with their texts. Each line of a text is rendered once, in one font and size, so
        the length of the text is that of the split.
    Data: TrueType and OpenType; UTF-8 text, also `.gz` and `.xz`.
    Relations: for the task ocr_lines. Requires the extra `images`. Lines that are rendered are easier to read
        than scanned ones.
    Reference: kexue.fm archive 3831 rendered characters in this way.
    Example:
        data:
          root: corpora
          source:
            type: font_lines
            train: [fonts/kai.ttf, fonts/hei.ttc]
            valid: [fonts/song.ttf]
            text: news.txt
            valid_text: other_news.txt
            classes: 500
    """

    record: ClassVar[str] = LineImage.kind
    file_options: ClassVar[tuple[str, ...]] = (*SPLITS, "text", "valid_text", "test_text")

    type: Literal["font_lines"] = "font_lines"
    text: CorpusPath
    valid_text: CorpusPath | None = None
    test_text: CorpusPath | None = None
    least: PositiveInt = 4
    most: PositiveInt = 12
    margin: Annotated[int, Field(ge=0, le=16)] = 2

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.least > self.most:
            raise PydanticCustomError(
                "no_length", f"least is {self.least}, which is more than most, {self.most}"
            )
        for split in ("valid", "test"):
            if (getattr(self, split) is None) != (getattr(self, f"{split}_text") is None):
                raise PydanticCustomError("half_a_split", f"set both {split} and {split}_text, or neither")
        return self

    def texts(self, split: str) -> Sequence[str]:
        return [self.text] if split == "train" else [self.text, getattr(self, f"{split}_text")]

    def rows(self, split: str) -> Iterator[LineImage | BadRow]:
        faces = self.faces(split)
        lacks = cache(lambda face, character: faces[face].lacks(character, self.sizes[0]))
        noise = 0.0 if split == "train" else self.noise
        for text in self.lines_of(self._root / self.texts(split)[-1]):
            random = np.random.default_rng(key(text))
            chosen, size = int(random.integers(len(faces))), self.sizes[random.integers(len(self.sizes))]
            face = faces[chosen]
            name = f"{face.name} {text}"
            reasons = ((character, lacks(chosen, character)) for character in text)
            lacking = next((f"{character}: {reason}" for character, reason in reasons if reason), "")
            if lacking:
                yield BadRow(name, lacking)
                continue
            margins = random.integers(0, self.margin + 1, (2, 2))
            ink = np.pad(face.ink(text, size), margins)
            image = as_image(with_noise(ink, noise, random) if noise else ink)
            yield LineImage(name, name, text, image, group=face.name)

    def lines_of(self, path: Path) -> Iterator[str]:
        """The different lines of a text, in its order."""
        classes = "".join(map(re.escape, self.alphabet()))
        pattern, seen = re.compile(f"[{classes}]{{{self.least},}}"), set()
        for _, line in filled_lines(path):
            for run in pattern.findall(line):
                random, start = np.random.default_rng(key(run)), 0
                while start + self.least <= len(run):
                    part = run[start : start + int(random.integers(self.least, self.most + 1))]
                    start += len(part)
                    if key(part) not in seen:
                        seen.add(key(part))
                        yield part
