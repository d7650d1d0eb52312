"""Precision, recall and F1 of linked mentions, counted one by one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.metrics.entity_linking import EntityLinking
from tests.components.metrics.measuring import measure


def example(
    reference: list[tuple[str, int, str]], predicted: list[tuple[str, int, str]], *chosen: str
) -> object:
    return SimpleNamespace(reference_links=reference, predicted_links=predicted, chosen_entities=chosen)


def test_by_hand() -> None:
    found = measure(
        EntityLinking(),
        [
            example(
                [("甲", 0, "1"), ("乙", 3, "2")], [("甲", 0, "1"), ("乙", 3, "9"), ("丙", 5, "3")], "1", "9"
            ),
            example([("丁", 0, "4")], [], "4"),
        ],
    )
    assert found == pytest.approx(
        {
            "link_precision": 1 / 3,
            "link_recall": 1 / 3,
            "link_f1": 1 / 3,
            "mention_f1": 4 / 6,
            "link_accuracy": 2 / 3,
        }
    )


def test_nothing_to_find_and_nothing_found() -> None:
    assert measure(EntityLinking(), [example([], [])]) == {}
    assert measure(EntityLinking(), [example([], [("甲", 0, "1")])]) == {
        "link_precision": 0,
        "link_f1": 0,
        "mention_f1": 0,
    }


LINKS = st.lists(st.tuples(st.sampled_from("甲乙"), st.integers(0, 2), st.sampled_from("12")), max_size=6)


@given(st.lists(st.tuples(LINKS, LINKS), max_size=4))
def test_by_counting(rows: list[tuple[list[tuple[str, int, str]], list[tuple[str, int, str]]]]) -> None:
    rows = [(list(dict.fromkeys(reference)), predicted) for reference, predicted in rows]
    found = measure(EntityLinking(), [example(r, p, *("1" for _ in r)) for r, p in rows])
    pairs = [(i, link) for i, (_, p) in enumerate(rows) for link in dict.fromkeys(p)]
    right = sum(link in rows[i][0] for i, link in pairs)
    total = sum(len(reference) for reference, _ in rows)
    assert found.get("link_precision", 0) == pytest.approx(right / len(pairs) if pairs else 0)
    assert found.get("link_recall", 0) == pytest.approx(right / total if total else 0)
    if pairs and total and right:
        assert found["link_f1"] == pytest.approx(2 / (1 / found["link_precision"] + 1 / found["link_recall"]))
