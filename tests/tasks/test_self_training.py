"""Self-training on drawn images: a run labels what has no labels, the next one learns from that."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from nlpx.cli.main import run as cli
from nlpx.config.load import load_experiment
from nlpx.data.keys import KeySet
from nlpx.data.records import LabelledImage
from nlpx.tasks.image_classification.config import ImageClassification
from nlpx.tasks.image_classification.sample.dogs import BREEDS, draw
from nlpx.workflow.corpus import open_corpus
from tests.tasks.conftest import Command, Shown

LABELS = list(BREEDS)[:3]
CONFIG = """\
task: dogs
data: {source: {type: folders, train: photos, holdout_share: 0.25}}
model: {image_size: 24, backbone: {type: small_conv, filters: [8, 16]}}
optimizer: {type: adam, learning_rate: 1e-2}
train: {epochs: 3, batch_size: 6, augment: none}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 images of each of three breeds, 4 of each without a label, a config, and the run `first`."""
    root = tmp_path_factory.mktemp("self_training")
    (root / "new" / "more").mkdir(parents=True)
    for label in LABELS:
        (root / "photos" / label).mkdir(parents=True)
        for number in range(12):
            Image.fromarray(draw(label, f"train {number}")).save(root / "photos" / label / f"{number}.png")
        for number in range(4):
            name = f"{'more/' if number % 2 else ''}{label[-3:]} {number}.png"
            Image.fromarray(draw(label, f"valid {number}")).save(root / "new" / name)
    (root / "dogs.yaml").write_text(CONFIG, encoding="utf-8")
    assert cli(["train", str(root / "dogs.yaml"), "--output", str(root / "runs"), "--name", "first"]) == 0
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "copy"))


def keys(root: Path, split: str) -> set[str]:
    """The keys of the images of a split of the config."""
    experiment = load_experiment(root / "dogs.yaml").experiment
    assert isinstance(experiment, ImageClassification)
    task = experiment.codec()
    rows = open_corpus(experiment).rows(split)
    return {key for row in rows if isinstance(row, LabelledImage) for key in task.keys(row)}


def label(nlpx: Command, root: Path, output: Path, least: int) -> Shown:
    """Label the new images with the first run."""
    run = root / "runs/image_classification/first"
    return nlpx("data", "label", run, "--input", root / "new", "--output", output, "--least", least)


def test_two_rounds(nlpx: Command, root: Path) -> None:
    valid = keys(root, "valid")
    assert len(valid) == 9
    for number, run in ((1, "first"), (2, "second")):
        pseudo = root / "lists" / f"round{number}.tsv"
        given = ("--root", root / "runs", "--input", root / "new")
        told = nlpx("predict", run, *given, "--format", "jsonl")
        best = {r["text"]: r["classes"][0] for r in map(json.loads, told.out.splitlines())}
        least = sorted(entry["probability"] for entry in best.values())[3]
        shown = nlpx("data", "label", run, *given, "--output", pseudo, "--least", least)
        assert shown.code == 0, shown.err
        lines = [line.split("\t") for line in pseudo.read_text(encoding="utf-8").splitlines()]
        assert [(str((pseudo.parent / path).resolve()), label) for path, label in lines] == [
            (path, entry["class"]) for path, entry in best.items() if entry["probability"] >= least
        ]
        assert len(lines) == 9
        assert lines[0][0].startswith("../new/")
        assert f"{pseudo}: 9 of 12 images" in shown.out
        table = [line.split()[-2:] for line in shown.out.splitlines()[1:-1]]
        assert [sum(column) for column in zip(*(map(int, row) for row in table), strict=True)] == [9, 3]
        option = f"data.source.pseudo=lists/round{number}.tsv"
        name = ("second", "third")[number - 1]
        words = ("--output", root / "runs", "--name", name, "--set", option)
        assert nlpx("train", root / "dogs.yaml", *words).code == 0
        run_folder = root / "runs" / "image_classification" / name
        data = json.loads((run_folder / "snapshot.json").read_text(encoding="utf-8"))["data"]
        assert (data["train"]["rows"], data["valid"]["rows"]) == (27 + 9, 9)
        assert json.loads((run_folder / "eval" / "valid.json").read_text(encoding="utf-8"))["rows"] == 9
        trained = KeySet.load(run_folder / "vocabulary" / "keys.u64")
        assert len(trained) == 36
        assert keys(root, "valid") == valid
        assert not any(key in trained for key in valid)


def test_a_held_out_image_among_the_new_ones_is_not_trained_on(nlpx: Command, root: Path) -> None:
    """Its copy has another name and format; the pixels give it away."""
    experiment = load_experiment(root / "dogs.yaml").experiment
    held_out = next(iter(open_corpus(experiment).rows("valid"))).where
    Image.open(held_out).save(root / "new" / "copy.bmp")
    pseudo = root / "round1.tsv"
    shown = label(nlpx, root, pseudo, least=0)
    assert shown.code == 0
    assert "new/copy.bmp" in pseudo.read_text(encoding="utf-8")
    words = ("--set", "data.source.pseudo=round1.tsv", "--output", root / "runs", "--name", "leaky")
    shown = nlpx("train", root / "dogs.yaml", *words)
    assert shown.code == 3
    assert f"copy.bmp: a pseudo-label for an image that has a label: {held_out}" in shown.text
    shown = nlpx("train", root / "dogs.yaml", *words, "--set", "data.on_bad_line=skip")
    assert (shown.code, "1 bad row is left out" in shown.text) == (0, True)
    trained = KeySet.load(root / "runs/image_classification/leaky/vocabulary/keys.u64")
    assert len(trained) == 27 + 12
    assert not any(key in trained for key in keys(root, "valid"))


def test_what_cannot_be_labelled_is_told_and_the_others_are_written(nlpx: Command, root: Path) -> None:
    (root / "new" / "empty.jpg").write_bytes(b"")
    (root / "new" / "tab\t.png").write_bytes((root / "new" / "ker 0.png").read_bytes())
    pseudo = root / "round1.tsv"
    shown = label(nlpx, root, pseudo, least=0)
    assert shown.code == 3
    assert f"error: {root / 'new' / 'empty.jpg'}: this is not an image" in shown.text
    assert "tab\\t.png': a list cannot contain this path. Rename the file" in shown.text
    assert "2 of the images could not be labelled" in shown.text
    assert len(pseudo.read_text(encoding="utf-8").splitlines()) == 12


def test_nothing_is_sure(nlpx: Command, root: Path) -> None:
    pseudo = root / "round1.tsv"
    shown = label(nlpx, root, pseudo, least=1)
    assert shown.code == 3
    assert "no image has a class with a probability of 1 or more. Lower --least." in shown.text
    assert not pseudo.exists()


def test_wrong_uses_of_label(nlpx: Command, root: Path, finished: Path) -> None:
    run, new, pseudo = root / "runs" / "image_classification" / "first", root / "new", root / "round1.tsv"
    (root / "empty").mkdir()
    (root / "there.tsv").write_text("")
    couplet = finished / "couplet" / "tiny"
    for words, code, expected in (
        (
            (couplet, "--input", new, "--output", pseudo),
            2,
            "the run belongs to the task couplet; expected one",
        ),
        ((root, "--input", new, "--output", pseudo), 2, "this folder is not a run"),
        ((run, "--input", root / "empty", "--output", pseudo), 2, "no file is in this folder"),
        ((run, "--input", root / "nowhere", "--output", pseudo), 2, "nowhere' does not exist"),
        ((run, "--input", new, "--output", root / "there.tsv"), 2, "already exists"),
        ((run, "--input", new, "--output", root / "there.tsv" / "x.tsv"), 4, "Choose another --output"),
        ((run, "--input", new, "--output", pseudo, "--least", "2"), 2, "2.0 is not in the range"),
        ((run, "--input", new), 2, "Missing option '--output'"),
    ):
        shown = nlpx("data", "label", *words)
        assert (shown.code, expected in shown.text) == (code, True), shown.text
    assert not pseudo.exists()


def test_a_list_that_is_not_there(nlpx: Command, root: Path) -> None:
    config = root / "dogs.yaml"
    config.write_text(CONFIG.replace("photos,", "photos, pseudo: round1.tsv,"), encoding="utf-8")
    shown = nlpx("check", config)
    assert shown.code == 2
    assert "dogs.yaml:2:47: error C206" in shown.text
    assert f"no file or folder {root / 'round1.tsv'}" in shown.text
