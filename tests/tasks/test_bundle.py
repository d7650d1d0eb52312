"""Bundles of all tasks that have them: the predictions of the run without TensorFlow, anywhere."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nlpx as package
from nlpx.cli import predict
from nlpx.core.zip_files import zip_folder
from nlpx.errors import NlpxError
from nlpx.runs.bundle import Bundle
from nlpx.runs.config import load_run
from nlpx.runs.directory import RunDirectory
from nlpx.workflow.export import export_bundle
from nlpx.workflow.model import OpenModel
from tests.serving.options import CHECKS, served
from tests.tasks.conftest import Command, nlpx
from tests.tasks.test_poem import TINY as POEM
from tests.tasks.test_scored_pairs import CONFIG as PAIRS
from tests.tasks.test_sentiment import TINY as SENTIMENT
from tests.tasks.test_similarity import CONFIG as SIMILARITY
from tests.tasks.test_title import CONFIG as TITLE
from tests.trained import CONFIGS, ROOT, Trained, TrainOnce

__all__ = ["nlpx"]

pytest.importorskip("tf2onnx")
pytest.importorskip("onnxruntime")

TEXTS = ["", "春", "研究生命的起源", " 今天\u3000天气 不错 ", "晚风摇树树还挺，真好！" * 9, "😀\ud800"]
WITHOUT = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras", "tf2onnx", "onnx", "jieba"):
            raise ImportError(f"{name} is blocked")
sys.meta_path.insert(0, Blocked())
from nlpx.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


CONFIGS_OF_BUNDLES = {
    **CONFIGS,
    "sentiment": SENTIMENT,
    "similarity": SIMILARITY,
    "pairs": PAIRS,
    "poem": POEM,
    "title": TITLE,
}


def of(*tasks: str) -> pytest.MarkDecorator:
    """The runs of some tasks."""
    return pytest.mark.parametrize("run", tasks or list(CONFIGS_OF_BUNDLES), indirect=True)


@pytest.fixture(scope="module")
def run(request: pytest.FixtureRequest, trained_once: TrainOnce) -> Trained:
    return trained_once(CONFIGS_OF_BUNDLES[request.param])


@pytest.fixture(scope="module")
def loaded(run: Trained) -> package.Model:
    return package.load(run.path)


@pytest.fixture(scope="module")
def model(loaded: package.Model) -> OpenModel:
    return loaded._model


@pytest.fixture(scope="module")
def exported(model: OpenModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "bundle"
    done = export_bundle(model, path)
    assert done.rows > 10
    assert done.bytes == sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path


@of()
def test_it_predicts_what_the_run_predicts(
    run: Trained, loaded: package.Model, exported: Path, tmp_path: Path
) -> None:
    expected = loaded.predict(TEXTS)
    bundle = package.load(exported)
    found = bundle.predict(TEXTS)
    assert [each.fields.keys() for each in found] == [each.fields.keys() for each in expected]
    assert [each.text for each in found] == [each.text for each in expected]
    assert [each.text for each in bundle.predict_iter(iter(TEXTS), at_once=2)] == [e.text for e in expected]
    own = Path(shutil.copytree(run.path, tmp_path / "tiny"))
    shutil.copytree(exported, own / "bundle")
    by_itself = package.load(own, engine="auto", say=pytest.fail)
    assert type(by_itself._model.run) is Bundle
    assert [each.text for each in by_itself.predict(TEXTS)] == [each.text for each in expected]


@of("segmentation", "poem", "similarity")
def test_it_is_evaluated_like_the_run(run: Trained, exported: Path, nlpx: Command) -> None:
    before = hashes(exported)
    metrics = [json.loads(nlpx("eval", path, "--json").out) for path in (run.path, exported)]
    (first, second) = (found["metrics"] for found in metrics)
    assert first == pytest.approx(second, rel=1e-4, abs=1e-6, nan_ok=True)
    assert metrics[0]["rows"] == metrics[1]["rows"] > 0
    assert hashes(exported) == before  # nothing is written


@of("couplet", "title")
def test_it_needs_no_framework_and_no_writable_folder(
    exported: Path, loaded: package.Model, tmp_path: Path
) -> None:
    """In another folder, under another name, read-only."""
    moved = Path(shutil.copytree(exported, tmp_path / "别处"))
    for path in (moved, *moved.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = without_framework("predict", moved, "--text", TEXTS[2], "--text", TEXTS[3])
    expected = loaded.predict(TEXTS[2:4])
    assert done.stdout.splitlines() == [each.text for each in expected]


@of("couplet")
def test_a_run_uses_its_own_bundle(run: Trained, exported: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(run.path, tmp_path / "tiny"))
    shutil.copytree(exported, own / "bundle")
    done = without_framework("predict", own, "--text", TEXTS[2], "--text", TEXTS[3])
    assert done.stdout.splitlines() == [each.text for each in package.load(exported).predict(TEXTS[2:4])]
    assert done.stderr == ""


DRAWN = {
    "segmentation": "Scores of transitions",
    "poem": "Vectors of rows",
    "similarity": "Vectors of rows",
    "title": "attention of ",
}


@of(*DRAWN)
def test_a_report_draws_what_it_computes(run: Trained, exported: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(run.path, tmp_path / "tiny"))
    shutil.copytree(exported, own / "bundle")
    before = hashes(own)
    done = without_framework("report", own, "--output", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert done.stdout == f"{tmp_path / 'report.html'}\n"
    task = load_run(RunDirectory.open(own)).experiment.type
    assert DRAWN[task] in page
    assert ("Nearest sentences of" in page) is (task == "similarity")
    assert "cannot be made" not in page
    assert hashes(own) == before


@of("title")
def test_attention_is_that_of_the_run(model: OpenModel, exported: Path, tmp_path: Path) -> None:
    """An export from before it was written still predicts, and says that it has none."""
    pairs = [("今天，银溪市图书馆正式建成。", "图书馆建成"), ("春天", "春")]
    expected, found = (each.predictor.attention(pairs) for each in (model, package.load(exported)._model))
    for one, other, (text, title) in zip(expected, found, pairs, strict=True):
        assert ("".join(one.read), "".join(one.written)) == (text, title)
        assert (one.read, one.written) == (other.read, other.written)
        np.testing.assert_allclose(one.weights, other.weights, atol=1e-5)
        np.testing.assert_allclose(one.weights.sum(1), 1, atol=1e-5)
    old = Path(shutil.copytree(exported, tmp_path / "old"))
    manifest = json.loads((old / "manifest.json").read_text(encoding="utf-8"))
    del manifest["constants"]["attention"]
    (old / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    before = package.load(old)
    assert before._model.predictor.attention(pairs) == []
    assert before.predict(TEXTS) == package.load(exported).predict(TEXTS)


@of("title", "similarity", "poem")
def test_a_server_uses_the_options_of_requests(run: Trained, exported: Path) -> None:
    model = served(exported)
    CHECKS[model.task](model)


@of("similarity")
def test_a_zip_file_is_used_like_the_folder(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that cannot be changed; its index is mapped."""
    monkeypatch.setenv("NLPX_CACHE", str(tmp_path / "cache"))
    zip_folder(exported, tmp_path / "x.zip")
    (tmp_path / "x.zip").chmod(0o444)
    for _ in range(2):
        found = package.load(tmp_path / "x.zip").predict(TEXTS)
        assert [each.text for each in found] == [each.text for each in package.load(exported).predict(TEXTS)]
    (unpacked,) = (tmp_path / "cache" / "bundles").iterdir()
    assert [*hashes(unpacked).values()] == [*hashes(exported).values()]


