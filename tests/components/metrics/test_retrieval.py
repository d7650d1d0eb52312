"""Retrieval against a search by sorting, one sentence at a time."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlpx.text.points
from nlpx.components.metrics.retrieval import Retrieval, ranks
from nlpx.text.points import Points
from tests.components.metrics.measuring import measure

VECTOR = st.tuples(st.integers(-2, 2), st.integers(-2, 2))
SPLITS = st.lists(st.tuples(VECTOR, st.sampled_from("abcd")), min_size=1, max_size=12)


def brute_force(vectors: np.ndarray, groups: list[str]) -> list[int]:
    """The rank of the first hit in a list sorted by score; of equal scores, those of other groups first."""
    found = []
    for i, group in enumerate(groups):
        if groups.count(group) == 1:
            continue
        others = [j for j in range(len(groups)) if j != i]
        ordered = sorted((-vectors[i] @ vectors[j], groups[j] == group) for j in others)
        found.append(1 + next(n for n, (_, hit) in enumerate(ordered) if hit))
    return found


@given(SPLITS)
def test_ranks_by_sorting(split: list[tuple[tuple[int, int], str]]) -> None:
    vectors = np.array([vector for vector, _ in split], np.float32)
    groups = [group for _, group in split]
    assert ranks(Points.of_dense(vectors), groups).tolist() == brute_force(vectors, groups)


def test_ranks_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    vectors, groups = rng.normal(size=(50, 4)).astype(np.float32), [str(i) for i in rng.integers(0, 20, 50)]
    whole = ranks(Points.of_dense(vectors), groups).tolist()
    monkeypatch.setattr(nlpx.text.points, "SCORES_AT_ONCE", 120)
    assert ranks(Points.of_dense(vectors), groups).tolist() == whole == brute_force(vectors, groups)


def found_in(vectors: list[list[float]], groups: str) -> dict[str, float]:
    points = (Points.of_dense(np.array([vector], np.float32)) for vector in vectors)
    return measure(Retrieval(), (SimpleNamespace(ranking=pair) for pair in zip(points, groups, strict=True)))


def test_a_duplicate_of_another_group_does_not_stand_in_for_the_sentence_itself() -> None:
    """With the first neighbour dropped as the sentence itself, the copy would be dropped, or itself found."""
    found = found_in([[1, 0], [1, 0], [0.9, 0.1], [0, 1]], "abab")
    assert found["hit_at_1"] == 0
    assert found["hit_at_5"] == found["hit_at_10"] == 1
    assert found["mrr"] == pytest.approx((1 / 2 + 1 / 3 + 1 / 2 + 1 / 3) / 4)


def test_a_collapsed_model_finds_nothing() -> None:
    found = found_in([[1, 0]] * 12, "aabbccddeeff")
    assert found["hit_at_1"] == found["hit_at_10"] == 0


def test_nothing_to_find() -> None:
    assert found_in([[1, 0], [0, 1]], "ab") == {}
