"""What requests can ask of real models, besides what tests of whole servers ask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlpx.data.images import Upload
from nlpx.serving.calls import Generate, Options, Predict
from nlpx.serving.models import ServedModel, open_models
from nlpx.serving.refusal import Refusal
from nlpx.serving.tasks.poem import PoemOptions
from nlpx.serving.tasks.similarity import SimilarityOptions
from nlpx.serving.tasks.title import TitleOptions
from nlpx.specs.predictor import Prediction
from nlpx.tasks.sample_images import sample_images
from tests.tasks.test_digits import TINY as DIGITS
from tests.tasks.test_poem import TINY as POEM
from tests.tasks.test_similarity import CONFIG as SIMILARITY
from tests.tasks.test_title import CONFIG as TITLE
from tests.trained import TrainOnce

ARTICLE = "今天，银溪市图书馆正式建成并对外开放。"


def served(config: str, trained_once: TrainOnce) -> ServedModel:
    def failed(name: str, error: BaseException) -> None:
        raise error

    run = str(trained_once(config).path)
    (model,) = open_models(Path(), [run], "tensorflow", [], failed, lambda message: None).values()
    return model


def predicted(model: ServedModel, inputs: list[str], options: Options) -> list[Prediction]:
    found = model.compute(Predict(model.api.cost(options), options), inputs)
    assert not any(isinstance(row, Refusal) for row in found)
    return [row for row in found if isinstance(row, Prediction)]


def test_headlines_have_candidates_with_their_likelihood(trained_once: TrainOnce) -> None:
    model = served(TITLE, trained_once)
    plain, found = (
        predicted(model, [ARTICLE, ""], TitleOptions(candidates=count, seed=3)) for count in (1, 4)
    )
    assert [row.text for row in found] == [row.text for row in plain]
    assert "candidates" not in plain[0].fields
    candidates = found[0].fields["candidates"]
    assert isinstance(candidates, list)
    titles = [each["title"] for each in candidates]
    assert titles[0] == plain[0].text
    assert 1 < len(titles) == len(set(titles)) <= 4
    nll = model.api.predictor.nll([(ARTICLE, title) for title in titles])
    assert [each["nll"] for each in candidates] == pytest.approx(nll.tolist(), rel=1e-4)
    assert found[1].fields["candidates"] == []
    assert predicted(model, [ARTICLE], TitleOptions(candidates=4, seed=3))[0] == found[0]


def test_sentences_are_ranked_by_cosine(trained_once: TrainOnce) -> None:
    model = served(SIMILARITY, trained_once)
    lines = ("怎么退货", "今天天气不错", " 怎么退货 ", "", "如何退货")
    (found,) = predicted(model, ["怎么退货"], SimilarityOptions(lines=lines))
    rows = found.fields["lines"]
    assert isinstance(rows, list)
    assert {row["text"] for row in rows} == {"怎么退货", "今天天气不错", "如何退货"}
    assert rows[0] == {"text": "怎么退货", "cosine": pytest.approx(1, abs=1e-5)}
    one, other = model.api.predictor.vectors(["怎么退货", rows[1]["text"]])
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert rows[1]["cosine"] == pytest.approx(cosine, abs=1e-5)
    assert "neighbours" in predicted(model, ["怎么退货"], SimilarityOptions(lines=(" ",)))[0].fields
    assert model.api.cost(SimilarityOptions(lines=lines)) == 6


def test_verses_follow_the_options_of_a_request(trained_once: TrainOnce) -> None:
    model = served(POEM, trained_once)
    one, same, other = (
        predicted(model, ["春风"], PoemOptions(seed=seed, temperature=2))[0].text for seed in (1, 1, 2)
    )
    assert one == same != other
    assert one.startswith("春风")
    calm, wild = (
        model.compute(Generate(1, 5, PoemOptions(temperature=temperature)), [0]) for temperature in (0, 2)
    )
    assert calm != wild
    assert model.api.facts["can_rhyme"] is False
    (refused,) = model.compute(Predict(1, PoemOptions(rhyme=True)), ["春风"])
    assert isinstance(refused, Refusal) and refused.code == "no_rhyme"
    (failed,) = model.compute(Predict(1, PoemOptions()), ["春风ABC"])
    assert isinstance(failed, Refusal) and "A、B、C" in failed.message


def test_uploads_are_predicted_as_files_are(trained_once: TrainOnce, tmp_path: Path) -> None:
    model = served(DIGITS, trained_once)
    path = sample_images("digits", tmp_path)[0]
    upload = Upload("a.png", Path(path).read_bytes())
    by_path, by_upload, bad = model.compute(Predict(1, Options()), [path, upload, Upload("b", b"ftyp")])
    assert by_path == by_upload
    assert isinstance(bad, Refusal) and bad.message.startswith("b: this is not an image")
