"""TF-IDF against its definition, sentence by sentence."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.text.tfidf import SENTENCE, Tfidf, document_terms, terms

TEXTS = st.lists(st.text("甲乙丙丁", max_size=6), min_size=1, max_size=6)


def fitted(corpus: list[str]) -> Tfidf:
    counts = Counter(term for text in corpus for term in document_terms(text))
    return Tfidf(list(counts), list(counts.values()))


@given(TEXTS, TEXTS)
def test_by_definition(corpus: list[str], texts: list[str]) -> None:
    def vector(text: str) -> dict[str, float]:
        documents = Counter(term for known in corpus for term in set(terms(known)))
        weights = {
            term: count * (math.log((1 + len(corpus)) / (1 + documents[term])) + 1)
            for term, count in Counter(terms(text)).items()
            if documents[term]
        }
        length = math.sqrt(sum(weight**2 for weight in weights.values()))
        return {term: weight / length for term, weight in weights.items()}

    found = fitted(corpus)(texts)
    products = (found @ found.T).toarray()
    vectors = [vector(text) for text in texts]
    expected = [[sum(a[t] * b.get(t, 0.0) for t in a) for b in vectors] for a in vectors]
    np.testing.assert_allclose(products, expected, atol=1e-6)


def test_terms_are_characters_and_pairs() -> None:
    assert terms("甲乙甲") == ["甲", "乙", "甲", "甲乙", "乙甲"]
    assert terms("") == []
    assert document_terms("甲甲") == [SENTENCE, "甲", "甲甲"]


def test_sentences_must_be_counted() -> None:
    with pytest.raises(ValueError, match="number of sentences"):
        Tfidf(["甲"], [1])
