"""`nlpx probe` of finished runs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from tests.tasks.conftest import Command

TEXT = "研究生命😀"


def contents(folder: Path) -> dict[str, str]:
    """The hash of every file."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_arrays_are_what_their_formulas_give(nlpx: Command, finished: Path, tmp_path: Path) -> None:
    """The first part of the embedding, and a convolution. The run and its predictions stay the same."""
    run, file = finished / "segmentation" / "tiny", tmp_path / "found.npz"
    before = nlpx("predict", run, "--text", TEXT).out
    unchanged = contents(run)
    conv = "weight/encoder_0_0/conv"
    layers = ["tap/embedding", "embedding", "encoder_0_0", f"{conv}/kernel", f"{conv}/bias"]
    options = [word for name in layers for word in ("--layer", name)]
    done = nlpx("probe", run, "--text", TEXT, "--output", file, *options)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert contents(run) == unchanged
    assert nlpx("predict", run, "--text", TEXT).out == before
    with np.load(file) as arrays:
        found = dict(arrays)
    assert list(found) == layers
    vectors = found["embedding"][0]
    np.testing.assert_array_equal(vectors[:5, :32], found["tap/embedding"][0, :5])
    assert not vectors[5:].any()  # the batch is wider than the text
    padded = np.pad(vectors.astype(np.float64), [(1, 1), (0, 0)])
    kernel = found[f"{conv}/kernel"]
    convolved = sum(padded[i : i + 5] @ kernel[i] for i in range(3)) + found[f"{conv}/bias"]
    np.testing.assert_allclose(found["encoder_0_0"][0, :5], np.maximum(convolved, 0), atol=1e-5)


def test_names_with_shapes(nlpx: Command, finished: Path) -> None:
    """Of the sample of the config where no text is given."""
    run = finished / "segmentation" / "tiny"
    lines = nlpx("probe", run, "--list").out.splitlines()
    assert lines[0].split() == ["name", "shape", "dtype", "calls"]
    assert ["tap/embedding", "1x7x32", "float32", "1"] in [line.split() for line in lines]
    found = json.loads(nlpx("probe", run, "--list", "--json", "--text", "研究").out)
    assert found["text"] == "研究"
    shapes = {entry["name"]: entry["shape"] for entry in found["tensors"]}
    assert shapes["embedding"][::2] == [1, 96]
    assert shapes["weight/head/crf/transitions"] == [4, 4]
    done = nlpx("probe", run, "--layer", "head/crf/transitions", "--text", "研究", "--json")
    (entry,) = json.loads(done.out)["tensors"]
    assert entry["min"] <= entry["mean"] <= entry["max"]


def test_an_image(nlpx: Command, finished: Path, tmp_path: Path) -> None:
    file = tmp_path / "embedding.PNG"
    run = finished / "couplet" / "tiny"
    assert nlpx("probe", run, "--text", "晚风摇树", "--layer", "embedding", "--output", file).code == 0
    assert file.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ("--text 春 --layer encoder_0_9", 2, "did you mean encoder_0_0"),
        ("--text 春 --layer transition", 2, "did you mean weight/head/crf/transitions"),
        ("--text 春 --layer zzz", 2, "nlpx probe --list --text TEXT` shows those"),
        ("--text=  --layer embedding", 2, "computes nothing for the text ''"),
        ("--layer embedding", 2, "give --text TEXT"),
        ("--text 春", 2, "either --list or --layer"),
        ("--list --layer head", 2, "either --list or --layer"),
        ("--list --output {folder}/a.npz", 2, "cannot be combined with --list"),
        ("--text 春 --layer head --output {folder}/a.txt", 2, "ends in .npz or .png"),
        ("--text 春 --layer head --layer embedding --output {folder}/a.png", 2, "an image shows one --layer; got 2"),
        ("--text 春 --layer head --output {folder}/none/a.npz", 4, "there is no folder"),
        ("--text 春 --layer head --output {run}/metrics.jsonl", 2, "ends in .npz or .png"),
    ],
)  # fmt: skip
def test_wrong_options(
    nlpx: Command, finished: Path, tmp_path: Path, options: str, code: int, words: str
) -> None:
    run = finished / "segmentation" / "tiny"
    done = nlpx("probe", run, *options.format(folder=tmp_path, run=run).split())
    assert done.code == code
    assert words in done.text
    assert done.out == "" and not list(tmp_path.glob("*.*"))
