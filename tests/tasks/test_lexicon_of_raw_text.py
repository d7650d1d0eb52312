"""A lexicon counts the spans of raw text as well, and the run keeps what was counted."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from nlpx.config.load import load_experiment
from nlpx.text.spans import DEPTH, FIELDS
from nlpx.workflow.model import open_model
from tests.tasks.conftest import Command
from tests.trained import SEGMENTATION


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "raw.txt.gz"
    path.write_bytes(gzip.compress("他说研究好。我的研究在，你看研究吧。研究\n\n".encode() * 5))
    return path


@pytest.fixture
def config(tmp_path: Path, raw: Path) -> Path:
    path = tmp_path / "c.yaml"
    small = SEGMENTATION.replace("limit: 400", "limit: 60").replace("epochs: 3", "steps: 2")
    path.write_text(small.replace("dropout: 0.1}}", f"text: {raw}}}}}"), "utf-8")
    assert f"lexicon: {{text: {raw}}}" in path.read_text("utf-8")
    return path


def test_a_run_answers_without_the_raw_text(nlpx: Command, config: Path, raw: Path, tmp_path: Path) -> None:
    shown = nlpx("train", config, "--output", tmp_path / "runs", "--name", "a")
    assert shown.code == 0, shown.err
    run = tmp_path / "runs" / "segmentation" / "a"
    answers = nlpx("predict", run, "--text", "研究生命的起源")
    raw.unlink()
    assert nlpx("predict", run, "--text", "研究生命的起源").out == answers.out
    assert nlpx("eval", run).code == 0
    model: Any = open_model(Path(), str(run), "last")
    (features,) = model.codec.features_of("去研究", model.vocabularies)
    assert features["lexicon"].shape == (3, 2 * FIELDS)
    assert features["lexicon"][1, FIELDS] == features["lexicon"][2, FIELDS + 1] > 0
    assert model.learner.model.embedding.levels["fields"] * DEPTH == 2 * FIELDS * DEPTH


def test_other_raw_text_is_counted_again(config: Path, raw: Path) -> None:
    before = load_experiment(config).experiment.codec().cache_key()
    assert load_experiment(config).experiment.codec().cache_key() == before
    raw.write_bytes(gzip.compress("另一篇文章\n".encode()))
    assert load_experiment(config).experiment.codec().cache_key() != before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "there is no file"),
        (b"\xff\xfe1\0\0", "UTF-16"),
        (b"", "the file is empty"),
        ("folder", "is a folder"),
    ],
)
def test_raw_text_that_cannot_be_read(
    nlpx: Command, config: Path, raw: Path, content: bytes | str | None, told: str
) -> None:
    raw.unlink()
    if isinstance(content, bytes):
        raw.write_bytes(content)
    elif content:
        raw.mkdir()
    shown = nlpx("check", config)
    assert (shown.code == 2, told in shown.text, str(raw) in shown.text) == (True, True, True), shown.text
