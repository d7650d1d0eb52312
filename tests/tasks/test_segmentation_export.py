"""An exported segmenter: the window network of the article, and its runtime without TensorFlow."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nlpx.components.decoders.viterbi import Viterbi
from nlpx.config.load import load_experiment
from nlpx.tasks.segmentation import runtime
from nlpx.tasks.segmentation.runtime import Segmenter
from nlpx.text.tags import LEGAL_START, TAGS
from nlpx.workflow.model import OpenModel, bind, open_model
from tests.tasks.conftest import Command
from tests.trained import ROOT, TrainOnce

WINDOW = f"""\
extends: {ROOT / "configs" / "segmentation" / "nncws.yaml"}
data: {{source: {{type: builtin, name: segmentation}}, limit: 400, max_length: 16}}
optimizer: {{type: adam, learning_rate: 1e-2}}
train: {{epochs: 2, batch_size: 32, buckets: [16], log_every: 5}}
"""
DEEP = (
    WINDOW
    + """\
model:
  encoder:
    - {type: conv, filters: 8, kernel_size: 4, activation: tanh, repeat: 2}
    - {type: conv, filters: 8, kernel_size: 3, dilation_rate: 2, activation: linear}
  head: {type: crf, use_start: true}
loss: {type: crf_nll}
decode: {type: viterbi, legal_ends: true}
"""
)
TEXTS = [
    "",
    "我",
    "研究生命的起源",
    "𠮷野家😀😀\U0010ffff在哪里",  # characters that occur nowhere, more than once
    " 今天\u3000天气 不错 ",
    "他从小学起，钢琴、提琴、二胡。" * 9,
    "ＡＢＣ１２３",
    "\ud800孤立",
]


@pytest.fixture(scope="module")
def window(trained_once: TrainOnce) -> OpenModel:
    return open_model(Path(), str(trained_once(WINDOW).path), "best")


@pytest.fixture(scope="module", params=["window", "deep"])
def model(
    request: pytest.FixtureRequest, window: OpenModel, tmp_path_factory: pytest.TempPathFactory
) -> OpenModel:
    """That of the article, or one with several convolutions and a CRF, with fresh weights."""
    if request.param == "window":
        return window
    path = tmp_path_factory.mktemp("deep") / "c.yaml"
    path.write_text(DEEP, encoding="utf-8")
    experiment = load_experiment(path, [], []).experiment
    codec = experiment.codec()
    learner = experiment.learner(codec, window.vocabularies)
    return bind(window.run, experiment, codec, learner, window.vocabularies, window.keys)


@pytest.fixture(scope="module")
def segmenter(model: OpenModel) -> Segmenter:
    return Segmenter(model.predictor.export())


def test_it_gives_the_words_of_the_run(model: OpenModel, segmenter: Segmenter) -> None:
    predicted = [prediction.fields["words"] for prediction in model.predictor.predict(TEXTS)]
    assert segmenter.words(TEXTS) == predicted
    assert [segmenter.words([text])[0] for text in TEXTS] == predicted


def test_it_gives_the_probabilities_of_keras(model: OpenModel, segmenter: Segmenter) -> None:
    import keras

    texts = ["我", "研究生命的起源", "天气不错😀😀在"]
    for text, found in zip(texts, segmenter.probabilities(texts), strict=True):
        ids = model.vocabularies["char"].ids(text)[None]
        scores = model.learner.model({"char": ids, "mask": np.ones_like(ids, bool)})
        assert np.abs(found - keras.ops.softmax(scores)[0]).max() < 1e-6


def test_the_convolution_is_a_dense_layer_on_seven_embeddings(window: OpenModel) -> None:
    """By hand: the neighbours' vectors side by side, zeros beyond the text, all biases."""
    arrays = window.predictor.export()
    text = "研究生命的起源"
    ids = dict(zip(map(chr, arrays["code_points"]), arrays["ids"], strict=True))
    vectors = np.pad(arrays["embedding"][[ids.get(char, 0) for char in text]], [(3, 3), (0, 0)])
    windows = np.stack([vectors[i : i + 7].reshape(-1) for i in range(len(text))])
    hidden = np.maximum(windows @ arrays["kernel_0"].reshape(7 * 64, 64) + arrays["bias_0"], 0)
    logits = hidden @ arrays["weights"] + arrays["bias"]
    assert np.allclose(Segmenter(arrays).scores([text])[0], logits, atol=1e-5)
    assert np.abs(arrays["bias"]).min() > 0


