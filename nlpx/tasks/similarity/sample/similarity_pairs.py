"""Scored pairs of questions made from the groups of the sample similarity.

The score is 1 for two questions of a group, 0.5 for questions that only share the intent or the object,
and 0 for others. Hand-written groups share nothing with other groups.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise

from nlpx.data.records import ScoredPair
from nlpx.data.samples import Sample, SampleRow
from nlpx.tasks.similarity.sample import similarity

SEED = 20220106


@cache
def rows(split: str) -> Sequence[SampleRow]:
    """The rows of train, valid or test; hand-written rows are at the end of test."""
    source = random.Random(SEED)
    groups: dict[str, dict[str, list[str]]] = {}
    for row in similarity.rows(split):
        groups.setdefault(row.group, {}).setdefault(row.parts[0], []).append(row.parts[1])
    return [
        SampleRow(kind, (*texts, score))
        for kind, own in groups.items()
        for *texts, score in _pairs(own, source)
    ]


def _pairs(groups: Mapping[str, Sequence[str]], source: random.Random) -> Iterator[tuple[str, str, str]]:
    parts = {name: name.split("/") for name in groups}
    for name, own in parts.items():
        for first, second in pairwise(groups[name]):
            yield first, second, "1"
        shared = {
            other: sum(map(str.__eq__, own, theirs)) for other, theirs in parts.items() if other != name
        }
        for score, wanted in (("0.5", 1), ("0", 0)):
            others = [other for other, number in shared.items() if number == wanted]
            if others:
                yield _any(groups[name], source), _any(groups[_any(others, source)], source), score


def _any(texts: Sequence[str], source: random.Random) -> str:
    return texts[int(source.random() * len(texts))]


def _record(where: str, row: SampleRow) -> ScoredPair:
    first, second, score = row.parts
    return ScoredPair(where, first, second, float(score), group=row.group)


SAMPLE = Sample(ScoredPair.kind, rows, _record)
