"""The run that answers: named where nobody named one; no texts for those that know images."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.cli.chosen_run import choose
from nlpx.errors import UsageError
from nlpx.inference.lines import Line
from nlpx.tasks.image_classification.config import ImageClassification
from tests.cli.program import Nlpx, nlpx
from tests.runs.making import make_run

__all__ = ["nlpx"]
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A run of couplets, and a newer one of images; neither has a checkpoint."""
    make_run(tmp_path / "runs", "lines")
    make_run(
        tmp_path / "runs",
        "photos",
        experiment=ImageClassification.model_validate({"task": "image_classification"}),
    )
    return tmp_path / "runs"


def test_the_newest_run_is_named_with_what_it_answers(nlpx: Nlpx, root: Path) -> None:
    done = nlpx("predict", "--root", root, "--text", "photo.jpg")
    assert done.err.startswith(
        f"run: {root}/image_classification/photos (image_classification: Classify images"
    )
    assert done.out == ""


def test_a_run_that_was_named_is_not_named_again(nlpx: Nlpx, root: Path) -> None:
    assert "run: " not in nlpx("predict", root / "couplet" / "lines", "--text", "春风").err


@pytest.mark.parametrize("way", ["--text", "--input"])
def test_a_run_that_knows_images_is_not_asked_about_texts(
    nlpx: Nlpx, root: Path, tmp_path: Path, way: str
) -> None:
    (tmp_path / "texts.txt").write_text("春风" * 3000, encoding="utf-8")
    asked = {"--text": "春风又绿江南岸", "--input": str(tmp_path / "texts.txt")}[way]
    done = nlpx("predict", "--root", root, way, asked)
    assert done.code == 2
    assert asked in done.err
    assert f"the run {root}/image_classification/photos (image_classification) takes images" in done.err
    assert f"for text, use a run such as {root}/couplet/lines" in done.err
    assert "pillow" not in done.err


@pytest.mark.parametrize(("name", "what"), [("photo.png", "is an image"), ("folder", "is a folder")])
def test_a_run_that_knows_texts_is_not_asked_about_images(
    nlpx: Nlpx, root: Path, tmp_path: Path, name: str, what: str
) -> None:
    (tmp_path / "photo.png").write_bytes(PNG)
    (tmp_path / "folder").mkdir()
    done = nlpx("predict", root / "couplet" / "lines", "--root", root, "--input", tmp_path / name)
    assert done.code == 2
    assert f"{name} {what}, but the run {root}/couplet/lines (couplet) takes text, one per line" in done.err
    assert f"for images, use a run such as {root}/image_classification/photos" in done.err


def test_a_text_that_begins_like_an_image(nlpx: Nlpx, root: Path, tmp_path: Path) -> None:
    (tmp_path / "cars.txt").write_text("BMW 汽车\n", encoding="utf-8")
    done = nlpx("predict", root / "couplet" / "lines", "--input", tmp_path / "cars.txt")
    assert "has no checkpoint yet" in done.err


def test_the_first_line_of_standard_input_is_looked_at(root: Path) -> None:
    run = choose(root, str(root / "image_classification" / "photos"), ())
    with pytest.raises(UsageError, match="'春风' is not an image file, but the run"):
        list(run.expecting_input([Line("1", "春风")]))
    lines = [Line("1", "photo.jpg"), Line("2", "春风")]
    assert list(run.expecting_input(lines)) == lines


def test_no_other_run_is_there(nlpx: Nlpx, tmp_path: Path) -> None:
    make_run(
        tmp_path, "photos", experiment=ImageClassification.model_validate({"task": "image_classification"})
    )
    done = nlpx("predict", "--root", tmp_path, "--text", "春风")
    assert (done.code, "no run under --root takes text" in done.err) == (2, True)


def test_a_text_that_is_not_utf_8(nlpx: Nlpx, root: Path) -> None:
    done = nlpx("predict", root / "couplet" / "lines", "--text", "春\udcff")
    assert done.code == 2
    assert r"--text '春\udcff': character 2 is the byte 0xff, which is not UTF-8" in done.err


def test_a_path_acts_on_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_run(tmp_path / "\x1b[31m", "lines")
    choose(tmp_path / "\x1b[31m", None, ())
    shown = capsys.readouterr().err
    assert shown.startswith("run: ")
    assert "\x1b" not in shown
