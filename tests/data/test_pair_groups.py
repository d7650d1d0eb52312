"""Groups of pairs against a search through the graph."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from nlpx.data.pair_groups import connect, split

PAIRS = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"), st.booleans()), max_size=12
)


def reachable(start: str, pairs: list[tuple[str, str, bool]]) -> set[str]:
    """All that can be reached over positive pairs, by walking until nothing new is found."""

    def neighbours(text: str) -> Iterator[str]:
        for first, second, same in pairs:
            if same and text in (first, second):
                yield from (first, second)

    found, waiting = {start}, [start]
    while waiting:
        new = set(neighbours(waiting.pop())) - found
        found |= new
        waiting += new
    return found


@given(PAIRS)
def test_groups_are_what_positive_pairs_reach(pairs: list[tuple[str, str, bool]]) -> None:
    found = connect(pairs)
    sentences = {text for first, second, _ in pairs for text in (first, second)}
    components = {frozenset(reachable(text, pairs)) for text in sentences}
    assert {frozenset(group) for group in found.groups} == {c for c in components if len(c) > 1}
    assert {frozenset(single) for single in found.singles} == {c for c in components if len(c) == 1}
    assert sum(map(len, found.groups)) + len(found.singles) == len(sentences)
    expected = [(a, b) for a, b, same in pairs if not same and b in reachable(a, pairs)]
    assert found.contradicted == expected


@given(st.lists(st.lists(st.text("ab", max_size=4), min_size=1, max_size=3), max_size=30), st.floats(0, 1))
def test_every_group_is_on_one_side_whatever_its_order(groups: list[list[str]], valid: float) -> None:
    train, held_out = split(groups, valid)
    assert sorted(train + held_out) == sorted(groups)
    turned = split([texts[::-1] for texts in groups[::-1]], valid)
    assert sorted(map(sorted, turned[1])) == sorted(map(sorted, held_out))


def test_the_share_of_valid() -> None:
    groups = [[str(i), f"{i}?"] for i in range(2000)]
    assert 150 < len(split(groups, 0.1)[1]) < 250
    assert split(groups, 0)[1] == []
