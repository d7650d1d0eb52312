"""What goes wrong with images: each message says where and what, and the exit code fits."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError

import h5py
import numpy as np
import pytest
from PIL import Image

from nlpx.cli.main import run as cli
from nlpx.tasks.image_classification.sample.dogs import BREEDS, draw
from tests.tasks.conftest import Command

LABELS = list(BREEDS)[:2]
MODEL = "{image_size: 16, backbone: {type: small_conv, filters: [4]}}"


def config(root: Path, source: str, *, data: str = "", model: str = MODEL) -> Path:
    path = root / "dogs.yaml"
    path.write_text(
        f"task: dogs\ndata: {{source: {{type: folders, {source}}}{data}}}\nmodel: {model}\n"
        "train: {epochs: 1, batch_size: 4, augment: none}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with four images of each of two breeds."""
    for label in LABELS:
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(4):
            Image.fromarray(draw(label, f"train {number}")).save(
                tmp_path / "photos" / label / f"{number}.jpg"
            )
    return tmp_path / "photos"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (cut, "cannot be read: Truncated File Read"),
        (lambda path: path.write_text("woof"), "this is not an image; expected a JPEG, a PNG"),
        (lambda path: path.write_bytes(b""), "this is not an image; expected a JPEG, a PNG"),
    ],
)
def test_an_image_that_cannot_be_read(
    nlpx: Command, photos: Path, spoil: Callable[[Path], object], reason: str
) -> None:
    bad = photos / LABELS[0] / "1.jpg"
    spoil(bad)
    shown = nlpx("data", "check", config(photos.parent, "train: photos, holdout_share: 0.25"))
    assert (shown.code, f"{bad}: {reason}" in shown.out) == (3, True), shown.out
    shown = nlpx("train", photos.parent / "dogs.yaml", "--output", photos.parent / "runs")
    assert (shown.code, f"{bad}: {reason}" in shown.text) == (3, True), shown.text
    assert "1 bad row. Fix it, or set data.on_bad_line: skip" in shown.text
    assert not (photos.parent / "runs").exists()


def test_folders_that_are_not_laid_out_by_class(nlpx: Command, photos: Path) -> None:
    path = config(photos.parent, "train: photos, holdout_share: 0.25")
    (photos / "nobody").mkdir()
    shown = nlpx("train", path)
    assert shown.code == 3
    assert f"{photos / 'nobody'}: this folder of a class is empty; expected images" in shown.text
    path = config(photos.parent, f"train: photos/{LABELS[0]}, holdout_share: 0.25")
    shown = nlpx("train", path)
    assert shown.code == 3
    assert f"{photos / LABELS[0] / '0.jpg'}: this file is not in a class folder" in shown.text
    (photos / "none").mkdir()
    shown = nlpx("train", config(photos.parent, "train: photos/none, holdout_share: 0.25"))
    assert (shown.code, "nothing is in it. Expected one folder of images" in shown.text) == (3, True)


def test_a_list_with_a_path_that_is_not_there(nlpx: Command, photos: Path) -> None:
    lines = [f"photos/{label}/{number}.jpg\t{label}" for label in LABELS for number in range(4)]
    (photos.parent / "list.tsv").write_text("\n".join([*lines, f"photos/9.jpg\t{LABELS[0]}"]) + "\n")
    shown = nlpx("train", config(photos.parent, "train: list.tsv, holdout_share: 0.25"))
    assert shown.code == 3
    assert f"{photos / '9.jpg'}: cannot be read: No such file or directory" in shown.text


def test_a_class_that_only_valid_has(nlpx: Command, photos: Path) -> None:
    valid = photos.parent / "valid"
    shutil.copytree(photos / LABELS[0], valid / LABELS[0])
    shutil.copytree(photos / LABELS[0], valid / "cat")
    shown = nlpx("train", config(photos.parent, "train: photos, valid: valid"))
    assert shown.code == 3
    assert f"{valid / 'cat' / '0.jpg'}: train has no image of the class 'cat'" in shown.text


