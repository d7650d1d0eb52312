"""The task dogs: what a user sees, on drawn images and on files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nlpx.data.records import LabelledImage
from nlpx.models.classifier import ClassifierLearner
from nlpx.tasks.image_classification.codec import ImageCodec
from nlpx.tasks.image_classification.sample.dogs import BREEDS, draw
from nlpx.workflow.corpus import open_corpus
from nlpx.workflow.model import open_model
from tests.resume.runs import same
from tests.tasks.conftest import Command
from tests.trained import TrainOnce

TINY = """\
task: dogs
model:
  image_size: 24
  backbone: {type: small_conv, filters: [8, 16], dropout: 0.1}
  dropout: 0.1
loss: {type: centred_cross_entropy, centre: 0.01}
optimizer: {type: adam, learning_rate: 1e-2}
train: {epochs: 3, batch_size: 20, updates_per_epoch: 12, augment: full, log_every: 4}
"""


@pytest.fixture(scope="module")
def trained(trained_once: TrainOnce) -> Path:
    """A run on the sample."""
    return trained_once(TINY).path


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "tiny"))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with 12 images of each of three breeds, as files."""
    for label in list(BREEDS)[:3]:
        folder = tmp_path / "photos" / label
        folder.mkdir(parents=True)
        for number in range(12):
            image = Image.fromarray(draw(label, f"train {number}")).resize((80, 60))
            image.save(folder / (f"{number}.png" if number % 2 else f"{number}.jpg"))
    return tmp_path / "photos"


@pytest.fixture
def config(photos: Path) -> Callable[..., Path]:
    """A config that reads the photos; `more` is laid over its sections."""

    def write(
        source: str = "{type: folders, train: photos, holdout_share: 0.25}", data: str = "", **train: object
    ) -> Path:
        options = {"epochs": 2, "batch_size": 6, "augment": "light", **train}
        section = ", ".join(f"{name}: {value}" for name, value in options.items())
        path = photos.parent / "photos.yaml"
        path.write_text(
            f"task: dogs\ndata: {{source: {source}{data}}}\n"
            f"model: {{image_size: 24, backbone: {{type: small_conv, filters: [4, 8]}}}}\ntrain: {{{section}}}\n",
            encoding="utf-8",
        )
        return path

    return write


def test_it_learns(trained: Path) -> None:
    records = [json.loads(line) for line in (trained / "metrics.jsonl").read_text().splitlines()]
    losses = [record["train/loss"] for record in records if "train/loss" in record]
    assert losses[-1] < 0.8 * losses[0]
    best = max(record.get("valid/main_accuracy", 0) for record in records)
    assert best > 0.18  # of ten breeds; 200 images of chance alone would give .10 +- .02


def test_an_evaluation_writes_numbers_groups_and_the_confusion_matrix(nlpx: Command, run: Path) -> None:
    shown = nlpx("eval", run, "--json")
    assert shown.code == 0
    metrics = json.loads(shown.out)["metrics"]
    assert metrics == pytest.approx(json.loads((run / "eval" / "test.json").read_text())["metrics"])
    assert {"accuracy", "main_accuracy", "aux_accuracy", "top_5_accuracy", "nll", "harder/accuracy"} <= set(
        metrics
    )
    lines = (run / "eval" / "test.confusion.tsv").read_text().splitlines()
    counts = np.array([line.split("\t")[1:-1] for line in lines[1:]], int)
    assert counts.sum() == 300
    assert (counts.sum(axis=1) == 30).all()
    assert np.trace(counts) / 300 == pytest.approx(metrics["accuracy"])
    assert (run / "eval" / "test.confusion.svg").read_text().startswith("<svg")
    predictions = [
        json.loads(line) for line in (run / "eval" / "test.predictions.jsonl").read_text().splitlines()
    ]
    assert len(predictions) == 300
    assert np.mean([p["answer"] == p["reference"] for p in predictions]) == pytest.approx(metrics["accuracy"])


def test_alpha_is_chosen_on_valid_and_kept(nlpx: Command, run: Path) -> None:
    alpha = json.loads((run / "calibration.json").read_text())["alpha"]
    assert 0 <= alpha <= 1
    valid = json.loads(nlpx("eval", run, "--split", "valid", "--json").out)
    assert valid["signatures"]["class_accuracy"] == f"blend with alpha {alpha:.2f}"
    assert valid["metrics"]["accuracy"] >= max(
        valid["metrics"]["main_accuracy"], valid["metrics"]["aux_accuracy"]
    )
    (run / "calibration.json").write_text('{"alpha": 0.0}')
    found = json.loads(nlpx("eval", run, "--json").out)["metrics"]
    assert found["accuracy"] == found["aux_accuracy"]
    (run / "calibration.json").write_text("[]")
    shown = nlpx("eval", run)
    assert (shown.code, "calibration.json: damaged" in shown.text) == (4, True)


