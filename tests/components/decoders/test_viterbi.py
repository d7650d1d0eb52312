"""Viterbi in NumPy, with and without the tags of words, against enumeration of all paths."""

from __future__ import annotations

from itertools import pairwise, product
from math import log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.decoders.viterbi import Viterbi, viterbi
from nlpx.text.dictionary import UserDictionary
from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS, TAGS, words_of
from tests.layers.brute_force import AllPaths

SEEDS = st.integers(0, 2**32 - 1)
GOOD = [
    [3.17, 2.16, -3.97, -2.04],
    [-3.89, -0.451, 1.67, 0.874],
    [-3.9, -4.41, 3.82, 2.45],
    [1.88, 0.991, -2.48, -0.247],
]


@given(
    st.lists(st.integers(0, 5), max_size=5),
    st.integers(1, 4),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_equals_the_best_of_all_paths(
    lengths: list[int], tags: int, ends: bool, forbid: bool, whole: bool, seed: int
) -> None:
    """Whole numbers make ties, which go to the lower tag; what is forbidden is -inf; 0 0 0 ... is allowed."""
    rng = np.random.default_rng(seed)

    def scores(*shape: int) -> np.ndarray:
        values = rng.integers(-1, 2, shape).astype(np.float64) if whole else rng.normal(size=shape) * 10
        if forbid and len(shape) < 3:
            forbidden = rng.random(shape) < 0.4
            forbidden.flat[0] = False
            values[forbidden] = -np.inf
        return values

    emissions = scores(len(lengths), max(lengths, default=0) + 1, tags)
    transitions = scores(tags, tags)
    start, stop = (scores(tags), scores(tags)) if ends else (None, None)
    paths, found = viterbi(emissions, lengths, transitions, start, stop)
    zeros = np.zeros(tags)
    for row, length in enumerate(lengths):
        every = AllPaths(
            emissions[row, :length],
            transitions,
            zeros if start is None else start,
            zeros if stop is None else stop,
        )
        best, score = every.best
        assert paths[row].tolist() == best.tolist()
        assert paths[row].dtype == np.int32
        assert found[row] == pytest.approx(score, abs=1e-9)


def test_f2_words_of_the_article() -> None:
    frames = [
        [0.2, 1, 0.1, 0.3],
        [0.4, 0.1, 0.2, 0.9],
        [0.8, 0.9, 0.3, 0.1],
        [0.1, 0.2, 0.7, 0.9],
        [1, 0.2, 0.1, 0.3],
    ]
    emissions = np.array([frames], np.float32)
    start, stop = np.where(LEGAL_START, 0, -np.inf), np.where(LEGAL_STOP, 0, -np.inf)
    for ends, word, expected in (((None, None), "mmmmm", 16.68), ((start, stop), "sssss", 15.18)):
        (path,), (score,) = viterbi(emissions, [5], np.array(GOOD), *ends)
        assert "".join(TAGS[tag] for tag in path) == word
        assert score == pytest.approx(expected, abs=1e-5)


def test_long_constrained_rows_are_legal() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 200, 50)
    transitions, start, stop = (
        np.where(legal, rng.normal(size=legal.shape), -np.inf)
        for legal in (LEGAL_TRANSITIONS, LEGAL_START, LEGAL_STOP)
    )
    paths, scores = viterbi(rng.normal(size=(50, 200, 4)) * 1e4, lengths, transitions, start, stop)
    assert np.isfinite(scores).all()
    for path, length in zip(paths, lengths, strict=True):
        assert len(path) == length
        assert LEGAL_START[path[0]] and LEGAL_STOP[path[-1]]
        assert LEGAL_TRANSITIONS[path[:-1], path[1:]].all()


def test_a_row_without_a_legal_path_scores_minus_infinity() -> None:
    _, scores = viterbi(np.zeros((2, 3, 2)), [3, 1], np.full((2, 2), -np.inf))
    assert scores.tolist() == [-np.inf, 0.0]


