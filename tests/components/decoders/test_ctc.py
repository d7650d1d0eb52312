"""Decoders of frames against all paths one by one, and what those of Keras do."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import groupby, pairwise, product
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax, logsumexp

from nlpx.components.decoders.ctc_beam import WEIGHTS, CTCBeam
from nlpx.components.decoders.ctc_greedy import CTCGreedy
from nlpx.errors import DataError
from nlpx.text.additive_bigrams import AdditiveBigrams

CHARACTERS = ("<unk>", *"甲乙丙")
CASES = given(seed=st.integers(0, 10**6), frames=st.integers(1, 5), scale=st.sampled_from([1.0, 4.0]))
LINES = "甲乙甲乙丙\n乙甲甲\n丙\n"


def frames_like(seed: int, frames: int, scale: float) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(size=(frames, len(CHARACTERS))) * scale
    return log_softmax(logits, -1).astype(np.float32)


def all_texts(log_probs: np.ndarray) -> dict[str, float]:
    """log p of every text, summed over all paths that spell it, in float64."""
    paths: defaultdict[str, list[float]] = defaultdict(list)
    for path in product(range(len(CHARACTERS)), repeat=len(log_probs)):
        text = "".join(CHARACTERS[label] for label, _ in groupby(path) if label)
        paths[text].append(log_probs.astype(np.float64)[range(len(path)), path].sum())
    return {text: float(logsumexp(scores)) for text, scores in paths.items()}


@CASES
@settings(deadline=None, max_examples=25)
def test_a_wide_beam_finds_the_most_probable_text(seed: int, frames: int, scale: float) -> None:
    log_probs = frames_like(seed, frames, scale)
    expected = all_texts(log_probs)
    assert math.fsum(map(math.exp, expected.values())) == pytest.approx(1, abs=1e-5)
    text, score = CTCBeam(size=1000).decode(log_probs, CHARACTERS)
    assert expected[text] == pytest.approx(max(expected.values()), abs=1e-9)
    assert score == pytest.approx(expected[text], abs=1e-9)


@CASES
@settings(deadline=None, max_examples=25)
def test_the_language_model_is_added_as_documented(seed: int, frames: int, scale: float) -> None:
    log_probs = frames_like(seed, frames, scale)
    decoder = CTCBeam(size=1000, text="any", weight=0.7, smoothing=0.5)
    decoder._counted.append(AdditiveBigrams.of(LINES.splitlines()))

    def language(text: str) -> float:
        def count(part: str) -> int:
            return sum(line[i:].startswith(part) for line in LINES.splitlines() for i in range(len(line)))

        return sum(0.7 * math.log(3 * (count(a + b) + 0.5) / (count(a) + 0.5 * 3)) for a, b in pairwise(text))

    expected = {text: score + language(text) for text, score in all_texts(log_probs).items()}
    text, _ = decoder.decode(log_probs, CHARACTERS)
    assert expected[text] == pytest.approx(max(expected.values()), abs=1e-9)


@CASES
@settings(deadline=None, max_examples=25)
def test_greedy_is_the_text_of_the_best_path(seed: int, frames: int, scale: float) -> None:
    log_probs = frames_like(seed, frames, scale)
    best = max(
        product(range(4), repeat=frames), key=lambda path: sum(log_probs[t, k] for t, k in enumerate(path))
    )
    text, score = CTCGreedy().decode(log_probs, CHARACTERS)
    assert text == "".join(CHARACTERS[label] for label, _ in groupby(best) if label)
    assert score == pytest.approx(log_probs.astype(np.float64)[range(frames), best].sum(), abs=1e-9)


def test_all_paths_together_can_beat_the_best_path() -> None:
    log_probs = np.log(np.array([[0.6, 0.4], [0.6, 0.4]]))
    for decoder, text, share in ((CTCGreedy(), "", 0.36), (CTCBeam(), "甲", 0.64)):
        found, score = decoder.decode(log_probs, "-甲")
        assert found == text and score == pytest.approx(np.log(share))


def test_those_of_keras_agree() -> None:
    """They agree for rows of several lengths; there is no place for a language model in them."""
    rows = [frames_like(seed, 5, 1.0) for seed in range(12)]
    lengths = np.array([5, 4, 3, 2, 5, 4, 3, 1, 5, 4, 2, 1])

    def theirs(strategy: str) -> list[str]:
        found, _ = keras.ops.ctc_decode(np.array(rows), lengths, strategy=strategy, beam_width=1000)
        return ["".join(CHARACTERS[i] for i in row if i >= 0) for row in np.asarray(found[0])]

    cut = [row[:n] for row, n in zip(rows, lengths, strict=True)]
    assert theirs("greedy") == [CTCGreedy().decode(row, CHARACTERS)[0] for row in cut]
    assert theirs("beam_search") == [CTCBeam(size=1000).decode(row, CHARACTERS)[0] for row in cut]


def test_no_frames_give_no_text() -> None:
    empty = np.zeros((0, 4), np.float32)
    assert CTCGreedy().decode(empty, CHARACTERS) == CTCBeam().decode(empty, CHARACTERS) == ("", 0.0)


def test_impossible_scores_are_no_obstacle() -> None:
    with np.errstate(divide="ignore"):
        log_probs = np.log(np.array([[0.0, 1, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0]]))
    assert (
        CTCGreedy().decode(log_probs, CHARACTERS)[0] == CTCBeam().decode(log_probs, CHARACTERS)[0] == "甲甲"
    )


def test_the_chosen_weight_has_the_fewest_errors(tmp_path: Path) -> None:
    """乙 follows 甲 in the text, and the frames waver between 乙 and 丙."""
    (tmp_path / "text.txt").write_text("甲乙\n" * 50, encoding="utf-8")
    decoder = CTCBeam(text=str(tmp_path / "text.txt")).prepare()
    line = np.log(np.array([[0.01, 0.97, 0.01, 0.01], [0.01, 0.01, 0.4, 0.58]]))
    assert decoder.decode(line, CHARACTERS, 0.0)[0] == "甲丙"
    assert decoder.decode(line, CHARACTERS, 1.0)[0] == "甲乙"
    assert decoder.choose([line], ["甲丙"], CHARACTERS) == 0
    chosen = decoder.choose([line], ["甲乙"], CHARACTERS)
    assert (
        chosen
        == min(weight for weight in WEIGHTS if decoder.decode(line, CHARACTERS, weight)[0] == "甲乙")
        > 0
    )
    assert CTCBeam(text="any", weight=0.0).decode(line, CHARACTERS, 1.0)[0] == "甲丙"


def test_a_text_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_bytes("甲乙".encode("gb18030"))
    with pytest.raises(DataError, match=r"text\.txt:1: "):
        CTCBeam(text=str(tmp_path / "text.txt")).prepare()
