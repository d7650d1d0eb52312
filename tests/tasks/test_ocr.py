"""The task ocr from end to end: train, evaluate, read pages; wrong input; exact resume."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nlpx.cli.main import run
from nlpx.config.load import load_experiment
from nlpx.data.glyphs import as_image
from nlpx.errors import ConfigError
from nlpx.tasks.ocr.sample.strokes import draw
from tests.data.typeface_files import write_font
from tests.resume.runs import same
from tests.tasks.conftest import Command, nlpx
from tests.trained import TrainOnce

__all__ = ["nlpx"]

NETWORK = (
    "{type: max_pool_conv, filters: [8, 8], kernel_size: 3, padding: same, units: [32], hidden_dropout: 0.1}"
)
TINY = f"""\
task: ocr
data: {{limit: 720}}
model: {{network: {NETWORK}}}
loss: {{type: rank_weighted_cross_entropy, power: 1}}
optimizer: {{type: adam, learning_rate: 5e-3}}
tricks: [{{type: pixel_noise, rate: 0.02}}, {{type: ema, momentum: 0.8}}]
train: {{epochs: 4, batch_size: 32, log_every: 10, evaluation_batch_size: 64}}
checkpoint: {{every: 15, monitor: valid/nll}}
"""
LINES = ["大中田日木", "山川土口"]


def page(lines: list[str], gap: int = 24) -> np.ndarray:
    """Lines of drawn characters, (H, W, 3) uint8."""
    width = max(map(len, lines)) * 52
    parts = []
    for line in lines:
        ink = np.hstack([np.pad(draw(c, "test 1"), [(0, 0), (2, 2)]) for c in line])
        parts += [np.zeros((gap, width), bool), np.pad(ink, [(0, 0), (0, width - ink.shape[1])])]
    return as_image(np.pad(np.vstack(parts), 10))


@pytest.fixture(scope="module")
def trained(trained_once: TrainOnce) -> Path:
    """A finished run."""
    return trained_once(TINY).path


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page."""
    path = tmp_path_factory.mktemp("pages") / "page.png"
    Image.fromarray(page(LINES)).save(path)
    return path


