"""Metrics of verses: bounds, active units, novelty, rhymes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.metrics.elbo import EvidenceLowerBound, importance_weighted
from nlpx.components.metrics.example import Bounds, Familiarity
from nlpx.components.metrics.novelty import Novelty
from nlpx.components.metrics.rhyme import Rhyme
from nlpx.components.rhymes.table import RhymeTable
from nlpx.text.verse import lines
from tests.components.metrics.measuring import measure

BOUNDS = Bounds(right=9, nelbo=50.0, iw_nll=48.0, kl=5.0, mean=(0.0, 1.0))
TEXT = "一二三四五六七八九十"


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=20))
def test_the_weighted_bound_is_that_of_the_definition(log_weights: list[float]) -> None:
    weights = np.array(log_weights)
    assert importance_weighted(weights) == pytest.approx(-np.log(np.exp(weights).mean()), abs=1e-9)
    assert importance_weighted(weights) <= -weights.mean() + 1e-9


def test_weights_beyond_the_range_of_floats() -> None:
    assert importance_weighted(np.array([-2000.0, -2000.0])) == pytest.approx(2000.0)


def bounds(*all_bounds: Bounds) -> dict[str, float]:
    return measure(
        EvidenceLowerBound(), [SimpleNamespace(elbo=each, source_text=TEXT) for each in all_bounds]
    )


def test_means_over_records() -> None:
    assert bounds(BOUNDS, BOUNDS._replace(nelbo=60.0, iw_nll=50.0, kl=7.0, right=0)) == {
        "nelbo": 55.0,
        "iw_nll": 49.0,
        "kl": 6.0,
        "reconstruction": 0.45,
        "active_units": 0,
    }


def test_active_units_are_those_whose_mean_varies() -> None:
    rng = np.random.default_rng(0)
    means = 1000.0 + rng.normal(size=(200, 6)) * [0.0, 0.05, 0.09, 0.12, 0.5, 3.0]
    found = bounds(*(BOUNDS._replace(mean=tuple(mean)) for mean in means))
    assert found["active_units"] == (means.var(axis=0) > 0.01).sum() == 3


def test_novelty() -> None:
    verses = [
        (("春风吹柳岸", "秋月满江城"), Familiarity(copied=False, composed_bigram=-40.0, row_bigram=-30.0)),
        (("春风吹柳岸", "春风吹柳岸"), Familiarity(copied=True, composed_bigram=-20.0, row_bigram=-30.0)),
    ]
    examples = [SimpleNamespace(generated=made, familiarity=near, source_text=TEXT) for made, near in verses]
    assert measure(Novelty(), examples) == {
        "copied": 0.5,
        "composed_distinct_1": 10 / 20,
        "composed_distinct_2": 8 / 16,
        "composed_bigram": -60.0 / 20,
        "row_bigram": -60.0 / 20,
    }


@pytest.mark.parametrize(
    ("second", "fourth", "rhymed"),
    [("花", "家", 1), ("花", "秋", 0), ("花", "花", 0), ("秋", "楼", 1), ("山", "山", 0)],
)
def test_rhymes(tmp_path: Path, second: str, fourth: str, rhymed: float) -> None:
    (tmp_path / "rhymes.tsv").write_text("麻\t花家霞\n尤\t秋楼\n", encoding="utf-8")
    metric = Rhyme(rhymes=RhymeTable(file=str(tmp_path / "rhymes.tsv")))

    def quatrain(second: str, fourth: str) -> str:
        return f"一二三四五六七八九{second}一二三四秋六七八九{fourth}"

    generated = tuple(lines(quatrain(second, fourth)))
    example = SimpleNamespace(generated=generated, source_text=quatrain("霞", "家"))
    assert measure(metric, [example]) == {"rhymed": rhymed, "row_rhymed": 1.0}
