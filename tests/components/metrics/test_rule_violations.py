"""The four rules of couplets."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.metrics.rule_violations import RuleViolations
from tests.components.metrics.measuring import couplet, measure

PAIRS = st.lists(
    st.integers(0, 7).flatmap(lambda n: st.tuples(*[st.text("天地人，。", min_size=n, max_size=n)] * 2)),
    max_size=5,
)


def rates(*pairs: tuple[str, str]) -> dict[str, float]:
    return measure(RuleViolations(), [couplet(upper, upper, answer) for upper, answer in pairs])


def slow_rates(pairs: list[tuple[str, str]]) -> dict[str, float]:
    """The definitions, read aloud."""
    cases: dict[str, list[bool]] = {}
    for upper, answer in pairs:
        plain = [i for i, c in enumerate(upper) if c not in "，。"]
        for i, c in enumerate(upper):
            if i not in plain:
                cases.setdefault("punctuation_violations", []).append(answer[i] != c)
        for i in plain:
            cases.setdefault("reuse_violations", []).append(any(answer[i] == upper[j] for j in plain))
        for i, j in combinations(plain, 2):
            if upper[i] == upper[j]:
                cases.setdefault("repetition_violations", []).append(answer[i] != answer[j])
            else:
                cases.setdefault("distinct_violations", []).append(answer[i] == answer[j])
    return {name: sum(broken) / len(broken) for name, broken in cases.items()}


@given(PAIRS)
def test_equals_the_definitions(pairs: list[tuple[str, str]]) -> None:
    assert rates(*pairs) == slow_rates(pairs)


def test_a_published_answer_that_breaks_the_repetition() -> None:
    assert rates(("今天天气不错", "昨日人情无明")) == {
        "reuse_violations": 0,
        "repetition_violations": 1,
        "distinct_violations": 0,
    }


def test_a_good_couplet_breaks_nothing() -> None:
    found = rates(("晚风摇树树还挺", "晨露润花花更红"), ("一，二", "三，四"))
    assert found == dict.fromkeys(found, 0)
    assert len(found) == 4


@pytest.mark.parametrize(
    ("upper", "answer", "broken"),
    [
        ("天，地", "山水河", {"punctuation_violations": 1.0}),
        ("天，地", "地，河", {"reuse_violations": 0.5}),
        ("天天地", "山河水", {"repetition_violations": 1.0}),
        ("天天地", "山山山", {"distinct_violations": 1.0}),
        ("天地人", "山山河", {"distinct_violations": 1 / 3}),
    ],
)
def test_each_rule_alone(upper: str, answer: str, broken: dict[str, float]) -> None:
    assert {name: rate for name, rate in rates((upper, answer)).items() if rate} == broken


def test_without_cases_there_is_no_rate() -> None:
    assert rates() == {}
    assert rates(("", "")) == {}
    assert rates(("。", "，")) == {"punctuation_violations": 1}
    assert rates(("天", "地")) == {"reuse_violations": 0}
