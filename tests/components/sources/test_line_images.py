"""Lists of images of lines: paths, texts, wrong lines, files that are no images."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from nlpx.cli.main import run
from nlpx.components.sources.line_images import LineImage, LineImages
from nlpx.data.png import png
from nlpx.data.records import BadRow
from nlpx.errors import DataError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "scans").mkdir()
    for number in range(4):
        ink = np.pad(np.full((8, 60 + number, 1), 9, np.uint8), [(2, 2), (2, 2), (0, 0)], constant_values=255)
        (tmp_path / "scans" / f"{number}.png").write_bytes(png(ink))
    return tmp_path


def source(root: Path, text: str, **options: object) -> LineImages:
    (root / "scans" / "lines.tsv").write_text(text, encoding="utf-8", newline="")
    given = {"type": "line_images", "train": "scans/lines.tsv", **options}
    return LineImages.model_validate(given).open(root)


def test_paths_are_relative_to_the_list(root: Path) -> None:
    text = "\ufeff0.png\t春风 2 级\r\n\r\n1.png\t😀\r\n"
    expected = [
        LineImage(str(root / "scans" / "0.png"), "0.png", "春风 2 级"),
        LineImage(str(root / "scans" / "1.png"), "1.png", "😀"),
    ]
    assert list(source(root, text).rows("train")) == expected
    assert list(source(root, text, train="scans").rows("train")) == expected
    (root / "scans" / "a.tsv.gz").write_bytes(gzip.compress(text.encode()))
    assert list(source(root, text, train="scans/a.tsv.gz").rows("train")) == expected


def test_wrong_lines(root: Path) -> None:
    rows = list(source(root, "0.png\t甲\n1.png 乙\n2.png\t丙\t丁\n3.png\t \n").rows("train"))
    assert [row.reason for row in rows if isinstance(row, BadRow)] == [
        "0 tabs; expected one, between path and text",
        "2 tabs; expected one, between path and text",
        "the text is empty",
    ]
    assert [row.where.rpartition(":")[2] for row in rows if isinstance(row, BadRow)] == ["2", "3", "4"]
    with pytest.raises(DataError, match=r"lines\.tsv: the file is empty"):
        list(source(root, "").rows("train"))


def test_the_fingerprint_follows_lists_and_images(root: Path) -> None:
    text = "0.png\t甲\nnone.png\t乙\n"
    before = source(root, text).fingerprint("train")
    assert source(root, text).fingerprint("train") == before
    assert source(root, text.replace("甲", "丙")).fingerprint("train") != before
    (root / "scans" / "0.png").write_bytes((root / "scans" / "1.png").read_bytes())
    assert source(root, text).fingerprint("train") != before


def test_bad_images_are_listed_with_their_place(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "scans" / "blank.png").write_bytes(png(np.full((9, 9, 1), 200, np.uint8)))
    (root / "scans" / "text.png").write_text("不是图片", encoding="utf-8")
    source(
        root, "0.png\t甲\nblank.png\t乙\ntext.png\t丙\nnone.png\t丁\n1.png\t" + "长" * 61 + "\n2.png\t戊\n"
    )
    (root / "c.yaml").write_text(
        "task: ocr_lines\ndata: {source: {type: line_images, train: scans, holdout: 1}}\n", encoding="utf-8"
    )
    assert run(["data", "check", str(root / "c.yaml")]) == 3
    told = capsys.readouterr().out
    for part in (
        "blank.png: there is no ink in it; expected a line of text",
        "text.png: this is not an image",
        "none.png: cannot be read: No such file",
        "1.png: its text has 61 characters, but the image is only",
    ):
        assert part in told, told