def test_alpha_is_what_trying_all_of_them_on_valid_finds(trained: Path) -> None:
    """Valid and nothing else: the images of the config's split, both heads asked one by one."""
    model = open_model(trained.parent, str(trained), "best")
    corpus = open_corpus(model.experiment)
    assert isinstance(corpus.codec, ImageCodec) and isinstance(model.learner, ClassifierLearner)
    rows = [row for row in corpus.rows("valid") if isinstance(row, LabelledImage)]
    pooled = model.learner.pooled(np.stack([corpus.codec.pixels(row) for row in rows]))
    main, aux = (np.exp(log_p.astype(np.float64)) for log_p in model.learner.log_probabilities(pooled))
    labels = model.vocabularies["label"].ids([row.label for row in rows]) - 1
    right = [((a * main + (1 - a) * aux).argmax(axis=1) == labels).sum() for a in np.arange(101) / 100]
    chosen = json.loads((trained / "calibration.json").read_text())["alpha"]
    assert chosen == max(i for i in range(101) if right[i] == max(right)) / 100


def test_predict_names_five_breeds_of_an_image_and_of_a_folder(
    nlpx: Command, run: Path, photos: Path
) -> None:
    whole = nlpx("predict", run, "--input", photos, "--format", "jsonl")
    assert whole.code == 0
    records = [json.loads(line) for line in whole.out.splitlines()]
    assert [record["text"] for record in records] == sorted(str(path) for path in photos.rglob("*.*g"))
    assert all(len(record["classes"]) == 5 for record in records)
    for record in records:
        shares = [entry["probability"] for entry in record["classes"]]
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) <= 1.00001
    alone = nlpx("predict", run, "--input", records[7]["text"], "--format", "jsonl")
    again = json.loads(alone.out)
    assert [entry["class"] for entry in again["classes"]] == [
        entry["class"] for entry in records[7]["classes"]
    ]
    text = nlpx("predict", run, "--text", records[7]["text"])
    assert text.out.startswith(again["classes"][0]["class"])


def test_predict_tells_of_a_corrupt_file_and_answers_the_others(
    nlpx: Command, run: Path, photos: Path
) -> None:
    bad = photos / "dune pricket" / "3.png"
    bad.write_bytes(bad.read_bytes()[:200])
    shown = nlpx("predict", run, "--input", bad.parent)
    assert shown.code == 3
    assert f"error: {bad}: cannot be read" in shown.text
    assert "no prediction for 1 of the inputs" in shown.text
    assert [line == "" for line in shown.out.splitlines()].count(True) == 1
    assert len(shown.out.splitlines()) == 12
    records = [
        json.loads(line)
        for line in nlpx("predict", run, "--input", bad.parent, "--format", "jsonl").out.splitlines()
    ]
    assert [str(bad) in record.get("error", "") for record in records].count(True) == 1
    assert len(records) == 12


