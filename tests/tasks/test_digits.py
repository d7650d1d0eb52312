"""The task digits from end to end: train, evaluate pairs, predict files, probe; wrong input; exact resume."""

from __future__ import annotations

import gzip
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nlpx.config.load import load_experiment
from nlpx.errors import ConfigError
from nlpx.tasks.digits.sample.digits import draw
from tests.resume.runs import same
from tests.tasks.conftest import Command, nlpx
from tests.trained import TrainOnce

__all__ = ["nlpx"]

TINY = """\
task: digits
data: {limit: 300}
model: {image_size: 14, network: {type: capsule_conv, filters: [[8], [16]], size: 8}}
loss: {type: capsule_margin, others: 0.25}
optimizer: {type: adam, learning_rate: 1e-2}
tricks: [{type: ema, momentum: 0.9}]
train: {epochs: 12, batch_size: 20, evaluate_every: 90, evaluation_batch_size: 32}
checkpoint: {every: 60}
"""
DENSE = """\
task: digits
data: {root: ROOT, source: {type: idx, train: [images.gz, labels], test: [images.gz, labels], holdout: 20}}
model: {image_size: 14, network: {type: dense, units: [16], dropout: 0.2}}
loss: cross_entropy
train:
  stages: [{epochs: 1}, {epochs: 1, trainable_from: last}]
  batch_size: 1
  accumulation: 20
metrics: [class_accuracy, confusion]
"""


@pytest.fixture(scope="module")
def trained(trained_once: TrainOnce) -> Path:
    """A finished run."""
    return trained_once(TINY).path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """IDX files, one of them compressed, images of one and of two digits, and one that is damaged."""
    place = tmp_path_factory.mktemp("idx")
    digits = [(digit, draw(str(digit), f"train {n}")[::2, ::2]) for n in range(10) for digit in range(10)]
    images, labels = (
        np.stack([image for _, image in digits]),
        np.array([digit for digit, _ in digits], np.uint8),
    )
    (place / "images.gz").write_bytes(gzip.compress(idx(images)))
    (place / "labels").write_bytes(idx(labels))
    three, seven = draw("3", "test 1"), draw("7", "test 1")
    Image.fromarray(three).save(place / "3.png")
    Image.fromarray(np.concatenate([three, seven])).save(place / "37.png")
    (place / "bad.png").write_text("😀\r\n", encoding="utf-8-sig")
    return place


def idx(array: np.ndarray) -> bytes:
    header = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


