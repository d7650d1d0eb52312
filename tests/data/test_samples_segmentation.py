from __future__ import annotations

import random
from itertools import islice

from nlpx.data.samples import find
from nlpx.tasks.segmentation.sample.segmentation import LONGEST, SHORTEST, Composer

SEGMENTATION = find("segmentation")


def texts(split: str, group: str = "") -> list[str]:
    return ["".join(row.parts) for row in SEGMENTATION.rows(split) if group in ("", row.group)]


def test_sizes_and_groups() -> None:
    assert len(texts("train", "generated")) == len(texts("train")) == 4000
    assert len(texts("valid", "generated")) == len(texts("valid")) == 300
    assert len(texts("test", "generated")) == 300
    assert len(texts("test", "written")) >= 60


def test_no_sentence_stands_twice() -> None:
    everything = [text for split in ("train", "valid", "test") for text in texts(split)]
    assert len(set(everything)) == len(everything)


def test_words_are_words() -> None:
    for split in ("train", "valid", "test"):
        for row in SEGMENTATION.rows(split):
            assert all(word and word == "".join(word.split()) for word in row.parts)
            if row.group == "generated":
                assert SHORTEST <= len("".join(row.parts)) <= LONGEST


def test_the_rules_do_not_compose_what_was_written_by_hand() -> None:
    composer = Composer(random.Random(1))
    composed = {"".join(composer.sentence()) for _ in range(20_000)}
    assert composed.isdisjoint(texts("test", "written"))


def test_test_holds_words_that_train_does_not() -> None:
    known = {word for row in SEGMENTATION.rows("train") for word in row.parts}
    words = [word for row in SEGMENTATION.rows("test") for word in row.parts]
    assert 0.02 < sum(word not in known for word in words) / len(words) < 0.2


def test_the_same_characters_stand_in_different_words() -> None:
    """Without that, a table of characters would do."""
    rows = islice(SEGMENTATION.rows("train"), 1000)
    places: dict[str, set[str]] = {}
    for row in rows:
        for word in row.parts:
            for i, char in enumerate(word):
                tag = "s" if len(word) == 1 else "b" if i == 0 else "e" if i == len(word) - 1 else "m"
                places.setdefault(char, set()).add(tag)
    ambiguous = sum(len(tags) > 1 for tags in places.values())
    assert ambiguous > 0.3 * len(places)
