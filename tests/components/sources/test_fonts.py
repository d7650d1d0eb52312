"""Characters rendered from fonts: which, in which order, what a font lacks; wrong files."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from pydantic import ValidationError

from nlpx.components.sources.fonts import Fonts
from nlpx.data.glyphs import trimmed
from nlpx.data.records import BadRow, LabelledImage
from nlpx.data.typefaces import Typeface, font_files, split_face
from nlpx.errors import DataError
from tests.data.typeface_files import write_font

CJK = [
    Path("/usr/share/fonts") / name
    for name in ("truetype/wqy/wqy-zenhei.ttc", "opentype/noto/NotoSansCJK-Regular.ttc")
]
TEXT = "hello world\n\nlow 中中中中\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for number, name in enumerate(("a.ttf", "b.ttf", "more/c.otf", "more/deep/d.TTC")):
        write_font(tmp_path / name, number)
    (tmp_path / "text.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


def source(root: Path, **options: object) -> Fonts:
    given = {"train": ["a.ttf"], "valid": ["b.ttf"], "characters": "text.txt", **options}
    return Fonts.model_validate({"type": "fonts", **given}).open(root)


def images(rows: object) -> list[LabelledImage]:
    return [row for row in rows if isinstance(row, LabelledImage)]  # type: ignore[attr-defined]


def test_the_most_frequent_characters_come_first(root: Path) -> None:
    assert source(root).alphabet() == [*"l中owherd"]
    assert source(root, classes=3).alphabet() == [*"l中o"]
    with gzip.open(root / "list.gz", "wb") as file:
        file.write(b"\xef\xbb\xbf" + "龙\r\n王 a\u0301\u200b\r\n".encode())
    assert source(root, characters="list.gz").alphabet() == [*"龙王a"]


def test_what_a_font_lacks_is_a_bad_row_once(root: Path) -> None:
    rows = list(source(root, sizes=[40, 48], copies=3).rows("train"))
    bad = [row for row in rows if isinstance(row, BadRow)]
    assert bad == [BadRow("a.ttf 中", "the font has no glyph for it, and would show .notdef")]
    assert len(images(rows)) == 7 * 2 * 3
    assert len({row.name for row in images(rows)}) == 7 * 2 * 3
    assert [row.label for row in images(rows)[::6]] == [*"lowherd"]
    assert {row.group for row in images(rows)} == {"a.ttf"}


def test_an_empty_glyph_is_refused(root: Path) -> None:
    assert Typeface(root / "a.ttf").lacks("\u3000", 48) != ""
    assert Typeface(root / "a.ttf").lacks(" ", 48) == "the glyph is empty"
    assert Typeface(root / "a.ttf").lacks("x", 48) == ""


def test_glyphs_are_those_of_pillow_in_the_middle(root: Path) -> None:
    (row,) = images(source(root, characters="text.txt", classes=1, sizes=[44]).rows("train"))
    assert row.pixels is not None and row.pixels.shape == (48, 48, 3)
    canvas = Image.new("L", (90, 90))
    font = ImageFont.truetype(root / "a.ttf", 44, layout_engine=ImageFont.Layout.BASIC)
    ImageDraw.Draw(canvas).text((20, 10), "l", fill=255, font=font)
    expected = trimmed(np.asarray(canvas) >= 128)
    ink = row.pixels[..., 0] == 0
    np.testing.assert_array_equal(trimmed(ink), expected)
    assert (48 - expected.shape[0]) // 2 == np.flatnonzero(ink.any(1))[0]
    assert set(np.unique(row.pixels)) == {0, 255}


def test_copies_are_moved_by_at_most_the_offset(root: Path) -> None:
    rows = images(source(root, classes=1, copies=40, offset=3).rows("train"))
    places = {
        tuple(int(np.flatnonzero((row.pixels[..., 0] == 0).any(axis))[0]) for axis in (1, 0))
        for row in rows
        if row.pixels is not None
    }
    for axis in (0, 1):
        found = {place[axis] for place in places}
        assert found == set(range(min(found), min(found) + 7))


def test_noise_is_in_valid_and_test_and_depends_on_the_row_alone(root: Path) -> None:
    plain, noisy = (source(root, test=["more/c.otf"], noise=share) for share in (0.0, 0.1))
    for split, expected in (("train", 0.0), ("valid", 0.1), ("test", 0.1)):
        pairs = list(zip(images(plain.rows(split)), images(noisy.rows(split)), strict=True))
        changed = [np.mean(one.pixels != other.pixels) for one, other in pairs]
        assert np.mean(changed) == pytest.approx(expected, abs=0.02)
        again = images(noisy.rows(split))
        assert all(np.all(a.pixels == b.pixels) for (_, a), b in zip(pairs, again, strict=True))


def test_folders_and_faces(root: Path) -> None:
    assert [path.name for path in font_files(root / "more")] == ["c.otf", "d.TTC"]
    assert len({row.group for row in images(source(root, valid=["more"]).rows("valid"))}) == 2
    assert split_face("a.ttc#12") == ("a.ttc", 12)
    assert split_face("a#b.ttf") == ("a#b.ttf", 0)
    assert source(root, train=["a.ttf#0"]).files()["train"] == ["a.ttf"]
    one, other = source(root), source(root, train=["a.ttf#1"])
    assert one.cache_key() != other.cache_key()
    with pytest.raises(DataError, match=r"a\.ttf: this is no font with a face 1: "):
        list(other.rows("train"))


def test_fingerprints(root: Path) -> None:
    before = source(root).fingerprint("train")
    assert before != source(root).fingerprint("valid")
    (root / "text.txt").write_text(TEXT + "x", encoding="utf-8")
    assert before != source(root).fingerprint("train")


def test_no_font_is_in_two_splits(root: Path) -> None:
    write_font(root / "copy.ttf")
    for fonts in (["a.ttf"], ["copy.ttf"], ["b.ttf", "."]):
        with pytest.raises(
            DataError, match=r"this font is in data\.source\.train and in data\.source\.valid"
        ):
            list(source(root, valid=fonts).rows("valid"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.ttf", b"", r"a\.ttf: this is no font"),
        ("a.ttf", "不是字体".encode(), r"a\.ttf: this is no font"),
        ("text.txt", b"", r"text\.txt: the file is empty"),
        ("text.txt", b" \n\t\n", r"text\.txt: there is no character to show in it"),
        ("text.txt", "中\n汉".encode("gb18030"), r"text\.txt:1: "),
    ],
)
def test_wrong_files(root: Path, name: str, content: bytes, message: str) -> None:
    (root / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        list(source(root).rows("train"))


def test_missing_files(root: Path) -> None:
    with pytest.raises(DataError, match=r"there is no font in this folder"):
        (root / "none").mkdir()
        list(source(root, train=["none"]).rows("train"))
    with pytest.raises(DataError, match=r"there is no such file"):
        list(source(root, characters="nowhere.txt").rows("train"))


@pytest.mark.parametrize("options", [{"train": []}, {"sizes": []}, {"sizes": [200]}, {"holdout": 3}])
def test_wrong_options(root: Path, options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        source(root, **options)


@pytest.mark.skipif(not all(path.is_file() for path in CJK), reason="these fonts are not installed")
def test_chinese_fonts(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("永字八法😀", encoding="utf-8")
    made = source(tmp_path, train=[str(CJK[0])], valid=[f"{CJK[1]}#2"])
    for split in ("train", "valid"):
        rows = list(made.rows(split))
        assert [row.label for row in images(rows)] == [*"永字八法"]
        assert [row.where[-1] for row in rows if isinstance(row, BadRow)] == ["😀"]
