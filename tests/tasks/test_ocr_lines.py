"""The task ocr_lines from end to end: train, evaluate, read pages; wrong input; exact resume."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from nlpx.config.load import load_experiment
from nlpx.errors import ConfigError
from tests.resume.runs import same
from tests.tasks.conftest import Command, nlpx
from tests.tasks.test_ocr import page
from tests.trained import TrainOnce

__all__ = ["nlpx"]

TINY = """\
task: ocr_lines
data: {limit: 32}
model:
  filters: [8, 8]
  dropout: 0.1
  encoder: [{type: conv, filters: 16}]
optimizer: {type: adam, learning_rate: 1e-4}
tricks: [{type: pixel_noise, rate: 0.02}, {type: ema, momentum: 0.5}]
train: {epochs: 2, batch_size: 8, buckets: [320], log_every: 4, evaluation_batch_size: 32}
checkpoint: {every: 3}
decode: {type: ctc_beam, size: 3}
"""
LINES = ["大中田日木", "山川土口"]


@pytest.fixture(scope="module")
def trained(trained_once: TrainOnce) -> Path:
    """A finished run, which has not learned to read, nor that most frames are blank."""
    return trained_once(TINY).path


def test_what_a_run_leaves(trained: Path) -> None:
    metrics = json.loads((trained / "eval" / "test.json").read_text(encoding="utf-8"))["metrics"]
    assert metrics["char_error_rate"] > 0.5 and metrics["nll"] > 1
    lines = (trained / "eval" / "test.predictions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert set(rows[0]) == {"image", "reference", "prediction", "nll", "characters", "group"}
    total = sum(row["characters"] for row in rows)
    assert metrics["nll"] == pytest.approx(sum(row["nll"] for row in rows) / total)


def test_eval_repeats_the_numbers_beside_the_reference(nlpx: Command, trained: Path) -> None:
    before = json.loads((trained / "eval" / "test.json").read_text(encoding="utf-8"))["metrics"]
    after = json.loads(nlpx("eval", trained, "--reference", "--json").out)
    assert after["metrics"] == pytest.approx(before, rel=1e-5)
    assert 0 < after["references"]["cut characters"]["char_error_rate"] < 0.8
    assert "nll" not in after["references"]["cut characters"]


def test_pages_and_lines_are_read(nlpx: Command, trained: Path, tmp_path: Path) -> None:
    """The lines of a page are what its lines are alone, white on black too; other images are no obstacle."""
    Image.fromarray(page(LINES)).save(tmp_path / "page.png")
    for number, text in enumerate(LINES):
        Image.fromarray(255 - page([text])).save(tmp_path / f"{number}.png")
    Image.new("RGB", (60, 60), "white").save(tmp_path / "blank.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    shown = nlpx("predict", trained, "--input", tmp_path, "--format", "jsonl")
    assert (shown.code, "broken.png: " in shown.err) == (3, True)
    *alone, blank, broken, whole = map(json.loads, shown.out.splitlines())
    assert blank["lines"] == broken["lines"] == [] and "broken.png" in broken["error"]
    height, width = page(LINES).shape[:2]
    for found, (line,) in zip(whole["lines"], (each["lines"] for each in alone), strict=True):
        top, left, high, wide = found["box"]
        assert 0 <= top < top + high <= height and 0 <= left < left + wide <= width
        assert (found["text"], line["box"][2:]) == (line["text"], [high, wide]) and line["text"]
        assert found["log_probability"] == pytest.approx(line["log_probability"], rel=1e-4)


def test_text_is_refused(nlpx: Command, trained: Path) -> None:
    shown = nlpx("predict", trained, "--text", "大中田")
    assert (shown.code, "'大中田' is not an image file, but the run" in shown.text) == (2, True)


def test_resume_is_exact(nlpx: Command, trained: Path, trained_once: TrainOnce, tmp_path: Path) -> None:
    """Dropout, noise and averages included."""
    killed = trained_once(TINY).killed(6, tmp_path)
    assert nlpx("train", "--resume", killed).code == 0
    same(killed, trained)


@pytest.mark.parametrize(
    ("lines", "where", "told"),
    [
        ("loss: cross_entropy", 2, "needs `target`"),
        ("decode: bigram_path", 2, "expected the decoder ctc_beam or ctc_greedy"),
        ("decode: {type: ctc_beam, text: nowhere.txt}", 2, "nowhere.txt"),
        ("decode: {type: ctc_beam, size: 0}", 2, "expected at least 1"),
        ("model: {filters: [8]}", 2, "at least 2"),
        ("model: {encoder: [{type: gated_conv, filters: 10}]}", 2, "which is 256 wide"),
        ("train: {xla: true}", 2, "max pooling is not deterministic"),
        ("data: {source: {type: builtin, name: strokes}}", 2, "the task reads line_image records"),
        ("metrics: [nll]", 2, "the metrics do not give valid/char_error_rate"),
    ],
)
def test_configs_that_do_not_fit(tmp_path: Path, lines: str, where: int, told: str) -> None:
    (tmp_path / "c.yaml").write_text(f"task: ocr_lines\n{lines}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_experiment(tmp_path / "c.yaml")
    assert f"c.yaml:{where}:" in str(error.value) and told in str(error.value)


def test_lines_of_one_task_are_not_for_the_other(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("task: ocr\ndata: {source: {type: builtin, name: lines}}\n")
    with pytest.raises(ConfigError, match="gives line_image records, but the task reads image records"):
        load_experiment(tmp_path / "c.yaml")