def best_path(
    scores: np.ndarray,
    transitions: np.ndarray,
    start: np.ndarray,
    stop: np.ndarray,
) -> tuple[int, ...]:
    """Over all legal paths."""

    def allowed(path: tuple[int, ...]) -> bool:
        return bool(
            LEGAL_START[path[0]]
            and LEGAL_STOP[path[-1]]
            and all(LEGAL_TRANSITIONS[s] for s in pairwise(path))
        )

    def total(path: tuple[int, ...]) -> float:
        frames = sum(scores[i, tag] for i, tag in enumerate(path))
        return float(start[path[0]] + frames + sum(transitions[s] for s in pairwise(path)) + stop[path[-1]])

    paths = product(range(len(TAGS)), repeat=len(scores))
    return max(filter(allowed, paths), key=total, default=())


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.booleans(), st.booleans(), SEEDS)
def test_equals_the_best_of_all_legal_paths(lengths: list[int], crf: bool, ends: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(sum(lengths), 4)).astype(np.float32)
    transitions = rng.normal(size=(4, 4)).astype(np.float32) if crf else None
    start, stop = rng.normal(size=(2, 4)).astype(np.float32) if crf and ends else (None, None)
    texts = ["天" * length for length in lengths]
    found = Viterbi().decode(texts, scores, np.array(lengths), transitions, start, stop)
    zeros, end = np.zeros(4), 0
    for length in lengths:
        end += length
        expected = (
            best_path(
                scores[end - length : end],
                np.zeros((4, 4)) if transitions is None else transitions,
                zeros if start is None else start,
                zeros if stop is None else stop,
            )
            if length
            else ()
        )
        assert tuple(found[end - length : end].tolist()) == expected


@given(st.text("微信号的", min_size=1, max_size=5), st.floats(0.01, 100), st.booleans(), SEEDS)
def test_a_dictionary_multiplies_probabilities(
    tmp_path_factory: pytest.TempPathFactory, text: str, factor: float, crf: bool, seed: int
) -> None:
    path = tmp_path_factory.mktemp("dictionary") / "words.csv"
    path.write_text(f"微信号,{factor!r}\n信号,{factor!r}\n的\t2\n", encoding="utf-8")
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(len(text), 4))
    transitions = rng.normal(size=(4, 4)) if crf else np.zeros((4, 4))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for word, times in (("微信号", factor), ("信号", factor), ("的", 2)):
        for at in range(len(text)):
            if text.startswith(word, at):
                for offset, tag in enumerate([0] if len(word) == 1 else [1, *[2] * (len(word) - 2), 3]):
                    probabilities[at + offset, tag] *= times
    decoder = Viterbi(dictionary=str(path)).prepare()
    before = logits.copy()
    tags = decoder.decode([text], logits, np.array([len(text)]), transitions if crf else None)
    np.testing.assert_array_equal(logits, before)
    assert tuple(tags.tolist()) == best_path(np.log(probabilities), transitions, np.zeros(4), np.zeros(4))


def test_joining_and_splitting_words(tmp_path: Path) -> None:
    text = "我的微信号"
    scores = np.log(np.full((10, 4), 0.1, np.float32))
    for i, tag in enumerate("sssbe" + "ssbme"):  # in the second text, 微信号 is one word already
        scores[i, TAGS.index(tag)] = log(0.7)

    def words(dictionary: str | None, row: int) -> str:
        decoder = Viterbi(dictionary=dictionary).prepare()
        tags = decoder.decode([text, text], scores, np.array([5, 5]))
        return "/".join(words_of(text, tags[5 * row : 5 * row + 5]))

    path = tmp_path / "words.csv"
    path.write_text("微信号,10", encoding="utf-8")
    assert words(None, 0) == "我/的/微/信号"
    assert words(str(path), 0) == "我/的/微信号"
    path.write_text("微信号,0.01", encoding="utf-8")
    assert words(None, 1) == "我/的/微信号"
    assert "微信号" not in words(str(path), 1).split("/")


def test_a_batch_without_matches_is_not_changed_by_a_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text("微信号,10", encoding="utf-8")
    assert UserDictionary.load(path).bias("天地") is None
    scores = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    lengths = np.array([4, 0, 2])
    texts = ["天地玄黄", "", "宇宙"]
    plain = Viterbi().decode(texts, scores, lengths, np.array(GOOD))
    biased = Viterbi(dictionary=str(path)).prepare().decode(texts, scores, lengths, np.array(GOOD))
    assert plain.tolist() == biased.tolist()


@pytest.mark.parametrize("rows", [0, 2])
def test_empty_texts(rows: int) -> None:
    tags = Viterbi().decode([""] * rows, np.zeros((0, 4), np.float32), np.zeros(rows, np.int64))
    assert tags.shape == (0,) and tags.dtype == np.int32


@pytest.mark.parametrize(("rows", "length"), [(0, 0), (0, 3), (2, 0)])
def test_empty_batches(rows: int, length: int) -> None:
    paths, scores = viterbi(np.zeros((rows, length, 4)), np.zeros(rows, np.int64), np.array(GOOD))
    assert [len(path) for path in paths] == [0] * rows == scores.tolist()
