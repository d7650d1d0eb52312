"""The best path through candidates: the example of the article, and all paths one by one."""

from __future__ import annotations

from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.components.decoders.bigram_path import BigramPath
from nlpx.errors import DataError
from nlpx.text.additive_bigrams import AdditiveBigrams

CHARACTERS = [*"电宙柳视规"]
BIGRAMS = AdditiveBigrams({"电": 145001, "宙": 1980}, {"电视": 12426, "电规": 7, "宙规": 18})
BOXES = np.array([[0.99996, 0.00004, 0, 0, 0], [0, 0, 0.87838, 0.12148, 0.00012]])


def test_f21_bigrams_of_recognized_characters() -> None:
    """柳 is the most probable character of the second box; its bigram does not occur."""
    decoder = BigramPath(smoothing=0)
    path, score = decoder.best(BIGRAMS, BOXES, CHARACTERS)
    assert "".join(CHARACTERS[i] for i in path) == "电视"
    assert np.exp(score) == pytest.approx(0.0104099, abs=5e-8)
    without = BOXES * [1, 1, 1, 0, 1]
    _, second = decoder.best(BIGRAMS, without, CHARACTERS)
    assert np.exp(second) == pytest.approx(5.7928e-9, rel=1e-4)
    _, third = decoder.best(BIGRAMS, without * [0, 1, 1, 1, 1], CHARACTERS)
    assert np.exp(third) == pytest.approx(4.36e-11, rel=2e-3)


@given(seed=st.integers(0, 10**6), boxes=st.integers(1, 4), weight=st.sampled_from([0.5, 1.0, 2.0]))
@settings(deadline=None, max_examples=40)
def test_no_path_is_better(seed: int, boxes: int, weight: float) -> None:
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(5), boxes)
    counts = dict.fromkeys(CHARACTERS, 20)
    bigrams = AdditiveBigrams(
        counts, {a + b: int(rng.integers(0, 9)) for a, b in product(CHARACTERS, CHARACTERS)}
    )
    found, score = BigramPath(top=3, weight=weight).best(bigrams, shares, CHARACTERS)
    table = bigrams.probabilities(CHARACTERS, CHARACTERS, 1.0, 5)
    candidates = [np.argsort(-row)[:3] for row in shares]

    def value(path: tuple[int, ...]) -> float:
        moves = sum(weight * np.log(table[a, b]) for a, b in pairwise(path))
        return float(sum(np.log(row[i]) for row, i in zip(shares, path, strict=True)) + moves)

    best = max(product(*candidates), key=value)
    assert score == pytest.approx(value(best))
    assert value(tuple(found)) == pytest.approx(value(best))


def test_without_a_text_or_weight_every_box_is_decided_alone(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("电视电视\r\n电规\r\n", encoding="utf-8")
    file = str(tmp_path / "text.txt")
    for decoder, expected in (
        (BigramPath(), "电柳"),
        (BigramPath(text=file, weight=0), "电柳"),
        (BigramPath(text=file, smoothing=0.01), "电视"),
        (BigramPath(text=file, smoothing=0.01, top=1), "电柳"),
    ):
        path = decoder.prepare().decode(BOXES, CHARACTERS)
        assert "".join(CHARACTERS[i] for i in path) == expected
        assert decoder.prepare().decode(BOXES[:1], CHARACTERS) == [0]
        assert decoder.prepare().decode(BOXES[:0], CHARACTERS) == []


def test_nothing_that_occurs_is_no_error() -> None:
    path, score = BigramPath(smoothing=0).best(AdditiveBigrams({}, {}), BOXES, CHARACTERS)
    assert len(path) == 2 and score == -np.inf


def test_a_text_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_bytes("电视".encode("gb18030"))
    for name in ("text.txt", "nowhere.txt"):
        with pytest.raises(DataError, match=name):
            BigramPath(text=str(tmp_path / name)).prepare()
