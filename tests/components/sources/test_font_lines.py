"""Lines rendered from fonts: which parts of a text, in which font, what a font lacks; wrong files."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from nlpx.components.sources.font_lines import FontLines
from nlpx.components.sources.line_images import LineImage
from nlpx.data.glyphs import trimmed
from nlpx.data.records import BadRow
from nlpx.data.typefaces import Typeface
from nlpx.errors import DataError
from tests.data.typeface_files import write_font

TEXT = "the quick brown fox, jumps over the lazy dog;\n\nthe quick 中 brown fox\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for number, name in enumerate(("a.ttf", "b.ttf", "c.ttf")):
        write_font(tmp_path / name, number)
    (tmp_path / "text.txt").write_text(TEXT, encoding="utf-8")
    with gzip.open(tmp_path / "valid.gz", "wb") as file:
        file.write(b"\xef\xbb\xbf" + b"brown dogs\r\n")
    return tmp_path


def source(root: Path, **options: object) -> FontLines:
    given = {"train": ["a.ttf", "b.ttf"], "text": "text.txt", "least": 3, "most": 4, **options}
    return FontLines.model_validate({"type": "font_lines", **given}).open(root)


def lines(rows: object) -> list[LineImage]:
    return [row for row in rows if isinstance(row, LineImage)]  # type: ignore[attr-defined]


def test_lines_are_parts_of_the_text_of_known_characters(root: Path) -> None:
    reader = source(root)
    found = list(reader.lines_of(root / "text.txt"))
    assert len(found) == len(set(found)) > 6
    known = set(reader.alphabet())
    for part in found:
        assert 3 <= len(part) <= 4 and part in TEXT and set(part) <= known
    few = source(root, classes=9)
    frequent = few.alphabet()
    assert all(set(part) <= set(frequent) for part in few.lines_of(root / "text.txt"))
    assert list(source(root, least=9, most=9).lines_of(root / "text.txt")) == []


def test_a_line_is_rendered_in_one_font_with_margins(root: Path) -> None:
    rows = lines(source(root, sizes=[20], margin=3).rows("train"))
    assert {row.group for row in rows} == {"a.ttf", "b.ttf"}
    face, margins = Typeface(root / "a.ttf"), set()
    for row in rows:
        assert row.pixels is not None and set(np.unique(row.pixels)) == {0, 255}
        ink = row.pixels[..., 0] == 0
        np.testing.assert_array_equal(trimmed(ink), face.ink(row.text, 20))
        margins.add(int(np.flatnonzero(ink.any(1))[0]))
        assert ink.shape[0] <= face.ink(row.text, 20).shape[0] + 6
    assert margins <= {0, 1, 2, 3} and len(margins) > 2
    again = lines(source(root, sizes=[20], margin=3).rows("train"))
    assert all(np.all(a.pixels == b.pixels) for a, b in zip(rows, again, strict=True))


def test_noise_is_in_valid_and_test_alone(root: Path) -> None:
    valid = {"valid": ["c.ttf"], "valid_text": "valid.gz"}
    plain, noisy = source(root, **valid), source(root, noise=0.1, **valid)
    for split, expected in (("train", 0.0), ("valid", 0.1)):
        pairs = list(zip(lines(plain.rows(split)), lines(noisy.rows(split)), strict=True))
        changed = np.mean([np.mean(one.pixels != other.pixels) for one, other in pairs])
        assert changed == pytest.approx(expected, abs=0.03)
    assert "".join(row.text for row in lines(plain.rows("valid"))).startswith("bro")


def test_what_a_font_lacks_is_a_bad_row(root: Path) -> None:
    (root / "text.txt").write_text("中ab\r\nabc\r\n", encoding="utf-8")
    rows = list(source(root).rows("train"))
    assert isinstance(rows[0], BadRow) and rows[0].where.endswith(".ttf 中ab")
    assert rows[0].reason == "中: the font has no glyph for it, and would show .notdef"
    assert [row.text for row in lines(rows)] == ["abc"]


def test_fingerprints_follow_fonts_and_texts(root: Path) -> None:
    options = {"valid": ["c.ttf"], "valid_text": "valid.gz"}
    train, valid = (source(root, **options).fingerprint(split) for split in ("train", "valid"))
    (root / "valid.gz").write_bytes(gzip.compress(b"brown cats\n"))
    assert source(root, **options).fingerprint("train") == train
    assert source(root, **options).fingerprint("valid") != valid != train


def test_no_font_is_in_two_splits(root: Path) -> None:
    with pytest.raises(DataError, match=r"this font is in data\.source\.train and in data\.source\.valid"):
        list(source(root, valid=["b.ttf"], valid_text="valid.gz").rows("valid"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"least": 5, "most": 4}, "least is 5, which is more than most, 4"),
        ({"valid": ["c.ttf"]}, "set both valid and valid_text, or neither"),
        ({"test_text": "valid.gz"}, "set both test and test_text, or neither"),
    ],
)
def test_options_that_do_not_fit(root: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        source(root, **options)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.ttf", b"", r"a\.ttf: this is no font"),
        ("text.txt", b"", r"text\.txt: the file is empty"),
        ("text.txt", b" \n\t\n", r"text\.txt: there is no character to show in it"),
        ("text.txt", "中\n汉".encode("gb18030"), r"text\.txt:1: "),
    ],
)
def test_wrong_files(root: Path, name: str, content: bytes, message: str) -> None:
    (root / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        list(source(root).rows("train"))
