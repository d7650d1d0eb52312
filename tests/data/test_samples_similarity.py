from __future__ import annotations

import random
from collections import defaultdict

from nlpx.data.samples import find
from nlpx.tasks.similarity.sample.similarity import HELD_OUT, LEAST, MOST, Composer

SIMILARITY = find("similarity")


def groups(split: str, kind: str = "generated") -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in SIMILARITY.rows(split):
        if row.group == kind:
            found[row.parts[0]].append(row.parts[1])
    return found


def test_held_out_groups_are_new_but_not_what_they_are_made_of() -> None:
    train = groups("train")
    assert len(train) > 300
    intents, things = ({name.split("/")[part] for name in train} for part in (0, 1))
    for split in ("valid", "test"):
        held_out = groups(split)
        assert len(held_out) == HELD_OUT
        assert held_out.keys().isdisjoint(train)
        assert {name.split("/")[0] for name in held_out} <= intents
        assert {name.split("/")[1] for name in held_out} <= things


def test_sizes_of_groups_and_no_question_twice() -> None:
    everything = [row.parts[1] for split in ("train", "valid", "test") for row in SIMILARITY.rows(split)]
    assert len(set(everything)) == len(everything)
    for split in ("train", "valid", "test"):
        assert all(LEAST <= len(texts) <= MOST for texts in groups(split).values())
    by_hand = groups("test", "written")
    assert sum(map(len, by_hand.values())) >= 60
    assert min(map(len, by_hand.values())) >= 2


def test_nothing_of_the_rules_is_left_in_a_question() -> None:
    texts = [
        text for split in ("train", "valid", "test") for group in groups(split).values() for text in group
    ]
    assert not any(set("{}-*[] ") & set(text) for text in texts)
    assert {len(text) for text in texts} <= set(range(3, 31))


def test_what_was_written_by_hand_is_not_composed() -> None:
    written = {text for texts in groups("test", "written").values() for text in texts}
    for seed in range(3):
        composed = {text for texts in Composer(random.Random(seed)).groups().values() for text in texts}
        assert composed.isdisjoint(written)
