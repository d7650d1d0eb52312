"""The exact decoder under the four rules of couplets."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nlpx.components.decoders.argmax import Argmax
from nlpx.components.decoders.base import PLACEHOLDER
from nlpx.components.decoders.couplet_rules import CoupletRules
from nlpx.components.metrics.rule_violations import RuleViolations
from nlpx.tasks.couplet.example import CoupletExample
from nlpx.text.punctuation import is_punctuation

TOKENS = ["<unk>", *"，。天地人山水花鸟月"]
LARGE = ["<unk>", *"，。！", *map(chr, range(0x4E00, 0x4E00 + 400))]
NO_BLANK = st.characters(exclude_categories=["Cs"]).filter(lambda char: not char.isspace())
ANY_UPPER = st.text(NO_BLANK, max_size=20)
KNOWN_UPPER = st.text(st.sampled_from(LARGE[1:20]), max_size=16)
SEEDS = st.integers(0, 2**32 - 1)
UNTIMED = settings(deadline=None)  # the first assignment imports SciPy


def log_probs(length: int, size: int, seed: int) -> np.ndarray:
    """Log-probabilities; the positions resemble each other, so that their best answers collide."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=size) * 2 + rng.normal(size=(length, size))
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), np.float32)


def violations(upper: str, lower: str) -> dict[str, float]:
    metric = RuleViolations()
    metric.update(CoupletExample(upper, upper, lower, 0.0, len(upper)))
    return metric.result()


def total(lower: str, scores: np.ndarray, tokens: list[str], positions: list[int]) -> float:
    return float(sum(np.float64(scores[i, tokens.index(lower[i])]) for i in positions))


def best_total(upper: str, scores: np.ndarray, tokens: list[str]) -> float:
    """Over every legal lower line."""
    plain = [i for i, c in enumerate(upper) if not is_punctuation(c)]
    distinct = list(dict.fromkeys(upper[i] for i in plain))
    allowed = [t for t in tokens[1:] if not is_punctuation(t) and t not in upper]
    return max(
        sum(float(scores[i, tokens.index(answer[distinct.index(upper[i])])]) for i in plain)
        for answer in permutations(allowed, len(distinct))
    )


@UNTIMED
@given(ANY_UPPER | KNOWN_UPPER, SEEDS)
def test_no_rule_is_ever_broken(upper: str, seed: int) -> None:
    lower = CoupletRules().decode(upper, log_probs(len(upper), len(LARGE), seed), LARGE)
    assert len(lower) == len(upper)
    assert not any(violations(upper, lower).values())
    answered = [c for u, c in zip(upper, lower, strict=True) if not is_punctuation(u)]
    assert all(c in LARGE and not is_punctuation(c) for c in answered)


@UNTIMED
@given(st.text("天地人山，龘🎉", max_size=6), SEEDS)
def test_equals_the_best_of_all_legal_lines(upper: str, seed: int) -> None:
    scores = log_probs(len(upper), len(TOKENS), seed)
    plain = [i for i, c in enumerate(upper) if not is_punctuation(c)]
    assume(len({upper[i] for i in plain}) <= sum(t not in upper for t in "天地人山水花鸟月"))
    lower = CoupletRules().decode(upper, scores, TOKENS)
    assert total(lower, scores, TOKENS, plain) == pytest.approx(best_total(upper, scores, TOKENS), abs=1e-4)


@UNTIMED
@given(KNOWN_UPPER, SEEDS)
def test_equals_argmax_where_that_keeps_the_rules(upper: str, seed: int) -> None:
    assume(not any(map(is_punctuation, upper)))
    scores = log_probs(len(upper), len(LARGE), seed) * 5
    free = Argmax().decode(upper, scores, LARGE)
    assume(not any(map(is_punctuation, free)) and not any(violations(upper, free).values()))
    assert CoupletRules().decode(upper, scores, LARGE) == free


@UNTIMED
@given(st.text("天地人山，", min_size=1, max_size=8), SEEDS)
def test_what_is_added_to_a_position_changes_nothing(upper: str, seed: int) -> None:
    scores = log_probs(len(upper), len(LARGE), seed).astype(np.float64)
    shifts = np.random.default_rng(seed).normal(size=(len(upper), 1)) * 10
    decoder = CoupletRules()
    assert decoder.decode(upper, scores, LARGE) == decoder.decode(upper, scores + shifts, LARGE)


