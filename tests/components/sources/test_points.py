"""Sources of points and of IDX images."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from nlpx.components.sources.idx import Idx
from nlpx.components.sources.point_cloud import PointCloud
from nlpx.components.sources.points import PointFile
from nlpx.data.points import Cloud, Point
from nlpx.data.records import BadRow, LabelledImage
from nlpx.errors import DataError


@pytest.mark.parametrize("cloud", ["ring", "grid", "moons"])
def test_clouds(cloud: Cloud) -> None:
    source = PointCloud(cloud=cloud, train=3000, valid=500).open(Path())
    assert source.splits() == ("train", "valid", "test")
    rows = list(source.rows("train"))
    assert rows == list(source.rows("train"))
    assert len(rows) == 3000 and len(list(source.rows("valid"))) == 500
    assert rows[:500] != list(source.rows("valid"))
    points = np.array([(row.x, row.y) for row in rows])
    assert np.abs(points).max() < 1.4 and np.abs(points.mean(0)).max() < 0.1
    if cloud == "moons":
        assert {row.mode for row in rows} == {""}
        return
    centres = {
        mode: np.mean([(row.x, row.y) for row in rows if row.mode == mode], 0)
        for mode in {row.mode for row in rows}
    }
    expected = (
        [(np.cos(a), np.sin(a)) for a in np.arange(8) * np.pi / 4]
        if cloud == "ring"
        else [(x, y) for x in np.arange(-1, 1.5, 0.5) for y in np.arange(-1, 1.5, 0.5)]
    )
    for number, centre in enumerate(expected, start=1):
        np.testing.assert_allclose(centres[str(number)], centre, atol=0.02)
    off = points - np.array([centres[row.mode] for row in rows])
    assert off.std() == pytest.approx({"ring": 0.05, "grid": 0.025}[cloud], rel=0.05)


def test_what_changes_the_points_changes_the_fingerprint() -> None:
    made = [PointCloud(), PointCloud(cloud="grid"), PointCloud(sampling_seed=1), PointCloud(noise=0.1)]
    assert len({source.fingerprint("train") for source in made}) == 4
    assert PointCloud().fingerprint("train") != PointCloud().fingerprint("valid")


def test_points_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("0.5\t-1e-3\n\n1\t2\tleft\n", encoding="utf-8")
    where = tmp_path / "a.tsv"
    assert list(PointFile(train="a.tsv").open(tmp_path).rows("train")) == [
        Point(f"{where}:1", 0.5, -0.001),
        Point(f"{where}:3", 1.0, 2.0, "left"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1", "0 tabs; expected"),
        ("a\t2", "'a' and '2' are not two numbers"),
        ("1_0\t2", "'1_0' and '2' are not two numbers"),
        ("1\tnan", "are too large, or not finite"),
        ("inf\t1", "are too large, or not finite"),
        ("1e30\t1", "are too large, or not finite"),
    ],
)
def test_bad_points(tmp_path: Path, line: str, reason: str) -> None:
    (tmp_path / "a.tsv").write_text(line + "\n", encoding="utf-8")
    (row,) = PointFile(train="a.tsv").open(tmp_path).rows("train")
    assert isinstance(row, BadRow) and reason in row.reason


IMAGES = np.random.default_rng(0).integers(0, 256, (5, 4, 3), np.uint8)
LABELS = np.array([3, 1, 4, 1, 5], np.uint8)


def idx(array: np.ndarray) -> bytes:
    header = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_idx_files(tmp_path: Path, pack: type[bytes]) -> None:
    (tmp_path / "images").write_bytes(pack(idx(IMAGES)))
    (tmp_path / "labels").write_bytes(pack(idx(LABELS)))
    source = Idx(train=["images", "labels"], holdout=2).open(tmp_path)
    rows = [row for split in ("train", "valid") for row in source.rows(split)]
    assert len(rows) == 5
    for row in rows:
        assert isinstance(row, LabelledImage) and row.pixels is not None
        number = int(row.where.rpartition(":")[2]) - 1
        assert row.label == str(LABELS[number])
        np.testing.assert_array_equal(row.pixels, IMAGES[number][..., None].repeat(3, -1))


@pytest.mark.parametrize(
    ("images", "labels", "told"),
    [
        (idx(LABELS), idx(IMAGES), "images: this file contains labels"),
        (idx(IMAGES), idx(LABELS[:4]), "labels: 4 labels, but .*images has 5 images"),
        (idx(IMAGES)[:-1], idx(LABELS), r"the shape \[5, 4, 3\] needs 60 bytes, the file has 59, so"),
        (b"\x1f\x8bxx", idx(LABELS), "images: cannot be read"),
        (gzip.compress(idx(IMAGES), mtime=0)[:-9], idx(LABELS), "images: cannot be read"),
        (gzip.compress(idx(IMAGES), mtime=0)[:10] + b"\x07" * 30, idx(LABELS), "images: cannot be read"),
        (idx(np.zeros((5, 0, 3), np.uint8)), idx(LABELS), r"the shape \[5, 0, 3\] has no elements"),
        (idx(IMAGES) + b"\0", idx(LABELS), "the file has more than that"),
        (
            b"\0\0\x08\x03" + struct.pack(">3I", 2000, 1000, 1000),
            idx(LABELS),
            "2,000,000,000 bytes for the shape .*; at most",
        ),
        (b"", idx(LABELS), "images: this file contains something else"),
        (idx(IMAGES)[:9], idx(LABELS), "images: this file contains images; expected"),
        (None, idx(LABELS), "images: there is no such file"),
    ],
)
def test_damaged_idx_files(tmp_path: Path, images: bytes | None, labels: bytes, told: str) -> None:
    for name, content in (("images", images), ("labels", labels)):
        if content is not None:
            (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=told):
        list(Idx(train=["images", "labels"]).open(tmp_path).rows("train"))
