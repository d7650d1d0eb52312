"""What a server of a model does with the options of a request; `tests/tasks` has the models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from nlpx.data.samples import find
from nlpx.serving.calls import Generate, Input, Options, Predict
from nlpx.serving.models import ServedModel, open_models
from nlpx.serving.refusal import Refusal
from nlpx.serving.tasks.poem import PoemOptions
from nlpx.serving.tasks.similarity import SimilarityOptions
from nlpx.serving.tasks.title import TitleOptions
from nlpx.specs.predictor import Prediction

ARTICLE = "今天，银溪市图书馆正式建成并对外开放。"


def served(path: Path) -> ServedModel:
    """The model of a run or a bundle; it fails the test if it raises."""

    def failed(name: str, error: BaseException) -> None:
        raise error

    (model,) = open_models(Path(), [str(path)], "auto", [], failed, lambda message: None).values()
    return model


def predicted(model: ServedModel, inputs: Sequence[Input], options: Options) -> list[Prediction]:
    """The predictions for inputs that no model refuses."""
    found = model.compute(Predict(model.api.cost(options), options), inputs)
    assert not any(isinstance(row, Refusal) for row in found)
    return [row for row in found if isinstance(row, Prediction)]


def title(model: ServedModel) -> None:
    """Candidates begin with the headline of the decoder, and have their likelihood."""
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
    shown, nothing = predicted(model, [ARTICLE, ""], TitleOptions(attention=True))
    attention = shown.fields["attention"]
    assert isinstance(attention, dict) and "attention" not in nothing.fields
    assert ("".join(attention["headline"]), "".join(attention["article"])) == (shown.text, ARTICLE)
    weights = np.array(attention["weights"])
    assert weights.shape == (len(attention["headline"]), len(attention["article"]))
    assert weights.sum(1) == pytest.approx(np.ones(len(weights)), abs=2e-3)


def similarity(model: ServedModel) -> None:
    """Lines of a request are ranked by their cosines."""
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


def poem(model: ServedModel) -> None:
    """Verses follow seed and temperature; couplets do not rhyme."""
    one, same, other = (
        predicted(model, ["春风"], PoemOptions(seed=seed, temperature=2))[0].text for seed in (1, 1, 2)
    )
    assert one == same != other
    assert one.startswith("春风")
    calm, again, wild = (
        [
            row.text
            for row in model.compute(Generate(1, seed, PoemOptions(temperature=t)), [1])
            if isinstance(row, Prediction)
        ]
        for seed, t in ((5, 0), (6, 0), (5, 3))
    )
    assert calm == again != wild
    verses = [row.parts[0] for row in islice(find("poem").rows("train"), 2)]
    few, many = (
        predicted(model, ["|".join(verses)], options)[0].fields["verses"]
        for options in (PoemOptions(), PoemOptions(steps=21))
    )
    # Five of the twenty-one verses are at the same places.
    assert isinstance(few, list) and isinstance(many, list)
    assert (len(few), many[::5]) == (5, few)
    assert model.api.cost(PoemOptions(steps=21)) == 21
    assert model.api.facts["can_rhyme"] is False
    (refused,) = model.compute(Predict(1, PoemOptions(rhyme=True)), ["春风"])
    assert isinstance(refused, Refusal) and refused.code == "no_rhyme"
    (failed,) = model.compute(Predict(1, PoemOptions()), ["春风ABC"])
    assert isinstance(failed, Refusal) and "A、B、C" in failed.message


CHECKS: dict[str, Callable[[ServedModel], None]] = {"title": title, "similarity": similarity, "poem": poem}
