"""Rows to arrays, for both tasks."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.data.codec import Vocabularies
from nlpx.data.records import Pair, Sentence
from nlpx.tasks.couplet.codec import CoupletCodec
from nlpx.tasks.couplet.config import Couplet
from nlpx.tasks.segmentation.codec import SegmentationCodec
from nlpx.tasks.segmentation.config import Segmentation
from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS
from nlpx.text.vocabulary import Vocabulary

WORDS = st.lists(st.text("春风。，花", min_size=1, max_size=9), min_size=1, max_size=8)


def vocabularies_of(task: SegmentationCodec, rows: list[Sentence]) -> Vocabularies:
    counters = {name: Counter[str]() for name in task.min_counts}
    for row in rows:
        for name, tokens in task.count(row).items():
            counters[name].update(tokens)
    found = {name: Vocabulary.build(counter) for name, counter in counters.items()}
    return {**found, **task.derive(rows, found)}


def segmentation(max_length: int) -> SegmentationCodec:
    task = Segmentation.model_validate({"task": "segmentation", "data": {"max_length": max_length}}).codec()
    assert isinstance(task, SegmentationCodec)
    return task


@given(WORDS, st.integers(3, 12))
def test_pieces_have_legal_tags_and_join_into_the_sentence(words: list[str], max_length: int) -> None:
    task = segmentation(max_length)
    row = Sentence("here:1", tuple(words))
    vocabularies = vocabularies_of(task, [row])
    items = task.encode(row, vocabularies)
    assert "".join(task.pieces(row.text)) == row.text
    assert [len(item["char"]) for item in items] == [len(piece) for piece in task.pieces(row.text)]
    for item in items:
        tags = item["target"]
        assert len({len(values) for values in item.values()}) == 1
        assert len(tags) <= max_length
        assert LEGAL_START[tags[0]] and LEGAL_STOP[tags[-1]]
        assert LEGAL_TRANSITIONS[tags[:-1], tags[1:]].all()


def test_training_hides_the_row_from_its_lexicon_and_use_does_not() -> None:
    task = segmentation(32)
    rows = [Sentence("a:1", ("春风", "吹")), Sentence("a:2", ("花", "开"))]
    vocabularies = vocabularies_of(task, rows)
    assert not task.encode(rows[0], vocabularies)[0]["lexicon"].any()
    assert task.scored_items(rows[0], vocabularies)[0]["lexicon"].any()


def couplet() -> CoupletCodec:
    task = Couplet.model_validate({"task": "couplet", "data": {"max_length": 5}}).codec()
    assert isinstance(task, CoupletCodec)
    return task


def test_couplets_of_unequal_lengths_are_refused_with_both_numbers() -> None:
    reason = couplet().check(Pair("x:1", "春风", "秋月明"))
    assert reason is not None
    assert "2 characters and the lower 3" in reason
    assert couplet().check(Pair("x:1", "春风", "秋月")) is None


@pytest.mark.parametrize(("upper", "kept"), [("一二三四五", True), ("一二三四五六", False)])
def test_long_couplets_are_left_out(upper: str, kept: bool) -> None:
    task, row = couplet(), Pair("x:1", upper, upper)
    vocabularies = {"char": Vocabulary.build(Counter(upper))}
    assert task.keeps(row) is kept
    assert len(task.encode(row, vocabularies)) == kept


def test_couplet_arrays_hold_the_ids_of_both_lines() -> None:
    vocabularies = {"char": Vocabulary.build(Counter("春春风秋"))}
    (item,) = couplet().encode(Pair("x:1", "春风", "秋月"), vocabularies)
    assert item["char"].tolist() == vocabularies["char"].ids("春风").tolist()
    assert item["target"].tolist() == [vocabularies["char"].ids("秋")[0], 0]
    assert item["char"].dtype == np.int32
