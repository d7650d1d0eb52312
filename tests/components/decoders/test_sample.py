"""Sample: the distribution that is drawn from, and what the options cut away."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from nlpx.components.decoders.beam import Beam
from nlpx.components.decoders.sample import Sample
from tests.components.decoders.toy import TableModel, texts

END = 0
PROBABILITIES = np.array([0.05, 0.4, 0.25, 0.2, 0.1])


def first_tokens(decoder: Sample, rows: int = 4000) -> np.ndarray:
    """Shares of the first token in many rows of one model."""
    table = np.broadcast_to(np.log(PROBABILITIES), (rows, 6, 6, 5))
    numbers = np.random.default_rng(0).random((rows, decoder.max_length), np.float32)
    found = TableModel(table).decode(decoder, END, numbers)
    return np.bincount(found.tokens[:, 0], minlength=5) / rows


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"top_p": 1.0}, PROBABILITIES),
        ({"top_p": 1.0, "top_k": 2}, [0, 0.4, 0.25, 0, 0]),
        ({"top_p": 0.5}, [0, 0.4, 0.25, 0, 0]),
        ({"top_p": 0.3}, [0, 1, 0, 0, 0]),
        ({"top_p": 1.0, "temperature": 0.5}, PROBABILITIES**2),
        ({"top_p": 1.0, "min_length": 1}, [0, 0.4, 0.25, 0.2, 0.1]),
    ],
)
def test_frequencies(options: dict[str, float], expected: np.ndarray) -> None:
    decoder = Sample.model_validate({"min_length": 0, "max_length": 2, **options})
    shares = np.asarray(expected) / np.sum(expected)
    # 4,000 draws: a standard deviation is at most 0.008.
    np.testing.assert_allclose(first_tokens(decoder), shares, atol=0.03)
    assert not first_tokens(decoder)[shares == 0].any()


def test_the_best_token_alone_is_greedy() -> None:
    model = TableModel.random(6, 7, seed=4)
    numbers = np.random.default_rng(1).random((6, 9), np.float32)
    greedy = model.decode(Beam(size=1, max_length=9), END)
    drawn = model.decode(Sample(top_k=1, max_length=9), END, numbers)
    assert texts(drawn, END) == texts(greedy, END)
    np.testing.assert_allclose(drawn.scores, greedy.scores, rtol=1e-5)


def test_numbers_at_the_edges() -> None:
    table = np.broadcast_to(np.log(PROBABILITIES), (2, 6, 6, 5))
    numbers = np.array([[0.0], [np.nextafter(np.float32(1), np.float32(0))]], np.float32)
    found = TableModel(table).decode(Sample(top_p=1.0, min_length=0, max_length=1), END, numbers)
    assert found.tokens[:, 0].tolist() == [1, 0]


def test_a_text_has_the_same_numbers_in_every_batch() -> None:
    decoder = Sample(seed=3)
    among = decoder.uniforms(["甲", "乙", "甲"])
    np.testing.assert_array_equal(among[[0, 2]], decoder.uniforms(["甲", "甲"]))
    assert (among[0] != among[1]).any()
    assert (Sample(seed=4).uniforms(["甲"]) != among[:1]).any()
    assert decoder.uniforms([]).shape == (0, 64)


def test_blocked_ngrams_do_not_come_again() -> None:
    model = TableModel.random(20, 4, seed=9)
    numbers = np.random.default_rng(2).random((20, 12), np.float32)
    decoder = Sample(top_p=1.0, max_length=12, block_ngrams=2)
    for text in texts(model.decode(decoder, END, numbers), END):
        grams = list(pairwise(text))
        assert len(set(grams)) == len(grams)


def test_where_nothing_may_come_next_the_text_stays_unfinished() -> None:
    """No character twice, no end before the fifth token, three characters: after those nothing is left."""
    model = TableModel.random(6, 4, seed=3)
    numbers = np.random.default_rng(5).random((6, 8), np.float32)
    found = model.decode(Sample(top_p=1.0, min_length=5, max_length=8, block_ngrams=1), END, numbers)
    assert not found.finished.any()
    written = texts(found, END)
    assert [sorted(text) for text in written] == [[1, 2, 3]] * 6
    np.testing.assert_allclose(
        found.scores, [model.score(row, text) for row, text in enumerate(written)], rtol=1e-5
    )


def test_a_row_without_a_next_token_does_not_stop_the_others() -> None:
    table = np.zeros((2, 4, 4, 3))
    table[1] = -np.inf
    numbers = np.full((2, 5), 0.999, np.float32)
    found = TableModel(table).decode(Sample(top_p=1.0, min_length=4, max_length=5), END, numbers)
    assert found.lengths.tolist() == [5, 0]
    assert np.isfinite(found.scores).all()
