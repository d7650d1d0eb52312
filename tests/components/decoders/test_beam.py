"""Beam search: against enumeration, against a search written with lists, and on the worked example."""

from __future__ import annotations

import math
from functools import partial
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.components.decoders.beam import Beam
from tests.components.decoders.toy import TableModel, Texts, search, texts

END = 0


def test_f27_worked_example() -> None:
    """p(a)=.6, p(c)=.4; p(b|a)=.55, p(d|a)=.45, p(b|c)=.1, p(d|c)=.9: greedy finds a b, two beams c d."""
    a, b, c, d, end = range(5)
    probabilities = np.full((1, 6, 6, 5), 1e-9)
    start = 5
    probabilities[0, start, start, [a, c]] = 0.6, 0.4
    probabilities[0, start, a, [b, d]] = 0.55, 0.45
    probabilities[0, start, c, [b, d]] = 0.1, 0.9
    probabilities[0, :start, :, end] = 1
    model = TableModel(np.log(probabilities))
    greedy = model.decode(Beam(size=1, alpha=0, max_length=5), end)
    beam = model.decode(Beam(size=2, alpha=0, max_length=5), end)
    assert texts(greedy, end) == [(a, b, end)]
    assert texts(beam, end) == [(c, d, end)]
    assert math.exp(greedy.scores[0]) == pytest.approx(0.33, abs=1e-6)
    assert math.exp(beam.scores[0]) == pytest.approx(0.36, abs=1e-6)


@pytest.mark.parametrize("alpha", [0.0, 0.7, 1.0])
def test_a_wide_beam_finds_the_best_of_all_texts(alpha: float) -> None:
    vocabulary, length = 4, 4
    model = TableModel.random(5, vocabulary, seed=1)
    decoder = Beam(size=vocabulary**length, alpha=alpha, min_length=0, max_length=length)
    every = [(*inner, END) for size in range(length) for inner in product(range(1, vocabulary), repeat=size)]

    def rank(row: int, text: Texts) -> float:
        return model.score(row, text) / len(text) ** alpha

    best = [max(every, key=partial(rank, row)) for row in range(5)]
    found = model.decode(decoder, END)
    assert texts(found, END) == best
    assert found.scores == pytest.approx([model.score(row, text) for row, text in enumerate(best)], abs=1e-5)


@settings(max_examples=30)
@given(
    st.integers(1, 4),
    st.sampled_from([0.0, 0.6, 1.0, 2.0]),
    st.integers(0, 6),
    st.integers(1, 7),
    st.integers(0, 3),
    st.booleans(),
    st.integers(0, 10**6),
)
def test_equals_the_search_over_lists(
    size: int, alpha: float, shortest: int, longest: int, block: int, ban: bool, seed: int
) -> None:
    rows = 8  # cost no more than one
    model = TableModel.random(rows, 6, seed)
    decoder = Beam(
        size=size, alpha=alpha, min_length=min(shortest, longest - 1), max_length=longest, block_ngrams=block
    )
    banned = (3,) if ban else ()
    assert texts(model.decode(decoder, END, banned=banned, compiled=False), END) == [
        search(partial(model.after, row), decoder, END, banned) for row in range(rows)
    ]


def test_one_beam_is_greedy() -> None:
    model = TableModel.random(6, 7, seed=4)
    expected = []
    for row in range(6):
        text: Texts = ()
        while not text or (text[-1] != END and len(text) < 9):
            text = (*text, int(model.after(row, text).argmax()))
        expected.append(text)
    found = model.decode(Beam(size=1, alpha=1.3, min_length=0, max_length=9), END)
    assert texts(found, END) == expected
    assert {len(text) for text in expected} > {9}, "some end early, some never"


def test_a_finished_hypothesis_is_never_extended() -> None:
    """After the end the model would go on with probability 1; nothing of that may be counted or written."""
    probabilities = np.full((1, 4, 4, 3), 1e-6)
    probabilities[0, 3, 3] = [0.5, 0.3, 0.2]  # the end, 1, 2
    probabilities[0, :, END, 1] = 1
    probabilities[0, 3, 1:3, END] = 0.9
    found = TableModel(np.log(probabilities)).decode(Beam(size=3, alpha=0, min_length=0, max_length=8), END)
    assert texts(found, END) == [(END,)]
    assert math.exp(found.scores[0]) == pytest.approx(0.5)


def test_nothing_ends_within_the_limit() -> None:
    model = TableModel.random(2, 5, seed=2)
    decoder = Beam(size=3, max_length=4)
    found = model.decode(decoder, END, banned=(END,))
    assert not found.finished.any()
    assert found.lengths.tolist() == [4, 4]
    assert texts(found, END) == [search(partial(model.after, row), decoder, END, (END,)) for row in range(2)]


def test_where_nothing_may_come_next_the_best_text_stays_unfinished() -> None:
    """No character twice, no end before the fifth token, three characters: after those nothing is left."""
    model = TableModel.random(4, 4, seed=3)
    decoder = Beam(size=2, min_length=5, max_length=8, block_ngrams=1)
    found = model.decode(decoder, END)
    assert not found.finished.any()
    assert found.lengths.tolist() == [3] * 4
    written = texts(found, END)
    assert [sorted(text) for text in written] == [[1, 2, 3]] * 4
    assert written == [search(partial(model.after, row), decoder, END) for row in range(4)]
    np.testing.assert_allclose(
        found.scores, [model.score(row, text) for row, text in enumerate(written)], rtol=1e-5
    )


def test_nothing_may_come_at_all() -> None:
    found = TableModel.random(2, 3, seed=5).decode(Beam(size=2), END, banned=(0, 1, 2))
    assert (texts(found, END), found.scores.tolist()) == ([(), ()], [0.0, 0.0])


def test_the_loop_is_traced_once() -> None:
    model = TableModel.random(2, 5, seed=2)
    model.decode(Beam(size=2, max_length=20), END)
    assert model.calls <= 2
