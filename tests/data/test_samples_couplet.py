from __future__ import annotations

import random
from collections import defaultdict
from itertools import islice

import pytest

from nlpx.data.samples import find
from nlpx.tasks.couplet.sample.couplet import (
    HELD_OUT,
    LONGEST,
    TRAIN,
    Composer,
    keeps_form,
    level_tones,
    word_classes,
)

COUPLET = find("couplet")


def pairs(split: str, group: str = "") -> list[tuple[str, str]]:
    return [(row.parts[0], row.parts[1]) for row in COUPLET.rows(split) if group in ("", row.group)]


def test_sizes_and_groups() -> None:
    assert len(pairs("train", "generated")) == len(pairs("train")) == TRAIN
    assert len(pairs("valid", "generated")) == len(pairs("valid")) == HELD_OUT
    assert len(pairs("test", "generated")) == HELD_OUT
    assert len(pairs("test", "written")) >= 60


def test_no_couplet_stands_twice() -> None:
    everything = [pair for split in ("train", "valid", "test") for pair in pairs(split)]
    assert len(set(everything)) == len(everything)


@pytest.mark.parametrize("split", ["valid", "test"])
def test_a_third_of_the_held_out_uppers_is_answered_elsewhere_in_train(split: str) -> None:
    uppers = {upper for upper, _ in pairs("train")}
    seen = sum(upper in uppers for upper, _ in pairs(split, "generated"))
    assert seen == pytest.approx(HELD_OUT / 3, abs=1)
    assert not any(upper in uppers for upper, _ in pairs(split, "written"))


@pytest.mark.parametrize(
    ("upper", "lower", "kept"),
    [
        ("春风", "秋月", True),
        ("春，风", "秋，月", True),
        ("春春风", "秋秋月", True),
        ("春风", "秋月白", False),
        ("春，风", "秋月白", False),
        ("春春风", "秋夜月", False),
        ("春夜风", "秋秋月", False),
        ("春风", "风月", False),
    ],
)
def test_keeps_form(upper: str, lower: str, kept: bool) -> None:
    assert keeps_form(upper, lower) is kept


def test_every_couplet_keeps_the_form() -> None:
    level = level_tones()
    for split in ("train", "valid", "test"):
        for upper, lower in pairs(split):
            assert keeps_form(upper, lower), (upper, lower)
        for upper, lower in pairs(split, "generated"):
            assert 0 < len(upper) <= LONGEST
            assert upper[-1] not in level
            assert lower[-1] in level


def test_a_word_has_the_length_of_its_answers() -> None:
    for word_class in word_classes().values():
        assert len({len(word) for word in word_class.kin}) == 1


def test_what_was_written_by_hand_is_not_composed() -> None:
    composed = {lower for _, lower in islice(Composer(random.Random(1)).couplets(), 10_000)}
    assert composed.isdisjoint(lower for _, lower in pairs("test", "written"))


def test_what_was_written_by_hand_can_be_spelt() -> None:
    known = {char for pair in pairs("train") for line in pair for char in line}
    lower = [char for _, line in pairs("test", "written") for char in line]
    assert sum(char in known for char in lower) / len(lower) > 0.9


def test_one_character_has_many_answers() -> None:
    """Without that, a table of characters would do."""
    answers: dict[str, set[str]] = defaultdict(set)
    for upper, lower in pairs("train"):
        for above, below in zip(upper, lower, strict=True):
            answers[above].add(below)
    several = sum(len(found) > 3 for found in answers.values())
    assert several > 0.8 * len(answers)
