"""Metrics of verses: bounds, active units, novelty."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.rhymes.table import RhymeTable
from nlpx.metrics.elbo import EvidenceLowerBound, importance_weighted
from nlpx.metrics.examples import VerseExample
from nlpx.metrics.novelty import Novelty
from nlpx.metrics.rhyme import Rhyme
from nlpx.text.verse import lines


def example(**fields: object) -> VerseExample:
    given: dict[str, object] = {
        "text": "一二三四五六七八九十",
        "answer": "一二三四五六七八九九",
        "right": 9,
        "nelbo": 50.0,
        "iw_nll": 48.0,
        "kl": 5.0,
        "mean": (0.0, 1.0),
        "composed": ("春风吹柳岸", "秋月满江城"),
        "copied": False,
        "composed_bigram": -40.0,
        "row_bigram": -30.0,
    }
    return VerseExample(**{**given, **fields})  # type: ignore[arg-type]  # fields by name


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=20))
def test_the_weighted_bound_is_that_of_the_definition(log_weights: list[float]) -> None:
    weights = np.array(log_weights)
    assert importance_weighted(weights) == pytest.approx(-np.log(np.exp(weights).mean()), abs=1e-9)
    assert importance_weighted(weights) <= -weights.mean() + 1e-9


def test_weights_beyond_the_range_of_floats() -> None:
    assert importance_weighted(np.array([-2000.0, -2000.0])) == pytest.approx(2000.0)


def test_means_over_rows() -> None:
    metric = EvidenceLowerBound()
    assert metric.result() == {}
    metric.update(example())
    metric.update(example(nelbo=60.0, iw_nll=50.0, kl=7.0, right=0))
    found = metric.result()
    assert (found["nelbo"], found["iw_nll"], found["kl"], found["reconstruction"]) == (55.0, 49.0, 6.0, 0.45)


def test_active_units_are_those_whose_mean_varies() -> None:
    rng = np.random.default_rng(0)
    means = 1000.0 + rng.normal(size=(200, 6)) * [0.0, 0.05, 0.09, 0.12, 0.5, 3.0]
    metric = EvidenceLowerBound()
    for mean in means:
        metric.update(example(mean=tuple(mean)))
    assert metric.result()["active_units"] == (means.var(axis=0) > 0.01).sum() == 3


def test_novelty() -> None:
    metric = Novelty()
    assert metric.result() == {}
    metric.update(example())
    metric.update(example(copied=True, composed=("春风吹柳岸", "春风吹柳岸"), composed_bigram=-20.0))
    found = metric.result()
    assert found["copied"] == 0.5
    assert found["composed_bigram"] == -60.0 / 20
    assert found["row_bigram"] == -60.0 / 20
    assert found["composed_distinct_1"] == 10 / 20
    assert found["composed_distinct_2"] == 8 / 16


def test_rhymes(tmp_path: Path) -> None:
    (tmp_path / "rhymes.tsv").write_text("麻\t花家霞\n尤\t秋楼\n", encoding="utf-8")
    metric = Rhyme(RhymeTable(file=str(tmp_path / "rhymes.tsv")).prepare())
    assert metric.result() == {}

    def quatrain(second: str, fourth: str) -> str:
        return f"一二三四五六七八九{second}一二三四秋六七八九{fourth}"

    pairs = [
        ("花", "家", True),
        ("花", "秋", False),
        ("花", "花", False),
        ("秋", "楼", True),
        ("山", "山", False),
    ]
    for second, fourth, rhymes in pairs:
        alone = Rhyme(RhymeTable(file=str(tmp_path / "rhymes.tsv")).prepare())
        for each in (metric, alone):
            each.update(example(text=quatrain("霞", "家"), composed=tuple(lines(quatrain(second, fourth)))))
        assert alone.result()["rhymed"] == rhymes
    assert metric.result() == {"rhymed": 0.4, "row_rhymed": 1.0}


def test_the_predictions_file_has_no_means() -> None:
    assert "mean" not in example().to_json()
    assert example().to_json()["composed"] == ("春风吹柳岸", "秋月满江城")
