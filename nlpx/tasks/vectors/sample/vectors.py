"""Short sentences about a few topics, with pairs and analogies of their words.

A pattern is expanded to words of classes, all of which are used in the same places, so that words of a class
and of a topic are similar. Sentences about countries contain a capital, a dish or a sight of the country.
Some sentences of the validation and test splits are written by hand.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import permutations
from pathlib import Path

from nlpx.components.metrics.analogy import Question
from nlpx.components.metrics.word_similarity import ScoredWords
from nlpx.data.grammar import Choice, choices, pick, read_lines, read_sections
from nlpx.data.records import Sentence
from nlpx.data.samples import Sample, SampleRow, by_split

HERE = Path(__file__).parent
SIZES = {"train": 6000, "valid": 150, "test": 150}
SEED = 20170401
TOPICS = {
    "厨房": ("餐具", "菜", "做菜", "味道"),
    "天气": ("天象", "天气词", "天气物"),
    "交通": ("车", "路", "开车", "路况"),
    "校园": ("课", "学习物", "学", "校内"),
}
CLASS_SCORE, TOPIC_SCORE, OTHER_SCORE = 8.0, 5.0, 1.0
ABOUT = (
    ("capital", "是", "country", "的", "首都"),
    ("capital", "市长", "欢迎", "country", "总统"),
    ("country", "国旗", "升起", "总统", "讲话"),
    ("capital", "机场", "和", "capital", "地图"),
    ("country", "人", "爱", "吃", "dish"),
    ("在", "capital", "吃", "dish", "看", "sight"),
    ("country", "的", "sight", "很", "有名"),
    ("capital", "有", "sight", "和", "dish"),
)


@cache
def _classes() -> Mapping[str, list[str]]:
    sections = read_sections(HERE / "lexicon.txt")
    return {name: [item for line in lines for item in line.items] for name, lines in sections.items()}


@cache
def _countries() -> list[dict[str, str]]:
    names = ("country", "capital", "dish", "sight")
    return [dict(zip(names, line.split(), strict=True)) for line in read_lines(HERE / "countries.txt")]


class Composer:
    """Generates sentences from the pattern and word files."""

    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._rules: Mapping[str, Choice] = choices(read_sections(HERE / "patterns.txt"))

    def sentence(self) -> list[str]:
        """The words of a sentence."""
        (topic,) = self._rules["句"].draw(self._random)
        if topic == "国家":
            words = pick(self._random, _countries())
            return [words.get(part, part) for part in pick(self._random, ABOUT)]
        return [word for part in self._rules[topic].draw(self._random) for word in self._words(part)]

    def _words(self, symbol: str) -> Iterator[str]:
        if symbol == "人":
            (symbol,) = self._rules[symbol].draw(self._random)
        found = _classes().get(symbol)
        yield pick(self._random, found) if found else symbol


def pairs() -> list[ScoredWords]:
    """Pairs of words: of a class, of a topic, and of two topics, with scores."""
    source = random.Random(SEED)
    found: list[ScoredWords] = []
    for topic, names in TOPICS.items():
        others = [name for other, listed in TOPICS.items() if other != topic for name in listed]
        for _ in range(20):
            name, other, foreign = pick(source, names), pick(source, names), pick(source, others)
            word = pick(source, _classes()[name])
            for among, score in ((name, CLASS_SCORE), (other, TOPIC_SCORE), (foreign, OTHER_SCORE)):
                second = pick(source, _classes()[among])
                if second != word:
                    found.append((word, second, CLASS_SCORE if second in _classes()[name] else score))
    return found


def analogies() -> list[Question]:
    """Countries and capitals, men and women."""
    capitals = [(row["country"], row["capital"]) for row in _countries()]
    families = list(zip(_classes()["男"], _classes()["女"], strict=True))
    return [
        Question(*first, *second, section)
        for section, listed in (("capital", capitals), ("family", families))
        for first, second in permutations(listed, 2)
    ]


def _generate() -> dict[str, list[SampleRow]]:
    composer = Composer(random.Random(SEED))
    splits = {
        split: [SampleRow("generated", tuple(composer.sentence())) for _ in range(size)]
        for split, size in SIZES.items()
    }
    for split in ("valid", "test"):
        lines = read_lines(HERE / f"written_{split}.txt")
        splits[split] += [SampleRow("written", tuple(line.split())) for line in lines]
    return splits


def _record(where: str, row: SampleRow) -> Sentence:
    return Sentence(where, row.parts, group=row.group)


SAMPLE = Sample(Sentence.kind, by_split(_generate), _record)