@of("segmentation")
def test_two_processes_predict_the_same(
    run: Trained, exported: Path, tmp_path: Path, nlpx: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predict, "LINES_AT_ONCE", 2)
    source, target = tmp_path / "in.txt", tmp_path / "out.jsonl"
    source.write_text("".join(f"{text}\n" for text in TEXTS[:5] * 3), encoding="utf-8")
    asked = ("predict", exported, "--input", source, "--format", "jsonl")
    expected = nlpx(*asked).out
    shown = nlpx(*asked, "--jobs", "2", "--output", target)
    assert (shown.code, target.read_text(encoding="utf-8")) == (0, expected)


@of("sentiment", "title")
def test_decoding_can_be_changed_as_in_a_run(run: Trained, exported: Path, nlpx: Command) -> None:
    options = {
        "sentiment": "decode.threshold=0.99",
        "title": "decode={type: sample, max_length: 24, seed: 7}",
    }
    change = ("--set", options[json.loads((exported / "manifest.json").read_text())["task"]])
    shown = [nlpx("predict", path, "--text", TEXTS[2], *change) for path in (run.path, exported)]
    assert shown[0].out == shown[1].out != ""
    refused = nlpx("predict", exported, "--text", TEXTS[2], "--set", "model.embedding.dim=7")
    assert (refused.code, "cannot be changed" in refused.text) == (2, True)


@of("similarity")
def test_a_search_index_is_checked(run: Trained, exported: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(exported, tmp_path / "copy"))
    for file in sorted(copy.glob("index/*")):
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(NlpxError, match=rf"{re.escape(file.name)}: damaged: .*SHA-256 differs"):
            package.load(copy)
        file.unlink()
        file.symlink_to(exported / "index" / file.name)
        with pytest.raises(NlpxError, match="symbolic link"):
            package.load(copy)
        file.unlink()
        file.write_bytes(content)


def without_framework(*words: object) -> subprocess.CompletedProcess[str]:
    """A command in a process that cannot import TensorFlow."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )


@of()
def test_it_names_no_folder_of_this_machine(run: Trained, exported: Path) -> None:
    folders = {str(ROOT).encode(), str(run.path.parent).encode(), str(Path.home()).encode()}
    for file in exported.rglob("*"):
        if file.is_file():
            assert [folder for folder in folders if folder in file.read_bytes()] == []


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(file): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_attributes_of_the_package() -> None:
    assert package.Model.__name__ == "Model"
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = package.lode
