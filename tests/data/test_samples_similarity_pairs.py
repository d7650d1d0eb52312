from __future__ import annotations

from collections import Counter

import pytest

from nlpx.data.samples import find

PAIRS, QUESTIONS = find("similarity_pairs"), find("similarity")


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_scores_are_what_the_groups_of_both_sentences_share(split: str) -> None:
    names = {row.parts[1]: row.parts[0] for row in QUESTIONS.rows(split)}
    for row in PAIRS.rows(split):
        first, second, score = row.parts
        one, other = names[first].split("/"), names[second].split("/")
        shared = sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
        assert float(score) == shared
        assert first != second


@pytest.mark.parametrize(
    ("split", "kind"), [("train", "generated"), ("valid", "generated"), ("test", "written")]
)
def test_there_are_pairs_of_all_kinds(split: str, kind: str) -> None:
    scores = Counter(row.parts[2] for row in PAIRS.rows(split) if row.group == kind)
    assert min(scores["1"], scores["0"]) >= 20
    assert (scores["0.5"] >= 20) == (kind == "generated")