def test_both_digits_of_an_image_are_found_after_training_on_one(trained: Path) -> None:
    metrics = json.loads((trained / "eval" / "test.json").read_text(encoding="utf-8"))["metrics"]
    assert metrics["accuracy"] > 0.7
    assert metrics["pair_accuracy"] > 0.1  # 1 / 45 by chance
    assert metrics["sure_pair_accuracy"] <= metrics["pair_accuracy"]
    lines = (trained / "eval" / "test.predictions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = list(map(json.loads, lines))
    assert len(rows) == 300
    assert all(row["reference"] in row["pair_classes"] and len({*row["pair_classes"]}) == 2 for row in rows)
    assert sum(row["pair_classes"][0] == row["reference"] for row in rows) in range(120, 180)


def test_eval_repeats_the_numbers_and_measures_the_reference(nlpx: Command, trained: Path) -> None:
    before = json.loads((trained / "eval" / "test.json").read_text(encoding="utf-8"))["metrics"]
    after = json.loads(nlpx("eval", trained, "--reference", "--json").out)
    assert after["metrics"] == pytest.approx(before)
    nearest = after["references"]["nearest images"]
    assert nearest["accuracy"] > 0.85
    # It is told where both digits are.
    assert nearest["pair_accuracy"] > before["pair_accuracy"]
    assert after["signatures"]["nearest images"].startswith("3 neighbours by cosine among 300")


def test_predict_files_of_any_height(nlpx: Command, trained: Path, folder: Path) -> None:
    files = [folder / "3.png", folder / "37.png", folder / "bad.png"]
    alone = [nlpx("predict", trained, "--text", file, "--format", "jsonl").out for file in files[:2]]
    classes = [json.loads(line)["classes"] for line in alone]
    assert [len(found) for found in classes] == [10, 10]
    assert all(found == sorted(found, key=lambda entry: -entry["score"]) for found in classes)
    assert sum(entry["score"] for entry in classes[1]) > sum(entry["score"] for entry in classes[0])
    (folder / "few").mkdir()
    for file in files[:2]:
        (folder / "few" / file.name).write_bytes(file.read_bytes())
    together = nlpx("predict", trained, "--input", folder / "few", "--format", "jsonl")
    for line, expected in zip(together.out.splitlines(), classes, strict=True):
        found = {entry["class"]: entry["score"] for entry in json.loads(line)["classes"]}
        assert found == pytest.approx({entry["class"]: entry["score"] for entry in expected}, rel=1e-4)
    labels = folder / "labels.tsv"
    assert (
        nlpx("data", "label", trained, "--input", folder / "few", "--output", labels, "--least", "0").code
        == 0
    )
    listed = dict(line.split("\t") for line in labels.read_text(encoding="utf-8").splitlines())
    assert listed == {
        f"few/{file.name}": found[0]["class"] for file, found in zip(files, classes, strict=False)
    }
    shown = nlpx("predict", trained, "--text", files[2])
    assert shown.code == 3 and "this is not an image" in shown.text


def test_probe_shows_couplings_of_positions_with_classes(
    nlpx: Command, trained: Path, folder: Path, tmp_path: Path
) -> None:
    for name, positions in (("3.png", 7 * 7), ("37.png", 14 * 7)):
        target = tmp_path / f"{name}.npz"
        shown = nlpx(
            "probe", trained, "--layer", "capsules/couplings", "--text", folder / name, "--output", target
        )
        assert shown.code == 0, shown.err
        with np.load(target) as arrays:
            (couplings,) = (arrays[key] for key in arrays.files)
        assert couplings.shape == (1, positions, 10)
        np.testing.assert_allclose(couplings.sum(-1), 1, rtol=1e-5)
    assert nlpx("probe", trained, "--layer", "capsules", "--text", folder / "bad.png").code == 2


def test_a_dense_network_on_idx_files(nlpx: Command, folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(DENSE.replace("ROOT", str(folder)), encoding="utf-8")
    shown = nlpx("train", config, "--output", tmp_path, "--name", "dense")
    assert shown.code == 0, shown.err
    metrics = json.loads((tmp_path / "digits" / "dense" / "eval" / "test.json").read_text())["metrics"]
    assert "pair_accuracy" not in metrics and 0 <= metrics["accuracy"] <= 1
    # The central square of a high image.
    line = nlpx(
        "predict", tmp_path / "digits" / "dense", "--text", folder / "37.png", "--format", "jsonl"
    ).out
    assert sum(entry["score"] for entry in json.loads(line)["classes"]) == pytest.approx(1)


def test_resume_is_exact(nlpx: Command, trained_once: TrainOnce, tmp_path: Path) -> None:
    short = {
        "epochs: 12": "steps: 12",
        "evaluate_every: 90": "evaluate_every: 6",
        "every: 60": "every: 4",
        "limit: 300": "limit: 60",
    }
    text = TINY
    for old, new in short.items():
        text = text.replace(old, new)
    whole = trained_once(text)
    killed = whole.killed(8, tmp_path)
    assert nlpx("train", "--resume", killed).code == 0
    same(whole.path, killed)


@pytest.mark.parametrize(
    ("lines", "where", "told"),
    [
        (
            "loss: cross_entropy\nmodel: {network: capsule_conv}",
            2,
            "capsule_conv gives lengths of capsules and no logits; use capsule_margin",
        ),
        ("model: {network: dense}", 2, "images of 28 pixels only, and not images of two objects"),
        ("model:\n  network: transposed_conv", 3, "produce images, not points"),
        (
            "model: {image_size: 8, network: {type: pooled_conv, filters: [[2], [2], [2], [2], [2]]}}",
            2,
            "at least 16",
        ),
        ("model: {network: {type: pooled_conv, filters: [[]]}}", 2, "at least 1"),
        ("metrics: [class_accuracy, nll]", 2, "needs `characters` and `nll`"),
    ],
)
def test_configs_that_do_not_fit(tmp_path: Path, lines: str, where: int, told: str) -> None:
    (tmp_path / "c.yaml").write_text(f"task: digits\n{lines}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_experiment(tmp_path / "c.yaml")
    assert f"c.yaml:{where}:" in str(error.value) and told in str(error.value)


@pytest.mark.parametrize(
    ("images", "labels", "told"),
    [
        (b"", b"", "something else"),
        ("😀 春风\r\n".encode("utf-8-sig"), b"", "something else"),
        (idx(np.zeros((3, 9, 9), np.uint8))[:-5], idx(np.zeros(3, np.uint8)), "incomplete"),
        (idx(np.zeros((3, 9, 9), np.uint8)), idx(np.zeros(4, np.uint8)), "4 labels"),
        (idx(np.zeros((3, 9, 9), np.uint8)), idx(np.zeros(3, np.uint8)), "one class"),
    ],
)
def test_wrong_files(nlpx: Command, tmp_path: Path, images: bytes, labels: bytes, told: str) -> None:
    (tmp_path / "images").write_bytes(images)
    (tmp_path / "labels").write_bytes(labels)
    (tmp_path / "c.yaml").write_text(
        "task: digits\ndata: {source: {type: idx, train: [images, labels], valid: [images, labels]}}\n",
        encoding="utf-8",
    )
    shown = nlpx("train", tmp_path / "c.yaml", "--output", tmp_path)
    assert (shown.code, told in shown.text) == (3, True), shown.err