def test_what_a_run_leaves(trained: Path) -> None:
    metrics = json.loads((trained / "eval" / "test.json").read_text(encoding="utf-8"))["metrics"]
    assert metrics["accuracy"] > 0.8 and {"top_5_accuracy", "nll", "confused_pairs"} <= set(metrics)
    chosen = json.loads((trained / "calibration.json").read_text(encoding="utf-8"))
    assert list(chosen) == ["temperature"] and 0 < chosen["temperature"] < 10
    table = (trained / "eval" / "test.confusion_pairs.tsv").read_text(encoding="utf-8").splitlines()
    assert table[0] == "reference\tpredicted\tcount\tshare"
    assert len(table) == 1 + metrics["confused_pairs"]
    lines = (trained / "eval" / "test.predictions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert metrics["accuracy"] == pytest.approx(np.mean([r["reference"] == r["prediction"] for r in rows]))
    assert {"image", "probability", "rank", "nll", "group"} <= set(rows[0])


def test_eval_repeats_the_numbers_beside_the_reference(nlpx: Command, trained: Path) -> None:
    before = json.loads((trained / "eval" / "test.json").read_text(encoding="utf-8"))["metrics"]
    after = json.loads(nlpx("eval", trained, "--reference", "--json").out)
    assert after["metrics"] == pytest.approx(before, rel=1e-5)
    assert 0.3 < after["references"]["nearest image"]["accuracy"] < 1


def test_a_page_is_read(nlpx: Command, trained: Path, picture: Path, tmp_path: Path) -> None:
    shown = nlpx("predict", trained, "--input", picture)
    assert (shown.code, shown.out) == (0, " ".join(LINES) + "\n")
    line = json.loads(nlpx("predict", trained, "--input", picture, "--format", "jsonl").out)
    assert [found["text"] for found in line["lines"]] == LINES
    height, width = np.asarray(Image.open(picture)).shape[:2]
    for found in line["lines"]:
        boxes = [part["box"] for part in found["characters"]]
        assert all(
            0 <= top < top + h <= height and 0 <= left < left + w <= width for top, left, h, w in boxes
        )
        lefts = [box[1] for box in boxes]
        assert lefts == sorted(lefts) and [c["character"] for c in found["characters"]] == [*found["text"]]
    text = tmp_path / "text.txt"
    text.write_text("中中中中中中中中中中中中大大大日\n" * 90, encoding="utf-8")
    shown = nlpx(
        "predict", trained, "--input", picture, "--set", f"decode.text={text}", "--set", "decode.top=36"
    )
    assert shown.code == 0 and len(shown.out) == len(" ".join(LINES)) + 1


def test_white_on_black_is_the_same(nlpx: Command, trained: Path, picture: Path, tmp_path: Path) -> None:
    Image.fromarray(255 - np.asarray(Image.open(picture))).save(tmp_path / "dark.png")
    shown = nlpx("predict", trained, "--input", tmp_path / "dark.png")
    assert shown.out == nlpx("predict", trained, "--input", picture).out


def test_pages_that_are_none(nlpx: Command, trained: Path, tmp_path: Path) -> None:
    Image.new("RGB", (60, 60), "white").save(tmp_path / "blank.png")
    shown = nlpx("predict", trained, "--input", tmp_path / "blank.png")
    assert (shown.code, shown.out) == (0, "\n")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    shown = nlpx("predict", trained, "--input", tmp_path / "broken.png")
    assert (shown.code, "broken.png: " in shown.text) == (3, True)
    shown = nlpx("predict", trained, "--text", "大中田")
    assert (shown.code, "'大中田' is not an image file, but the run" in shown.text) == (2, True)
    shown = nlpx("predict", trained, "--text", "😀.png")
    assert (shown.code, "error: 😀.png: cannot be read: No such file" in shown.text) == (3, True)


def test_resume_is_exact(nlpx: Command, trained: Path, trained_once: TrainOnce, tmp_path: Path) -> None:
    """Dropout, noise and averages included."""
    killed = trained_once(TINY).killed(77, tmp_path)
    assert nlpx("train", "--resume", killed).code == 0
    same(killed, trained)


def test_fonts_and_folders(nlpx: Command, tmp_path: Path) -> None:
    """Glyphs that a font lacks are listed and counted; a folder of images works as well."""
    for number, split in enumerate(("train", "valid", "test")):
        write_font(tmp_path / f"{split}.ttf", number)
    (tmp_path / "text.txt").write_text("aaabbcx😀\r\n", encoding="utf-8")
    source = "{type: fonts, train: [train.ttf], valid: [valid.ttf], test: [test.ttf], characters: text.txt, copies: 9, offset: 1}"
    config = tmp_path / "c.yaml"
    text = f"task: ocr\ndata: {{source: {source}}}\nmodel: {{network: {NETWORK}}}\ntrain: {{epochs: 2, batch_size: 9}}\n"
    config.write_text(text, encoding="utf-8")
    shown = nlpx("train", config, "--output", tmp_path / "runs")
    assert (shown.code, "train.ttf 😀: the font has no glyph for it" in shown.text) == (3, True), shown.text
    shown = nlpx(
        "train", config, "--output", tmp_path / "runs", "--name", "a", "--set", "data.on_bad_line=skip"
    )
    assert shown.code == 0, shown.err
    lines = (tmp_path / "runs" / "ocr" / "a" / "eval" / "test.predictions.jsonl").read_text(encoding="utf-8")
    assert len(lines.splitlines()) == 36
    folders = tmp_path / "folders"
    for character in "大中":
        (folders / character).mkdir(parents=True)
        for number in range(4):
            Image.fromarray(page([character])).save(folders / character / f"{number}{character}.png")
    source = "{type: folders, train: folders, holdout_share: 0.3}"
    config.write_text(
        text.replace(text[text.index("{source") : text.index("}\nmodel")], f"{{source: {source}")
    )
    shown = nlpx("data", "check", config)
    assert shown.code == 0, shown.text
    Image.new("L", (30, 30), 99).save(folders / "大" / "9.png")
    shown = nlpx("data", "check", config)
    assert (shown.code, "9.png: there is no ink in it" in shown.out) == (3, True)


def test_one_class_is_not_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, split in enumerate(("train", "valid")):
        write_font(tmp_path / f"{split}.ttf", number)
    (tmp_path / "text.txt").write_text("aaa\n", encoding="utf-8")
    source = "{type: fonts, train: [train.ttf], valid: [valid.ttf], characters: text.txt}"
    (tmp_path / "c.yaml").write_text(f"task: ocr\ndata: {{source: {source}}}\n", encoding="utf-8")
    assert run(["train", str(tmp_path / "c.yaml"), "--output", str(tmp_path)]) == 3
    assert "the training split has one class" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("lines", "where", "told"),
    [
        ("model: {network: transposed_conv}", 2, "produce images"),
        ("model: {network: {type: max_pool_conv, filters: [8, 8, 8, 8, 8]}}", 2, "leave nothing of an image"),
        ("decode: viterbi", 2, "needs `tags`"),
        ("loss: crf_nll", 2, "needs `crf_nll`"),
        ("train: {xla: true}", 2, "max pooling is not deterministic"),
        ("data: {source: {type: builtin, name: couplet}}", 2, "the task reads image records"),
        ("decode: {type: bigram_path, text: nowhere.txt}", 2, "nowhere.txt"),
        ("metrics: [confusion_pairs]", 2, "the metrics do not give valid/accuracy"),
    ],
)
def test_configs_that_do_not_fit(tmp_path: Path, lines: str, where: int, told: str) -> None:
    (tmp_path / "c.yaml").write_text(f"task: ocr\n{lines}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_experiment(tmp_path / "c.yaml")
    assert f"c.yaml:{where}:" in str(error.value) and told in str(error.value)