def test_tied_positions_add_their_scores() -> None:
    tokens = ["<unk>", *"天山水"]
    scores = np.log([[0.1, 0.1, 0.5, 0.3], [0.1, 0.1, 0.1, 0.7]])
    assert CoupletRules().decode("天天", scores, tokens) == "水水"


def test_the_whole_line_decides_who_gets_a_wanted_answer() -> None:
    tokens = ["<unk>", *"山水花"]
    scores = np.log([[0.1, 0.6, 0.25, 0.05], [0.1, 0.5, 0.05, 0.35]])
    assert CoupletRules().decode("天地", scores, tokens) == "山花"
    scores = np.log([[0.1, 0.6, 0.25, 0.05], [0.1, 0.7, 0.05, 0.15]])
    assert CoupletRules().decode("天地", scores, tokens) == "水山"


def test_two_unknown_characters_are_different_ones() -> None:
    scores = np.zeros((3, len(TOKENS)), np.float32)
    scores[:, 3] = 5
    lower = CoupletRules().decode("龘靐龘", scores, TOKENS)
    assert lower[0] == lower[2] != lower[1]


@pytest.mark.parametrize("upper", ["", "，", "，。！？", "🎉", "天", "\x00", "👩‍👩‍👧"])
def test_unusual_lines_are_answered(upper: str) -> None:
    lower = CoupletRules().decode(upper, log_probs(len(upper), len(TOKENS), 0), TOKENS)
    assert len(lower) == len(upper)
    assert not any(violations(upper, lower).values())
    if all(map(is_punctuation, upper)):
        assert lower == upper


def test_an_empty_line_needs_no_columns() -> None:
    assert CoupletRules().decode("", np.zeros((0, 0), np.float32), TOKENS) == ""


@UNTIMED
@given(st.integers(0, 3), SEEDS)
def test_a_vocabulary_that_is_too_small_leaves_placeholders(allowed: int, seed: int) -> None:
    tokens = ["<unk>", "，", *"山水花"[:allowed]]
    upper = "一二，三四三"
    scores = log_probs(len(upper), len(tokens), seed)
    lower = CoupletRules().decode(upper, scores, tokens)
    answers = dict(zip(upper, lower, strict=True))
    assert "".join(answers[c] for c in upper) == lower
    assert answers.pop("，") == "，"
    assert sorted(answers.values()) == sorted([*"山水花"[:allowed], *PLACEHOLDER * (4 - allowed)])


def test_impossible_answers_are_a_last_resort() -> None:
    tokens = ["<unk>", *"，山水花"]
    scores = np.full((2, 5), -np.inf)
    scores[:, 0] = scores[:, 1] = 0
    assert set(CoupletRules().decode("天地", scores, tokens)) < set("山水花")
    scores[:, 4] = -50
    lower = CoupletRules().decode("天地", scores, tokens)
    assert "花" in lower
    assert len(set(lower)) == 2


def test_scores_are_left_alone_and_vocabularies_may_change() -> None:
    decoder = CoupletRules()
    scores = log_probs(4, len(TOKENS), 3)
    before = scores.copy()
    first = decoder.decode("天地天人", scores, TOKENS)
    np.testing.assert_array_equal(scores, before)
    other = ["<unk>", "，", "。", *reversed(TOKENS[3:])]
    assert decoder.decode("天地天人", scores, other) == CoupletRules().decode("天地天人", scores, other)
    assert decoder.decode("天地天人", scores, TOKENS) == first


def test_a_blank_is_never_answered() -> None:
    scores = np.log(np.array([[0.1, 0.5, 0.3, 0.1]], np.float32))
    assert CoupletRules().decode("人", scores, ["<unk>", " ", "\u3000", "天"]) == "天"


def test_rows_and_characters_must_agree() -> None:
    with pytest.raises(ValueError, match="3 characters need as many rows"):
        CoupletRules().decode("天地人", np.zeros((2, len(TOKENS)), np.float32), TOKENS)
