"""The task gan on images: convolutional networks, and features of a classifier that evaluations train."""

from __future__ import annotations

import json
import shutil
import struct
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nlpx.cli.main import run
from nlpx.components.sources.folders import Folders
from nlpx.data.records import LabelledImage
from nlpx.tasks.gan.codec import SampleCodec
from nlpx.tasks.gan.drawing import SIZE, scatter, tiles
from nlpx.tasks.gan.features import ImageFeatures
from tests.tasks.conftest import Command, nlpx

__all__ = ["nlpx"]

CONFIG = """\
task: gan
data:
  root: ROOT
  source: {type: idx, train: [images, labels], test: [images, labels], holdout: 60}
model:
  latent: 3
  generator: {type: transposed_conv, filters: [6, 4], kernel_size: 3}
  discriminator: {type: conv, filters: [4], kernel_size: 3, spectral_norm: true}
  image_size: 8
train: {update: joint, steps: 4, batch_size: 16, evaluate_every: 2}
metrics: [frechet_distance]
checkpoint: {monitor: valid/frechet_distance}
"""


def shapes(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Bright left or right halves with noise, (N, 8, 8) uint8, and which."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, count).astype(np.uint8)
    images = rng.integers(0, 60, (count, 8, 8), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[:, 4 * label : 4 * label + 4] += 150
    return images, labels


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run."""
    folder = tmp_path_factory.mktemp("images")
    for name, array in zip(("images", "labels"), shapes(300), strict=True):
        header = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
        (folder / name).write_bytes(header + array.tobytes())
    (folder / "c.yaml").write_text(CONFIG.replace("ROOT", str(folder)), encoding="utf-8")
    assert run(["train", str(folder / "c.yaml"), "--output", str(folder), "--name", "run"]) == 0
    return folder / "gan" / "run"


def test_a_run_keeps_images_and_the_classifier(trained: Path) -> None:
    assert [path.name for path in sorted((trained / "samples").iterdir())] == [
        "step-00000002-samples.png",
        "step-00000004-samples.png",
    ]
    with Image.open(trained / "samples" / "step-00000004-samples.png") as image:
        assert (image.size, image.mode) == ((64, 64), "L")
    assert (trained / "index" / "classifier.npz").is_file()
    line = (trained / "eval" / "test.predictions.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert set(json.loads(line)) == {"place", "mode", "discriminator", "group"}


def test_eval_repeats_the_numbers_with_and_without_the_classifier(
    nlpx: Command, trained: Path, tmp_path: Path
) -> None:
    before = json.loads((trained / "eval" / "test.json").read_text(encoding="utf-8"))["metrics"]
    copy = Path(shutil.copytree(trained, tmp_path / "run"))
    first = json.loads(nlpx("eval", copy, "--reference", "--json").out)
    assert first["metrics"] == pytest.approx(before, rel=1e-5)
    assert first["references"]["resampled"]["frechet_distance"] < before["frechet_distance"]
    (copy / "index" / "classifier.npz").write_bytes(b"damaged")
    assert json.loads(nlpx("eval", copy, "--json").out)["metrics"] == pytest.approx(before, rel=1e-5)
    assert (copy / "index" / "classifier.npz").read_bytes() != b"damaged"


def test_generated_images(nlpx: Command, trained: Path, tmp_path: Path) -> None:
    for name in ("a.npz", "a.png"):
        assert nlpx("predict", trained, "--count", "5", "--output", tmp_path / name).code == 0
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        samples = file["samples"]
    assert (samples.shape, samples.dtype) == ((5, 8, 8, 1), np.uint8)
    with Image.open(tmp_path / "a.png") as image:
        np.testing.assert_array_equal(np.asarray(image), tiles(samples)[..., 0])
    line = json.loads(nlpx("predict", trained, "--count", "1", "--format", "jsonl").out)
    np.testing.assert_array_equal(line["pixels"], samples[0])


def test_features_tell_classes_and_are_the_same_every_time() -> None:
    images, labels = shapes(400)

    rows = [
        LabelledImage(f"{i}", f"{i}", str(label), image[..., None])
        for i, (image, label) in enumerate(zip(images, labels, strict=True))
    ]

    def pixels(row: LabelledImage) -> np.ndarray:
        assert row.pixels is not None
        return row.pixels

    made = []
    for _ in range(2):
        features = ImageFeatures(pixels)
        features.prepare(lambda split: rows[:300], None, print)
        made.append(features(images[300:, ..., None]))
    np.testing.assert_array_equal(made[0], made[1])
    centres = np.stack([made[0][labels[300:] == label].mean(0) for label in (0, 1)])
    nearest = np.linalg.norm(made[0][:, None] - centres, axis=-1).argmin(1)
    assert (nearest == labels[300:]).mean() > 0.98


@pytest.mark.parametrize("channels", [1, 3])
def test_a_folder_of_images_of_any_size(tmp_path: Path, channels: int) -> None:
    """One subfolder is enough; each image is the resized central square, in grey or in colour."""
    (tmp_path / "faces" / "all").mkdir(parents=True)
    for i, (mode, size) in enumerate((("RGB", (40, 30)), ("L", (9, 100)), ("RGBA", (8, 8)), ("P", (300, 5)))):
        Image.new(mode, size, 0).save(tmp_path / "faces" / "all" / f"{i}.png")
    rows = list(Folders(train="faces", holdout_share=0.3).open(tmp_path).rows("train"))
    codec = SampleCodec((8, 8, channels))
    assert len(rows) == 3
    for row in rows:
        assert isinstance(row, LabelledImage)
        assert codec.check(row) is None
        assert codec.array(row).shape == (8, 8, channels)


def test_tiles_are_filled_by_lines() -> None:
    images = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 3, 1), np.uint8)
    grid = tiles(images)
    assert grid.shape == (4, 9, 1)
    assert grid[::2, ::3, 0].tolist() == [[0, 1, 2], [3, 4, 0]]


def test_a_scatter_plot_shows_every_point() -> None:
    real = np.array([[0, 0], [1, 0], [0, 1]], np.float32)
    plot = scatter(np.array([[1, 1], [99, 0]], np.float32), real)
    grey, red = (np.argwhere((plot == colour).all(-1)) for colour in ((185,) * 3, (200, 40, 40)))
    assert (len(grey), len(red)) == (27, 9)
    corner = SIZE * 0.15 / 1.3
    np.testing.assert_allclose(red.mean(0), [corner, SIZE - corner], atol=1.5)
    assert grey.min() == pytest.approx(corner, abs=2.5)
    with BytesIO() as file:
        Image.fromarray(scatter(real)).save(file, "PNG")
