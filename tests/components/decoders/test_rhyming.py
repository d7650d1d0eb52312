"""Verses that rhyme, against all that do."""

from __future__ import annotations

from itertools import permutations, product
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from nlpx.components.decoders.assignment import rhyming_columns
from nlpx.components.decoders.verse import Verse
from nlpx.components.rhymes.base import Rhymes

COLUMNS = 6
TOKENS = ("<unk>", *map(chr, range(0x4E00, 0x4E00 + 26)))


class Toy(Rhymes):
    """The class of a character is its code point modulo 5; those that are 0 modulo 7 are of class 0 too."""

    type: Literal["toy"] = "toy"

    def classes(self, character: str) -> frozenset[str]:
        point = ord(character)
        return frozenset({str(point % 5)} | ({"0"} if point % 7 == 0 else set()))


@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(2, 4),
    members=st.lists(st.sets(st.integers(0, COLUMNS - 1)), max_size=3),
    barred=st.sets(st.integers(0, COLUMNS - 1), max_size=3),
    single=st.booleans(),
    distinct=st.booleans(),
)
def test_the_best_of_all(
    seed: int, rows: int, members: list[set[int]], barred: set[int], single: bool, distinct: bool
) -> None:
    scores = np.random.default_rng(seed).normal(size=(rows, COLUMNS)).astype(np.float32)
    scores[:, sorted(barred)] = -np.inf
    ends = [rows - 1] if single else [rows // 2 - 1, rows - 1]
    every = permutations(range(COLUMNS), rows) if distinct else product(range(COLUMNS), repeat=rows)
    good = [
        sum(float(scores[t, v]) for t, v in enumerate(x))
        for x in every
        if not barred & set(x)
        and len({x[end] for end in ends}) == len(ends)
        and any({x[end] for end in ends} <= found for found in members)
    ]
    classes = [np.array(sorted(found), int) for found in members]
    found = rhyming_columns(scores, classes, ends, distinct)
    if found is None:
        assert good == []
        return
    assert not distinct or len(set(found)) == rows
    assert any({found[end] for end in ends} <= allowed for allowed in members)
    assert sum(float(scores[t, v]) for t, v in enumerate(found)) == pytest.approx(max(good), abs=1e-5)


def best_quatrain(log_probs: np.ndarray, opening: str, distinct: bool) -> float:
    """Every pair of ends that rhyme, with the best rest."""
    rhymes, best = Toy(), -np.inf
    given = [TOKENS.index(character) for character in opening]
    for pair in permutations(range(1, len(TOKENS)), 2):
        fixed = {
            **dict(enumerate(given)),
            **{t: v for t, v in zip((9, 19), pair, strict=True) if t >= len(given)},
        }
        if fixed[9] == fixed[19] or (distinct and len(set(fixed.values())) < len(fixed)):
            continue
        if not rhymes.rhyme(TOKENS[fixed[9]], TOKENS[fixed[19]]):
            continue
        left = [t for t in range(20) if t not in fixed]
        columns = [v for v in range(1, len(TOKENS)) if not (distinct and v in fixed.values())]
        rest = log_probs[np.ix_(left, columns)]
        total = rest[linear_sum_assignment(rest, maximize=True)].sum() if distinct else rest.max(axis=1).sum()
        best = max(best, total + sum(log_probs[t, v] for t, v in fixed.items()))
    return best


@pytest.mark.parametrize("distinct", [True, False])
@pytest.mark.parametrize("given_count", [0, 3, 10, 19])
def test_the_best_quatrain(distinct: bool, given_count: int) -> None:
    rng = np.random.default_rng(given_count)
    logits = rng.normal(size=(20, len(TOKENS)))
    log_probs = (logits - np.log(np.exp(logits).sum(-1, keepdims=True))).astype(np.float32)
    opening = "".join(TOKENS[v] for v in rng.permutation(np.arange(1, len(TOKENS)))[:given_count])
    verse = Verse(distinct=distinct, rhymes=Toy()).decode(log_probs, TOKENS, rng, opening)
    assert verse.startswith(opening)
    assert Toy().rhyme(verse[9], verse[19])
    score = sum(float(row[TOKENS.index(char)]) for row, char in zip(log_probs, verse, strict=True))
    assert score == pytest.approx(best_quatrain(log_probs, opening, distinct), abs=1e-4)


def test_sampled_quatrains_rhyme_and_differ() -> None:
    log_probs = np.full((20, len(TOKENS)), -np.log(len(TOKENS)), np.float32)
    decoder, rng = Verse(choose="sample", rhymes=Toy()), np.random.default_rng(0)
    verses = [decoder.decode(log_probs, TOKENS, rng) for _ in range(20)]
    assert all(Toy().rhyme(verse[9], verse[19]) for verse in verses)
    assert len({tuple(sorted(Toy().classes(verse[19]))) for verse in verses}) > 2


class Never(Toy):
    def classes(self, character: str) -> frozenset[str]:
        return frozenset({character})


def test_without_a_class_that_can_rhyme_the_rule_is_left_out() -> None:
    log_probs = np.random.default_rng(3).normal(size=(20, len(TOKENS))).astype(np.float32)
    free, bound = (
        Verse(rhymes=rhymes).decode(log_probs, TOKENS, np.random.default_rng(0)) for rhymes in (None, Never())
    )
    assert free == bound
    assert Verse(rhymes=Never()).rhyme_classes(TOKENS) == {}