def test_images_of_every_mode_are_trained_on(nlpx: Command, photos: Path) -> None:
    folder = photos / LABELS[0]
    drawn = Image.fromarray(draw(LABELS[0], "train 9"))
    drawn.convert("L").save(folder / "grey.png")
    drawn.convert("CMYK").save(folder / "print.jpg")
    drawn.convert("P").save(folder / "palette.gif")
    Image.fromarray(np.asarray(drawn.convert("L")).astype(np.uint16) * 257).save(folder / "deep.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    drawn.save(folder / "turned.jpg", exif=exif)
    shown = nlpx("data", "check", config(photos.parent, "train: photos, holdout_share: 0.25"))
    assert (shown.code, shown.out.split()[-10:-5]) == (0, ["train", "10", "0", "0", "10"]), shown.out


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dogs")
    (folder / "dogs.yaml").write_text(
        f"task: dogs\ndata: {{limit: 40}}\nmodel: {MODEL}\ntrain: {{epochs: 1, augment: none}}\n"
    )
    assert cli(["train", str(folder / "dogs.yaml"), "--output", str(folder), "--name", "tiny"]) == 0
    return folder / "image_classification" / "tiny"


def test_predict_with_what_is_no_image(nlpx: Command, trained: Path, photos: Path) -> None:
    """A text instead of a path, a list of paths, bytes that are no path."""
    shown = nlpx("predict", trained, "--text", "金毛犬")
    assert (shown.code, "--text '金毛犬' is not an image file, but the run" in shown.text) == (2, True)
    shown = nlpx("predict", trained, "--text", "金毛犬.jpg")
    assert (shown.code, "error: 金毛犬.jpg: cannot be read: No such file" in shown.text) == (3, True)
    assert "no prediction for 1 of the inputs" in shown.text
    paths = f"{photos / LABELS[0] / '0.jpg'}\n\nnowhere.jpg\n"
    shown = nlpx("predict", trained, "--input", "-", "--format", "jsonl", stdin=paths.encode())
    assert (shown.code, len(shown.out.splitlines())) == (3, 3)
    assert "nowhere.jpg: cannot be read" in shown.text
    shown = nlpx("predict", trained)
    assert (shown.code, "--text" in shown.text and "--input" in shown.text) == (2, True)


def other_network(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["block1_conv1/kernel"] = np.zeros((3, 3, 3, 32), np.float32)


@pytest.mark.parametrize(
    ("backbone", "size", "message"),
    [
        ("squeezenet", 32, "these are no weights of squeezenet: there is no layer conv1 in it"),
        (
            "application, name: mobilenet_v3_small",
            32,
            "these are no weights of mobilenet_v3_small: Layer count mismatch",
        ),
    ],
)
def test_weights_of_another_network(
    nlpx: Command, tmp_path: Path, backbone: str, size: int, message: str
) -> None:
    """The run is not begun: nothing is left of it."""
    other_network(tmp_path / "other.h5")
    path = tmp_path / "dogs.yaml"
    path.write_text(
        f"task: dogs\ndata: {{limit: 40}}\n"
        f"model: {{image_size: {size}, backbone: {{type: {backbone}, weights: other.h5}}}}\n"
    )
    shown = nlpx("train", path, "--output", tmp_path / "runs")
    assert (shown.code, f"{tmp_path / 'other.h5'}: {message}" in shown.text) == (3, True), shown.text
    assert "Expected an HDF5 file of Keras, without the classifier" in shown.text
    assert not list((tmp_path / "runs" / "image_classification").iterdir())


def test_weights_that_cannot_be_downloaded(
    nlpx: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*arguments: object, **options: object) -> None:
        raise URLError("Temporary failure in name resolution")

    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", offline)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    path = tmp_path / "dogs.yaml"
    backbone = "{type: application, name: mobilenet_v3_small, weights: imagenet}"
    path.write_text(f"task: dogs\ndata: {{limit: 40}}\nmodel: {{image_size: 32, backbone: {backbone}}}\n")
    shown = nlpx("train", path, "--output", tmp_path / "runs")
    assert shown.code == 4
    assert "model.backbone.weights: the weights of ImageNet cannot be downloaded" in shown.text
    assert "Give the path of a file of weights that was downloaded elsewhere, or none." in shown.text
    assert not list((tmp_path / "runs" / "image_classification").iterdir())