def test_predict_with_nothing_to_answer(nlpx: Command, run: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    shown = nlpx("predict", run, "--input", tmp_path / "empty")
    assert (shown.code, "no file is in this folder" in shown.text) == (2, True)
    shown = nlpx("predict", run, "--input", tmp_path / "nowhere.jpg")
    assert (shown.code, "nowhere.jpg: there is no such file" in shown.text) == (2, True)


def test_photographs_are_trained_on_and_looked_at(
    nlpx: Command, config: Callable[..., Path], tmp_path: Path
) -> None:
    path = config(order="shuffled")
    stats = nlpx("data", "stats", path)
    assert stats.code == 0
    assert "training rows by label" in stats.out
    assert "dune masker" in stats.out
    preview = nlpx("data", "preview", path, "--rows", "2")
    assert preview.code == 0
    assert "image: " in preview.out and "(1728 in all)" in preview.out
    shown = nlpx("train", path, "--output", tmp_path / "runs", "--name", "p")
    assert shown.code == 0, shown.err
    assert " images/s " in shown.err
    result = json.loads(
        (tmp_path / "runs" / "image_classification" / "p" / "eval" / "valid.json").read_text()
    )
    assert result["rows"] == 9


def test_bad_images_stop_before_training_and_can_be_skipped(
    nlpx: Command, config: Callable[..., Path], photos: Path, tmp_path: Path
) -> None:
    (photos / "dune masker" / "notes.txt").write_text("no dog")
    (photos / "lonely").mkdir()
    shutil.copy(photos / "dune masker" / "0.jpg", photos / "lonely")
    shown = nlpx("train", config(), "--output", tmp_path / "runs")
    assert shown.code == 3
    assert f"{photos / 'dune masker' / 'notes.txt'}: this is not an image" in shown.text
    assert "the class 'lonely' has no other image" in shown.text
    assert not (tmp_path / "runs").exists()
    skipping = config(data=", on_bad_line: skip", epochs=1)
    shown = nlpx("train", skipping, "--output", tmp_path / "runs", "--name", "s")
    assert shown.code == 0
    assert "2 bad rows are left out" in shown.text
    checked = nlpx("data", "check", skipping)
    assert (checked.code, "notes.txt" in checked.out) == (3, True)


def test_a_class_whose_training_images_are_all_bad_is_never_right(
    nlpx: Command, config: Callable[..., Path], photos: Path, tmp_path: Path
) -> None:
    for number in (0, 1):
        (photos / "ghost").mkdir(exist_ok=True)
        (photos / "ghost" / f"{number}.jpg").write_text("boo")
    valid = tmp_path / "valid" / "ghost"
    valid.mkdir(parents=True)
    shutil.copy(photos / "dune masker" / "0.jpg", valid / "0.jpg")
    shutil.copytree(photos / "dune masker", valid.parent / "dune masker")
    path = config("{type: folders, train: photos, valid: valid}", data=", on_bad_line: skip", epochs=1)
    assert nlpx("train", path, "--output", tmp_path / "runs", "--name", "g").code == 0
    metrics = json.loads(
        (tmp_path / "runs" / "image_classification" / "g" / "eval" / "valid.json").read_text()
    )["metrics"]
    assert metrics["worst_class_accuracy"] == 0
    assert np.isfinite(metrics["nll"])


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (
            "model: {image_size: 24, backbone: squeezenet}",
            "C109",
            "squeezenet needs images of at least 31 pixels",
        ),
        (
            "model: {image_size: 64, backbone: application}",
            "C109",
            "application needs images of at least 71 pixels",
        ),
        ("data: {max_length: 3}", "C103", "expected 1"),
        ("train: {buckets: [4]}", "C103", "expected null"),
        ("train: {augment: heavy}", "C104", "one of none, light, full"),
        ("train: {xla: true}", "C109", "set deterministic: false"),
        ("loss: crf_nll", "C201", "centred_cross_entropy"),
        ("decode: argmax", "C202", "the decoder blend"),
        (
            "data: {source: {type: builtin, name: couplet}}",
            "C204",
            "pair records, but the task reads image records",
        ),
        ("data: {source: {type: folders, train: nowhere, holdout_share: 0.1}}", "C206", "no file or folder"),
        (
            "data: {source: {type: folders, train: .}}",
            "C215",
            "no validation data to select the best checkpoint",
        ),
        (
            "data: {source: {type: folders, train: ., valid: ., holdout_share: 0.1}}",
            "C109",
            "remove it, or holdout_share",
        ),
    ],
)
def test_configs_that_cannot_be_run(nlpx: Command, tmp_path: Path, text: str, code: str, words: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(f"task: dogs\n{text}\n", encoding="utf-8")
    shown = nlpx("check", path)
    assert (shown.code, f"error {code}" in shown.text, words in shown.text) == (2, True, True), shown.text


@pytest.mark.parametrize("content", [None, b"woof"])
def test_weights_that_are_missing_or_wrong(nlpx: Command, tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / "weights.h5").write_bytes(content)
    path = tmp_path / "dogs.yaml"
    backbone = "{type: squeezenet, weights: weights.h5}"
    path.write_text(f"task: dogs\ndata: {{limit: 40}}\nmodel: {{backbone: {backbone}}}\n", encoding="utf-8")
    shown = nlpx("train", path, "--output", tmp_path / "runs")
    assert shown.code == 3
    assert str(tmp_path / "weights.h5") in shown.text
    assert ("these are no weights of squeezenet" if content else "there is no file") in shown.text


def test_a_killed_training_goes_on_exactly(
    nlpx: Command, trained: Path, trained_once: TrainOnce, tmp_path: Path
) -> None:
    """Dropout, batch normalization and every random change of images included."""
    killed = trained_once(TINY).killed(14, tmp_path)
    assert nlpx("train", "--resume", killed).code == 0
    same(killed, trained)
    assert (killed / "calibration.json").read_bytes() == (trained / "calibration.json").read_bytes()
    results = [json.loads((run / "eval" / "test.json").read_text()) for run in (killed, trained)]
    assert results[0] == results[1]
