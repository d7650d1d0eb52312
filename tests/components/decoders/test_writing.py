"""Beam search and sampling in NumPy, compared with the compiled loops and with a search by lists."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from nlpx.components.decoders.beam import Beam
from nlpx.components.decoders.largest import top
from nlpx.components.decoders.sample import Sample
from nlpx.components.decoders.sequence import Hypotheses, SequenceDecoder
from tests.components.decoders.toy import TableModel, search, texts

END = 1


def written(
    model: TableModel, decoder: SequenceDecoder, uniforms: np.ndarray, banned: tuple[int, ...] = ()
) -> Hypotheses:
    rows = len(model.log_probs)

    def step(
        memory: list[np.ndarray], tokens: np.ndarray, states: list[np.ndarray]
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        return model.log_probs[memory[0][:, None], states[0], tokens], [tokens]

    states = [np.full((rows, decoder.width), model.vocabulary)]
    start = model.vocabulary
    return decoder.write(step, [np.arange(rows)], states, uniforms, start=start, end=END, banned=banned)


@pytest.mark.parametrize(
    ("decoder", "banned"),
    [
        (Beam(size=1, max_length=5), ()),
        (Beam(size=3, alpha=0, max_length=8), (0,)),
        (Beam(size=4, alpha=1.3, min_length=3, max_length=9, block_ngrams=2), (0, 2)),
        (Beam(size=2, max_length=7, block_ngrams=1), ()),
        (Beam(size=2), (0, 1, 2, 3, 4)),  # nothing may be written
        (Beam(size=3, max_length=4), (END,)),
        (Beam(size=30, min_length=0, max_length=3), ()),
    ],
)
def test_beam_search_finds_the_same_texts(decoder: Beam, banned: tuple[int, ...]) -> None:
    model = TableModel.random(6, 5, seed=3)
    expected = model.decode(decoder, END, banned=banned, compiled=False)
    found = written(model, decoder, np.zeros((6, 0)), banned)
    assert texts(found, END) == texts(expected, END)
    assert np.allclose(found.scores, expected.scores, atol=1e-5)
    if len(banned) < 5 and decoder.size < 30:
        assert texts(found, END) == [
            search(partial(model.after, row), decoder, END, banned) for row in range(6)
        ]


@pytest.mark.parametrize(
    "decoder",
    [
        Sample(max_length=12),
        Sample(max_length=9, top_k=3, top_p=1, temperature=0.7, block_ngrams=2),
        Sample(max_length=6, top_k=1, min_length=4),
    ],
)
def test_sampling_draws_the_same_texts(decoder: Sample) -> None:
    model = TableModel.random(8, 5, seed=4)
    uniforms = np.random.default_rng(0).random((8, decoder.max_length), np.float32)
    expected = model.decode(decoder, END, uniforms, (0,), compiled=False)
    found = written(model, decoder, uniforms, (0,))
    assert texts(found, END) == texts(expected, END)
    assert np.allclose(found.scores, expected.scores, atol=1e-5)


def test_top_breaks_ties_by_place() -> None:
    values = np.array([[1.0, 3, 3, 2, 3], [-np.inf, -np.inf, 0, -np.inf, -np.inf]])
    found, places = top(values, 2)
    assert (found[0].tolist(), places.tolist()) == ([3, 3], [[1, 2], [2, 0]])
    assert top(values, 5)[1].tolist() == [[1, 2, 4, 3, 0], [2, 0, 1, 3, 4]]