def test_large_scores_are_no_problem(segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segmenter, "scores", lambda texts: [np.array([[1e5, -1e5, 0, 99_999]], np.float32)])
    (found,) = segmenter.probabilities(["我"])
    assert np.allclose(found, [[1 / (1 + np.exp(-1)), 0, 0, 1 / (1 + np.e)]])


def test_free_ends() -> None:
    """Only the best tags matter; the first of a text may continue a word."""
    scores = np.log(np.array([[0.1, 0.1, 0.7, 0.1], [0.1, 0.6, 0.2, 0.1]]))
    paths = [Viterbi(legal_ends=ends).decode(["天气"], scores, np.array([2])) for ends in (False, True)]
    assert ["".join(TAGS[tag] for tag in path) for path in paths] == ["mm", "ss"]
    assert LEGAL_START[paths[1][0]]


def test_the_command(nlpx: Command, trained_once: TrainOnce, tmp_path: Path) -> None:
    """The file and a copy of the runtime are enough, in a process without nlpx."""
    run = trained_once(WINDOW).path
    shown = nlpx("export", run, "--output", tmp_path / "s.npz")
    assert (shown.code, shown.out) == (0, f"{tmp_path / 's.npz'}\n")
    assert "python runtime.py s.npz < TEXT" in shown.text
    shutil.copy(runtime.__file__, tmp_path)
    text = "研究生命的起源\r\n\n今天天气不错\n"
    done = subprocess.run(
        [sys.executable, "-I", "-X", "importtime", "runtime.py", "s.npz"],
        cwd=tmp_path,
        input=text.encode(),
        capture_output=True,
        check=True,
    )
    assert not re.search(r"\| +(nlpx|tensorflow|keras)\b", done.stderr.decode())
    lines = done.stdout.decode().split("\n")
    assert ["".join(line.split()) for line in lines] == text.replace("\r", "").split("\n")
    expected = nlpx("predict", run, "--text", "研究生命的起源").out
    assert lines[0] == expected.rstrip("\n")


def test_what_cannot_be_exported(nlpx: Command, runs: Path, tmp_path: Path) -> None:
    output = ("--output", tmp_path / "s.npz")
    for run, reason in (("couplet", "runs of this task"), ("segmentation", "n-grams or a lexicon")):
        shown = nlpx("export", runs / run / "tiny", *output)
        assert (shown.code, "cannot be exported" in shown.text, reason in shown.text) == (2, True, True)
    assert nlpx("export", runs / "couplet" / "tiny", "--output", tmp_path / "s.txt").code == 2
    assert list(tmp_path.glob("s.*")) == []


def test_another_file_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", a=np.zeros(2))
    with pytest.raises(ValueError, match="not a segmenter"):
        Segmenter.load(tmp_path / "a.npz")
    (tmp_path / "b.npz").write_text("words")
    done = subprocess.run(
        [sys.executable, runtime.__file__, tmp_path / "b.npz"], input=b"", capture_output=True, check=False
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False)


@pytest.mark.parametrize("damage", ["half", "byte", "empty", "npy", "lacking", "narrow"])
def test_a_damaged_file_is_a_line(tmp_path: Path, window: OpenModel, damage: str) -> None:
    exported = tmp_path / "whole.npz"
    np.savez(exported, allow_pickle=False, **window.predictor.export())
    content = exported.read_bytes()
    arrays = dict(np.load(exported))
    path = tmp_path / "damaged.npz"
    if damage in ("half", "byte", "empty"):
        turned = content[:2000] + bytes([content[2000] ^ 255]) + content[2001:]
        path.write_bytes({"half": content[: len(content) // 2], "byte": turned, "empty": b""}[damage])
    elif damage == "npy":
        with path.open("wb") as file:
            np.save(file, np.zeros(3))
    else:
        changed = {"weights": arrays["weights"][:3]} if damage == "narrow" else {}
        np.savez(path, **{**{k: v for k, v in arrays.items() if k != "weights"}, **changed})
    with pytest.raises(ValueError, match="damaged, or not a file of `nlpx export`"):
        Segmenter.load(path)


def test_a_byte_order_mark_is_no_text(tmp_path: Path, window: OpenModel) -> None:
    np.savez(tmp_path / "s.npz", allow_pickle=False, **window.predictor.export())
    command = [sys.executable, runtime.__file__, str(tmp_path / "s.npz")]
    with_mark, without = (
        subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout
        for text in ("\ufeff今天天气\n", "今天天气\n")
    )
    assert with_mark == without
