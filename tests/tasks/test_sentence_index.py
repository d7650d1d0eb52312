"""The index: made once, mapped afterwards, made again where something is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

import nlpx.tasks.similarity.sentence_index
from nlpx.tasks.similarity.sentence_index import Indexer, SentenceIndex
from nlpx.text.points import Points
from nlpx.text.postings import write_postings
from nlpx.text.tfidf import Tfidf

TEXTS = ["甲\u2028乙", "丙", " 丁\r"]
MADE_OF = hashlib.sha256("".join(f"{text}\n" for text in TEXTS).encode()).hexdigest()[:8]
MADE = (("step-1", "f32"), ("tfidf-1", "postings"), ("tfidf-1", "terms"))


class Maker:
    """Counts what it is asked for; TF-IDF sees no blanks."""

    def __init__(self, factor: float = 1.0, texts: Sequence[str] = TEXTS) -> None:
        self.read = self.encoded = self.normalized = 0
        self.said: list[str] = []
        self._factor = factor
        self._texts = texts

    def texts(self) -> Sequence[str]:
        self.read += 1
        return self._texts

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.encoded += 1
        return np.array([[len(text), self._factor] for text in texts], np.float32).reshape(-1, 2)

    def normalize(self, text: str) -> str:
        self.normalized += 1
        return "".join(text.split())

    def indexer(self) -> Indexer:
        return Indexer(2, self.encode, self.normalize)

    def open(self, folder: Path, name: str = "step-1") -> SentenceIndex:
        return self.indexer().open(folder, name, self.texts, self.said.append)


def points(index: SentenceIndex) -> list[list[float]]:
    """All that the segments hold, a row for each sentence."""
    rows = [np.hstack([part.dense, part.sparse.toarray()]) for part in index.segments()]
    return np.concatenate(rows).tolist()


SPARSE = Tfidf.fit(["甲乙", "丙", "丁"])(["甲乙", "丙", "丁"]).toarray()
EXPECTED = np.hstack([[[3, 1], [1, 1], [3, 1]], SPARSE]).astype(np.float32).tolist()


def test_made_once(tmp_path: Path) -> None:
    first = Maker().open(tmp_path / "index")
    again = Maker()
    index = again.open(tmp_path / "index")
    assert (again.read, again.encoded, again.normalized, again.said) == (0, 0, 0, [])
    assert list(index.texts) == list(first.texts) == TEXTS
    assert points(index) == points(first) == EXPECTED
    names = sorted(path.name for path in (tmp_path / "index").iterdir())
    assert names == ["sentences.txt", *(f"{stem}-{MADE_OF}.{kind}" for stem, kind in MADE)]


def test_the_same_in_memory_and_by_places(tmp_path: Path) -> None:
    maker = Maker()
    made = maker.indexer().make(TEXTS)
    assert points(made) == EXPECTED
    some = maker.open(tmp_path).points(np.array([2, 0]))
    assert np.hstack([some.dense, some.sparse.toarray()]).tolist() == [EXPECTED[2], EXPECTED[0]]


def test_other_weights_need_no_corpus(tmp_path: Path) -> None:
    Maker().open(tmp_path)
    other = Maker(2.0)
    assert other.open(tmp_path, "step-2").vectors[0, 1] == 2
    assert (other.read, other.encoded, other.normalized) == (0, 1, 0)


@pytest.mark.parametrize("name", ["sentences.txt", *(f"{stem}-{MADE_OF}.{kind}" for stem, kind in MADE)])
@pytest.mark.parametrize("cut", [4, 8, 1000])
def test_a_file_that_was_cut_is_made_again(tmp_path: Path, name: str, cut: int) -> None:
    Maker().open(tmp_path)
    path = tmp_path / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    assert points(Maker().open(tmp_path)) == EXPECTED
    assert path.read_bytes() == whole


@pytest.mark.parametrize("content", ["", "\n\n\n", "甲\n", "甲\u2028乙\n丁\n丙\n", "x\n" * 9])
def test_sentences_that_were_changed_are_read_again(tmp_path: Path, content: str) -> None:
    Maker().open(tmp_path)
    whole = (tmp_path / "sentences.txt").read_bytes()
    digest = whole.rpartition(b"\n")[-1]
    for ending in (b"", digest, digest + b"0"):
        (tmp_path / "sentences.txt").write_bytes(content.encode() + ending)
        again = Maker()
        index = again.open(tmp_path)
        assert (list(index.texts), points(index), again.encoded) == (TEXTS, EXPECTED, 0)
        assert (tmp_path / "sentences.txt").read_bytes() == whole


def test_vectors_of_other_sentences_are_not_read(tmp_path: Path) -> None:
    """As many as there are now: their files have the same sizes."""
    Maker().open(tmp_path)
    (tmp_path / "sentences.txt").unlink()
    others = Maker(texts=["子", "丑寅", "卯"])
    assert others.open(tmp_path).vectors[:, 0].tolist() == [1, 2, 1]


def test_segments_do_not_change_the_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Maker().open(tmp_path / "one")
    monkeypatch.setattr("nlpx.text.postings.SEGMENT", 2)
    monkeypatch.setattr(nlpx.tasks.similarity.sentence_index, "SEGMENT", 2)
    monkeypatch.setattr(nlpx.tasks.similarity.sentence_index, "ENCODED_AT_ONCE", 2)
    maker = Maker()
    index = maker.open(tmp_path / "two")
    assert [len(part) for part in index.segments()] == [2, 1]
    assert points(index) == points(Maker().open(tmp_path / "two")) == EXPECTED
    assert (maker.encoded, maker.said) == (
        2,
        ["computing the vectors of 3 sentences"],
    )


def test_a_lexical_part_that_does_not_count_is_not_made(tmp_path: Path) -> None:
    index = Indexer(2, Maker().encode).open(tmp_path, "step-1", lambda: TEXTS, print)
    asked = Points.of_dense(np.ones((1, 2), np.float32))
    assert [asked.scores(part).tolist() for part in index.segments()] == [[[4, 2, 4]]]
    assert [path.name for path in tmp_path.glob("tfidf*")] == []


def test_an_interrupt_leaves_nothing_and_the_next_start_goes_on(tmp_path: Path) -> None:
    def interrupted(texts: Sequence[str]) -> np.ndarray:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Indexer(2, interrupted).open(tmp_path, "step-1", lambda: TEXTS, print)
    assert [path.name for path in tmp_path.iterdir()] == ["sentences.txt"]
    assert points(Maker().open(tmp_path)) == EXPECTED


def test_postings_of_an_earlier_version_are_not_read(tmp_path: Path) -> None:
    """They hold weights by other document frequencies, of as many sentences and terms."""
    (tmp_path / "sentences.txt").write_text("".join(f"{text}\n" for text in TEXTS), encoding="utf-8")
    ones = csr_matrix(np.ones(SPARSE.shape, np.float32))
    write_postings(tmp_path / "terms.postings", TEXTS, lambda texts: ones)
    assert points(Maker().open(tmp_path)) == EXPECTED


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_corpus_without_a_sentence_and_of_equal_ones(tmp_path: Path, count: int) -> None:
    index = Maker(texts=["甲乙"] * count).open(tmp_path)
    expected = Tfidf.fit(["甲乙"] * count)(["甲乙"] * count).toarray().tolist()
    assert [row for part in index.segments() for row in part.sparse.toarray().tolist()] == expected
    assert len(index.texts) == len(expected) == count
