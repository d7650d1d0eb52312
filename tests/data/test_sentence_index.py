"""The index: made once, mapped afterwards, made again where something is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

import nlpx.data.sentence_index
from nlpx.data.sentence_index import Indexer, SentenceIndex
from nlpx.text.points import Points

TEXTS = ["甲\u2028乙", "丙", " 丁\r"]


class Maker:
    """Counts what it is asked for."""

    def __init__(self, factor: float = 1.0) -> None:
        self.read = self.encoded = self.weighed = 0
        self.said: list[str] = []
        self._factor = factor

    def texts(self) -> list[str]:
        self.read += 1
        return TEXTS

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.encoded += 1
        return np.array([[len(text), self._factor] for text in texts], np.float32)

    def lexical(self, texts: Sequence[str]) -> csr_matrix:
        self.weighed += len(texts)
        rows = [[text.count("甲"), 2.0 * text.count("丁"), 0.0] for text in texts]
        return csr_matrix(np.array(rows, np.float32).reshape(-1, 3))

    def open(self, folder: Path, name: str = "step-1") -> SentenceIndex:
        return Indexer(2, self.encode, self.lexical).open(folder, name, self.texts, self.said.append)


def points(index: SentenceIndex) -> list[list[float]]:
    """All that the segments hold, a row for each sentence."""
    rows = [np.hstack([part.dense, part.sparse.toarray()]) for part in index.segments()]
    return np.concatenate(rows).tolist()


EXPECTED = [[3, 1, 1, 0, 0], [1, 1, 0, 0, 0], [3, 1, 0, 2, 0]]


def test_made_once(tmp_path: Path) -> None:
    first = Maker().open(tmp_path / "index")
    again = Maker()
    index = again.open(tmp_path / "index")
    assert (again.read, again.encoded, again.weighed, again.said) == (0, 0, 0, [])
    assert list(index.texts) == list(first.texts) == TEXTS
    assert points(index) == points(first) == EXPECTED
    names = sorted(path.name for path in (tmp_path / "index").iterdir())
    assert names == ["sentences.txt", "step-1.f32", "terms.postings"]


def test_the_same_in_memory_and_by_places(tmp_path: Path) -> None:
    maker = Maker()
    made = Indexer(2, maker.encode, maker.lexical).make(TEXTS)
    assert points(made) == EXPECTED
    some = maker.open(tmp_path).points(np.array([2, 0]))
    assert np.hstack([some.dense, some.sparse.toarray()]).tolist() == [EXPECTED[2], EXPECTED[0]]


def test_other_weights_need_no_corpus(tmp_path: Path) -> None:
    Maker().open(tmp_path)
    other = Maker(2.0)
    assert other.open(tmp_path, "step-2").vectors[0, 1] == 2
    assert (other.read, other.encoded, other.weighed) == (0, 1, 0)


@pytest.mark.parametrize("name", ["step-1.f32", "terms.postings"])
@pytest.mark.parametrize("cut", [4, 8, 1000])
def test_a_file_that_was_cut_is_made_again(tmp_path: Path, name: str, cut: int) -> None:
    Maker().open(tmp_path)
    path = tmp_path / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    assert points(Maker().open(tmp_path)) == EXPECTED
    assert path.read_bytes() == whole


def test_segments_do_not_change_the_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Maker().open(tmp_path / "one")
    monkeypatch.setattr("nlpx.text.postings.SEGMENT", 2)
    monkeypatch.setattr(nlpx.data.sentence_index, "SEGMENT", 2)
    monkeypatch.setattr(nlpx.data.sentence_index, "ENCODED_AT_ONCE", 2)
    maker = Maker()
    index = maker.open(tmp_path / "two")
    assert [len(part) for part in index.segments()] == [2, 1]
    assert points(index) == points(Maker().open(tmp_path / "two")) == EXPECTED
    assert (maker.encoded, maker.said) == (
        2,
        ["making the vectors of 3 sentences"],
    )


def test_a_lexical_part_that_does_not_count_is_not_made(tmp_path: Path) -> None:
    index = Indexer(2, Maker().encode).open(tmp_path, "step-1", lambda: TEXTS, print)
    asked = Points.of_dense(np.ones((1, 2), np.float32))
    assert [asked.scores(part).tolist() for part in index.segments()] == [[[4, 2, 4]]]
    assert not (tmp_path / "terms.postings").exists()


def test_an_interrupt_leaves_nothing_and_the_next_start_goes_on(tmp_path: Path) -> None:
    def interrupted(texts: Sequence[str]) -> np.ndarray:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Indexer(2, interrupted).open(tmp_path, "step-1", lambda: TEXTS, print)
    assert [path.name for path in tmp_path.iterdir()] == ["sentences.txt"]
    assert points(Maker().open(tmp_path)) == EXPECTED
