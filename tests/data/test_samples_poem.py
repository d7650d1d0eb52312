"""The embedded verses."""

from __future__ import annotations

import random
from collections import Counter
from itertools import islice

from nlpx.data.samples import find
from nlpx.tasks.poem.sample.poem import HELD_OUT, TRAIN, Composer

POEM = find("poem")


def verses(split: str, group: str = "") -> list[str]:
    return [row.parts[0] for row in POEM.rows(split) if group in ("", row.group)]


def test_sizes_and_groups() -> None:
    assert len(verses("train", "generated")) == len(verses("train")) == TRAIN
    assert len(verses("valid", "generated")) == len(verses("valid")) == HELD_OUT
    assert len(verses("test", "generated")) == HELD_OUT
    assert len(verses("test", "written")) >= 60


def test_no_verse_stands_twice_and_no_character_in_a_verse() -> None:
    everything = [verse for split in ("train", "valid", "test") for verse in verses(split)]
    assert len(set(everything)) == len(everything)
    assert {(len(verse), len(set(verse))) for verse in everything} == {(10, 10)}


def test_what_was_written_by_hand_is_not_composed() -> None:
    composed = set(islice(Composer(random.Random(1)).verses(), 20_000))
    halves = {half for verse in composed for half in (verse[:5], verse[5:])}
    written = verses("test", "written")
    assert not any(verse[:5] in halves or verse[5:] in halves for verse in written)


def test_what_was_written_by_hand_can_be_spelt() -> None:
    known = set("".join(verses("train")))
    characters = "".join(verses("test", "written"))
    assert sum(char in known for char in characters) / len(characters) > 0.9


def test_themes_tie_the_halves_together() -> None:
    """A character of the first half says more about the second than chance: what a latent vector can learn."""
    train = verses("train")
    second = Counter("".join(verse[5:] for verse in train))
    beside = Counter(char for verse in train if "雪" in verse[:5] for char in verse[5:])
    winter = "冰冻梅松"
    share, chance = (sum(c[char] for char in winter) / c.total() for c in (beside, second))
    assert share > 3 * chance
