from __future__ import annotations

import random
import re

from nlpx.data.grammar import read_sections
from nlpx.data.samples import find
from nlpx.tasks.title.sample.title import HERE, SLOT, Composer

TITLE = find("title")


def articles(split: str, group: str = "") -> list[tuple[str, str]]:
    return [(row.parts[0], row.parts[1]) for row in TITLE.rows(split) if group in ("", row.group)]


def test_sizes_and_groups() -> None:
    assert len(articles("train", "generated")) == len(articles("train")) == 3000
    assert len(articles("valid", "generated")) == len(articles("valid")) == 200
    assert len(articles("test", "generated")) == 200
    assert len(articles("test", "written")) >= 60


def test_no_article_stands_twice() -> None:
    everything = [content for split in ("train", "valid", "test") for _, content in articles(split)]
    assert len(set(everything)) == len(everything)


def test_texts_are_texts() -> None:
    for split in ("train", "valid", "test"):
        for title, content in articles(split):
            assert re.search("[{}_#]", title + content) is None
            assert 4 <= len(title) <= 30
            assert 30 <= len(content) <= 200
            assert title == " ".join(title.split())
            assert content == "".join(content.split())


def test_a_headline_says_what_the_article_says() -> None:
    """Its numbers stand in the article, and so do the names of places, which end in a kind of place."""
    for title, content in articles("train"):
        assert all(number in content for number in re.findall(r"[\d.]+", title))
        assert all(place in content for place in re.findall("^..[市县区镇]", title))


def test_every_slot_is_known() -> None:
    words, events = read_sections(HERE / "lexicon.txt"), read_sections(HERE / "events.txt")
    for sections in (words, events):
        for lines in sections.values():
            for name in SLOT.findall(" ".join(item for line in lines for item in line.items)):
                assert name.removeprefix("#").partition(":")[0] in words.keys() | events.keys()


def test_every_first_sentence_has_a_headline() -> None:
    """A headline may only take slots that are filled: there is one for each first sentence alone."""
    events = read_sections(HERE / "events.txt")
    for name, leads in events.items():
        if not name.endswith(".导"):
            continue
        titles = [item for line in events[name.replace("导", "题")] for item in line.items]
        for lead in (item for line in leads for item in line.items):
            assert any(set(SLOT.findall(title)) <= set(SLOT.findall(lead)) for title in titles), lead


def test_the_rules_do_not_compose_what_was_written_by_hand() -> None:
    composer = Composer(random.Random(1))
    composed = {composer.article()[0] for _ in range(5000)}
    assert composed.isdisjoint(title for title, _ in articles("test", "written"))


def test_most_headlines_of_test_are_new() -> None:
    known = {title for title, _ in articles("train")}
    titles = [title for title, _ in articles("test")]
    assert sum(title in known for title in titles) / len(titles) < 0.1
