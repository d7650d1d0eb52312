"""Lines as columns; the model and its predictor: padding, batches, the weight of a language model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.components.losses.ctc import CTC
from nlpx.components.sources.line_images import LineImage
from nlpx.config.load import load_experiment
from nlpx.data.batching import padded_batches
from nlpx.data.glyphs import as_image
from nlpx.data.png import png
from nlpx.tasks.ocr_lines.codec import IMAGE, LineCodec, frames_of
from nlpx.tasks.ocr_lines.columns import FRAME, columns_of
from nlpx.tasks.ocr_lines.config import HEIGHT, LineModel
from nlpx.tasks.ocr_lines.learner import LineLearner, LineRecognizer
from nlpx.tasks.ocr_lines.predictor import UNKNOWN_NLL, LinePredictor
from nlpx.text.vocabulary import UNKNOWN, Vocabulary

OPTIONS: dict[str, Any] = {
    "filters": [4, 4, 6],
    "encoder": [
        {"type": "conv", "filters": 12, "kernel_size": 3},
        {"type": "gated_conv", "gate": "residual_glu", "normalize": True},
    ],
}
CODEC = LineCodec()
VOCABULARIES = {"character": Vocabulary([UNKNOWN, *"甲乙丙"])}


def line(width: int, seed: int, text: str = "甲乙") -> LineImage:
    ink = np.random.default_rng(seed).random((HEIGHT, width)) < 0.3
    return LineImage(f"{seed} {width} {text}", f"{seed}", text, as_image(ink))


def learner() -> LineLearner:
    keras.utils.set_random_seed(1)
    return LineLearner(LineRecognizer(LineModel.model_validate(OPTIONS), 4), CTC())


def batch(rows: list[LineImage], padding: int = 0) -> dict[str, np.ndarray]:
    items = [item for row in rows for item in CODEC.encode(row, VOCABULARIES)]
    ((places, made),) = padded_batches(items, CODEC.fields, len(items))
    order = np.argsort(places)
    made = {name: values[order] for name, values in made.items()}
    for name in (IMAGE, "mask"):
        made[name] = np.pad(made[name], [(0, 0), (0, padding), *[(0, 0)] * (made[name].ndim - 2)])
    return made


@given(height=st.integers(1, 50), width=st.integers(1, 40), seed=st.integers(0, 9))
@settings(deadline=None, max_examples=30)
def test_scaling_is_the_mean_over_the_covered_area(height: int, width: int, seed: int) -> None:
    """Both sizes are multiples of a grid in which every pixel is repeated."""
    ink = np.random.default_rng(seed).random((height, width)) < 0.5
    scaled = max(round(width * HEIGHT / height), 1)
    fine = np.kron(ink, np.ones((HEIGHT, scaled)))
    expected = 255 * fine.reshape(HEIGHT, height, scaled, width).mean((1, 3)).T
    found = columns_of(ink)
    assert found.shape == (-(-scaled // FRAME) * FRAME, HEIGHT, 1)
    np.testing.assert_allclose(found[:scaled, :, 0], expected, atol=0.51)
    assert not found[scaled:].any()


def test_an_image_of_the_height_is_kept() -> None:
    ink = np.random.default_rng(0).random((HEIGHT, 40)) < 0.5
    np.testing.assert_array_equal(columns_of(ink)[..., 0], 255 * ink.T)
    assert columns_of(np.ones((1, 9000), bool)).shape == (256 * HEIGHT, HEIGHT, 1)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (LineImage("a", "a", "甲", as_image(np.zeros((9, 9), bool))), "there is no ink in it"),
        (line(8, 0, "甲乙丙"), "its text has 3 characters, but the image is only 2 frames of 4 pixels"),
        (line(8, 0, "甲甲"), "its text has 2 characters"),
        (LineImage("b", "a", "甲", as_image(np.ones((1, 300), bool))), "it is 300 pixels wide and 1 high"),
        (LineImage("no.png", "a", "甲"), "No such file"),
    ],
)
def test_bad_lines(row: LineImage, told: str) -> None:
    assert told in str(CODEC.check(row))
    assert CODEC.check(line(12, 0, "甲甲")) is None
    assert frames_of("甲甲乙甲") == 5 and frames_of("") == 0


def test_padding_and_neighbours_change_nothing() -> None:
    """Neither the objective, nor its gradients, nor what is read, whatever the width of other rows."""
    rows = [line(24, 0), line(60, 1, "丙丙甲"), line(8, 2, "乙")]
    whole = learner()

    def losses(given: dict[str, np.ndarray]) -> tuple[float, list[np.ndarray]]:
        with tf.GradientTape() as tape:
            total = whole.losses({n: tf.constant(v) for n, v in given.items()}, 0, False)["loss"].sum
        return float(total), [g.numpy() for g in tape.gradient(total, whole.model.trainable_variables)]

    together, padded = losses(batch(rows)), losses(batch(rows, padding=13))
    alone = [losses(batch([row])) for row in rows]
    assert together[0] == pytest.approx(padded[0], rel=1e-5)
    assert together[0] == pytest.approx(sum(total for total, _ in alone), rel=1e-5)
    for found, other, *single in zip(together[1], padded[1], *(g for _, g in alone), strict=True):
        scale = 1e-5 * (1 + np.abs(found).max())
        np.testing.assert_allclose(found, other, atol=scale)
        np.testing.assert_allclose(found, sum(single), atol=scale)
    log_probs, nll = whole.scores(batch(rows, padding=13))
    assert nll.sum() == pytest.approx(together[0], rel=1e-5)
    for place, row in enumerate(rows):
        own, _ = whole.scores(batch([row]))
        frames = own.shape[1]
        np.testing.assert_allclose(log_probs[place, :frames], own[0], atol=1e-5)


class Fixed:
    """A learner whose frames say 甲 and waver between 乙 and 丙."""

    def scores(self, batch: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        rows, frames = len(batch["mask"]), batch["mask"].shape[1] // FRAME
        log_probs = np.full((rows, frames, 4), np.log(0.01), np.float32)
        log_probs[..., 0] = np.log(0.97)
        log_probs[:, 0] = np.log([0.01, 0.97, 0.01, 0.01])
        log_probs[:, 1] = np.log([0.01, 0.01, 0.4, 0.58])
        return log_probs, np.ones(rows, np.float32)


def predictor(folder: Path, decode: str) -> LinePredictor:
    (folder / "text.txt").write_text("甲乙\n" * 50, encoding="utf-8")
    (folder / "c.yaml").write_text(f"task: ocr_lines\ndecode: {decode}\n", encoding="utf-8")
    experiment = load_experiment(folder / "c.yaml").experiment
    return LinePredictor(experiment, CODEC, Fixed(), VOCABULARIES)  # type: ignore[arg-type]  # it has what is used


def test_the_weight_is_chosen_on_validation_lines(tmp_path: Path) -> None:
    rows = [line(16, seed) for seed in range(3)]
    reader = predictor(tmp_path, "{type: ctc_beam, text: text.txt}")
    chosen = reader.calibrate(iter(rows))
    assert set(chosen) == {"weight"} and chosen["weight"] > 0
    reader.use({"weight": 0.0})
    assert [example.prediction for example in reader.examples(rows, ())] == ["甲丙"] * 3
    reader.use(chosen)
    assert [example.prediction for example in reader.examples(rows, ())] == ["甲乙"] * 3
    for wrong in ({"weight": -1.0}, {"weight": float("nan")}, {"other": 1.0}):
        with pytest.raises(ValueError, match=r"weight"):
            reader.use(wrong)


@pytest.mark.parametrize(
    "decode", ["ctc_greedy", "ctc_beam", "{type: ctc_beam, text: text.txt, weight: 0.0}"]
)
def test_nothing_is_chosen_without_need(tmp_path: Path, decode: str) -> None:
    reader = predictor(tmp_path, decode)
    assert reader.calibrate(iter([line(16, 0)])) == {}
    assert reader.examples([line(16, 0)], ())[0].prediction == "甲丙"


def test_unknown_characters_cost_much_and_are_counted(tmp_path: Path) -> None:
    (example,) = predictor(tmp_path, "ctc_greedy").examples([line(20, 0, "甲😀乙")], ())
    assert example.nll == pytest.approx(1 + UNKNOWN_NLL)
    assert (example.characters, example.severity) == (3, 2)


def test_the_lines_of_a_page_are_drawn(tmp_path: Path) -> None:
    ink = np.pad(np.vstack([np.pad(line(90, s).pixels[..., 0] == 0, 12) for s in (0, 1)]), 60)  # type: ignore[index]
    (tmp_path / "page.png").write_bytes(png(as_image(ink)))
    reader = predictor(tmp_path, "ctc_greedy")
    drawn = reader.drawings(str(tmp_path / "page.png"))
    assert list(drawn) == ["1-ink.png", "2-boxes.png"]
    assert all(content.startswith(b"\x89PNG") for content in drawn.values())
    first, second = reader.read(as_image(ink))
    assert (first.text, second.text) == ("甲丙", "甲丙")
    assert (first.box.height, first.box.width, second.box.top - first.box.top) == (HEIGHT, 90, HEIGHT + 24)


def test_litert_reads_lines_of_any_width(tmp_path: Path) -> None:
    """Also short ones: free axes have the size 1 in the file, of which pooling leaves nothing."""
    from nlpx.workflow.tensorflow_graphs import write_litert

    model = learner()
    call = write_litert("frames", model.exportable(CODEC.fields).graphs["frames"], tmp_path)
    for widths in ((20,), (70, 33)):
        given = batch([line(width, seed) for seed, width in enumerate(widths)])
        expected, _ = model.scores(given)
        (found,) = call(given)
        assert found.shape == expected.shape
        kept = given["mask"][:, FRAME - 1 :: FRAME]
        assert found[kept] == pytest.approx(expected[kept], abs=1e-4)
