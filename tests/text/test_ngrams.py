from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.text.code_points import code_points
from nlpx.text.ngrams import BORDER, NgramIds, feature_names, ngrams, vocabulary_name
from nlpx.text.vocabulary import Vocabulary

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=12)


def test_bigrams_by_hand() -> None:
    assert ngrams("春风", 2) == [BORDER + "春", "春风", "风" + BORDER]
    assert ngrams("", 2) == []
    assert (vocabulary_name(2), feature_names(2)) == ("ngram2", ("ngram2_end", "ngram2_begin"))


@given(st.lists(TEXTS, max_size=4), TEXTS, st.sampled_from([2, 3]))
def test_ids_are_those_of_a_dictionary_lookup(corpus: list[str], text: str, size: int) -> None:
    counts = Counter(gram for line in corpus for gram in ngrams(line, size))
    vocabulary = Vocabulary.build(counts)
    end, begin = NgramIds(vocabulary.tokens, size)(text)
    padded = BORDER * (size - 1) + text + BORDER * (size - 1)
    ids = {token: i for i, token in enumerate(vocabulary.tokens)}
    assert end.tolist() == [ids.get(padded[i : i + size], 0) for i in range(len(text))]
    assert begin.tolist() == [ids.get(padded[i + size - 1 : i + 2 * size - 1], 0) for i in range(len(text))]
    assert end.dtype == begin.dtype == np.int32


@given(TEXTS)
def test_code_points_are_ord(text: str) -> None:
    assert code_points(text).tolist() == [ord(char) for char in text]


@pytest.mark.parametrize("size", [1, 4])
def test_sizes_that_do_not_fit_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="2 to 3"):
        NgramIds(["<unk>"], size)
