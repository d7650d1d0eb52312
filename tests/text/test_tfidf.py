"""TF-IDF against its definition, sentence by sentence, and as a file."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlpx.text.tfidf
from nlpx.text.tfidf import Tfidf

TEXTS = st.lists(st.text("甲乙丙丁\0😀\ud800", max_size=6), max_size=6)


def terms(text: str) -> list[str]:
    return [*text, *map("".join, pairwise(text))]


def brute_force(corpus: Sequence[str], texts: Sequence[str]) -> list[list[float]]:
    """Cosines of texts by dictionaries and loops."""
    documents = Counter(term for known in corpus for term in set(terms(known)))

    def vector(text: str) -> dict[str, float]:
        weights = {
            term: (1 + math.log(count))
            * (math.log((1 + len(corpus)) / (1 + documents[term])) + 1)
            * (0.5 if len(term) == 2 else 1)
            for term, count in Counter(terms(text)).items()
            if documents[term]
        }
        length = math.sqrt(sum(weight**2 for weight in weights.values()))
        return {term: weight / length for term, weight in weights.items()}

    vectors = [vector(text) for text in texts]
    return [[sum(a[t] * b.get(t, 0.0) for t in a) for b in vectors] for a in vectors]


def cosines(corpus: Sequence[str], texts: Sequence[str]) -> np.ndarray:
    vectors = Tfidf.fit(corpus)(texts)
    return (vectors @ vectors.T).toarray()


@given(TEXTS, TEXTS)
def test_by_definition(corpus: list[str], texts: list[str]) -> None:
    expected = np.reshape(brute_force(corpus, texts), (len(texts), len(texts)))
    np.testing.assert_allclose(cosines(corpus, texts), expected, atol=1e-6)


def test_by_numbers_worked_out_by_hand() -> None:
    # N = 3; 甲 is in 2, 乙 in 2, 甲乙 in 1: idf ln(4/3) + 1, and ln(4/2) + 1 = 1.6931, half of it for the pair.
    one, pair = math.log(4 / 3) + 1, (math.log(2) + 1) / 2
    expected = one / math.sqrt(2 * one**2 + pair**2)
    assert cosines(["甲乙", "甲", "乙"], ["甲乙", "甲"])[0, 1] == pytest.approx(expected)
    # 甲甲甲: tf of the character is 1 + ln 3, of its pair 1 + ln 2; neither 甲甲 nor 丙 is known.
    assert cosines(["甲乙", "甲", "乙"], ["甲甲甲丙", "甲"])[0, 1] == pytest.approx(1)


@given(TEXTS, TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_the_corpus_changes_no_bit(corpus: list[str], texts: list[str], random: object) -> None:
    shuffled = sorted(corpus, key=lambda text: random.random())  # type: ignore[attr-defined]
    np.testing.assert_array_equal(cosines(corpus, texts), cosines(shuffled, texts))


def test_how_many_texts_are_taken_at_once_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["甲乙丙", "", "乙丙", "丁", "甲甲", "丙丁甲乙"]
    expected = Tfidf.fit(texts)(texts).toarray()
    monkeypatch.setattr(nlpx.text.tfidf, "AT_ONCE", 2)
    np.testing.assert_array_equal(Tfidf.fit(texts)(texts).toarray(), expected)


@pytest.mark.parametrize("corpus", [[], [""], ["甲"], ["甲乙"] * 5])
def test_a_corpus_that_says_little(corpus: list[str]) -> None:
    """None, one, and equal sentences: those of the corpus are alike, unknown ones are like nothing."""
    vectors = Tfidf.fit(corpus)([*corpus, "丙丁", ""]).toarray()
    known = vectors[:-2][[bool(text) for text in corpus]]
    np.testing.assert_allclose(known @ known.T, np.ones((len(known), len(known))), rtol=1e-6)
    assert not vectors[-2:].any()


def test_texts_are_normalized_in_the_corpus_and_when_asked() -> None:
    vectors = Tfidf.fit(["ABC", "b"], str.lower)(["Abc", "aBC", "甲"])
    np.testing.assert_allclose((vectors @ vectors.T).toarray(), [[1, 1, 0], [1, 1, 0], [0, 0, 0]], rtol=1e-6)


def test_a_file_gives_the_same_vectors(tmp_path: Path) -> None:
    texts = ["甲乙丙", "", "乙丙", "😀"]
    fitted = Tfidf.fit(texts)
    fitted.save(tmp_path / "terms")
    loaded = Tfidf.load(tmp_path / "terms", 4)
    assert loaded is not None
    np.testing.assert_array_equal(loaded(texts).toarray(), fitted(texts).toarray())
    assert loaded.signature == fitted.signature
    Tfidf.fit([]).save(tmp_path / "terms")
    assert Tfidf.load(tmp_path / "terms", 0) is not None


@pytest.mark.parametrize("place", [0, 1, 2, 3, 4, -1])
def test_a_file_with_another_number_is_not_read(tmp_path: Path, place: int) -> None:
    """Its format, the size of the corpus, the number of terms, their order, a document frequency."""
    path = tmp_path / "terms"
    Tfidf.fit(["甲乙", "丙"]).save(path)
    numbers = np.fromfile(path, np.int64)
    numbers[place] = 9 if place < 3 else 2**60 if place == 3 else -1
    numbers.tofile(path)
    assert Tfidf.load(path, 2) is None


@pytest.mark.parametrize("size", [None, 0, 3, 8, 16, 24, 40])
def test_a_file_that_is_missing_or_cut_is_not_read(tmp_path: Path, size: int | None) -> None:
    path = tmp_path / "terms"
    Tfidf.fit(["甲乙", "丙"]).save(path)
    content = path.read_bytes()
    path.unlink()
    if size is not None:
        path.write_bytes(content[:size])
    assert Tfidf.load(path, 2) is None
