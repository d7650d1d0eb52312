"""Training rows do not count the words of the rows around them, if the lexicon has folds."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from nlpx.data.records import Sentence
from nlpx.tasks.segmentation.codec import LEVELS
from nlpx.tasks.segmentation.config import Segmentation
from nlpx.text.vocabulary import Vocabulary

DAYS = [["张三 来 了", "张三 走 了"], ["李四 来 了", "李四 见 张三"], ["今天 晴"]]
ROWS = [Sentence(line, tuple(line.split())) for day in DAYS for line in day]


def levels(folds: int | None) -> list[np.ndarray]:
    """The level of the first span of two characters of every row."""
    config: dict[str, Any] = {"task": "segmentation", "model": {"embedding": {"lexicon": {"folds": folds}}}}
    codec = Segmentation.model_validate(config).codec()
    counts: dict[str, Counter[str]] = {name: Counter() for name in codec.min_counts}
    for row in ROWS:
        for name, tokens in codec.count(row).items():
            counts[name].update(tokens)
    vocabularies = {name: Vocabulary.build(count) for name, count in counts.items()}
    vocabularies |= codec.derive(ROWS, vocabularies)
    return [item[LEVELS] for item in codec.items(lambda: iter(ROWS), vocabularies)]


def test_words_of_the_same_fold_are_not_counted() -> None:
    assert [int(found[0, 0]) for found in levels(None)] == [5, 5, 5, 5, 0]
    assert [int(found[0, 0]) for found in levels(3)] == [5, 5, 0, 0, 0], "李四 is in rows of one day only"


def test_as_many_folds_as_rows_exclude_the_row_only() -> None:
    for one, other in zip(levels(None), levels(len(ROWS)), strict=True):
        np.testing.assert_array_equal(one, other)
