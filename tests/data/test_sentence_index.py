"""The index: made once, mapped afterwards, made again where something is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nlpx.data.sentence_index import SentenceIndex, open_index

TEXTS = ["甲\u2028乙", "丙", " 丁\r"]


class Maker:
    """Counts what it is asked for."""

    def __init__(self, factor: float = 1.0) -> None:
        self.read = self.encoded = 0
        self._factor = factor

    def texts(self) -> list[str]:
        self.read += 1
        return TEXTS

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.encoded += 1
        return np.array([[len(text), self._factor] for text in texts], np.float32)

    def open(self, folder: Path, name: str = "step-1") -> SentenceIndex:
        return open_index(folder, name, 2, self.texts, self.encode)


def test_made_once(tmp_path: Path) -> None:
    first = Maker().open(tmp_path / "index")
    again = Maker()
    index = again.open(tmp_path / "index")
    assert (again.read, again.encoded) == (0, 0)
    assert list(index.texts) == list(first.texts) == TEXTS
    np.testing.assert_array_equal(index.vectors, first.vectors)
    assert sorted(path.name for path in (tmp_path / "index").iterdir()) == ["sentences.txt", "step-1.f32"]


def test_other_weights_need_no_corpus(tmp_path: Path) -> None:
    Maker().open(tmp_path)
    other = Maker(2.0)
    assert other.open(tmp_path, "step-2").vectors[0, 1] == 2
    assert (other.read, other.encoded) == (0, 1)


def test_a_file_that_was_cut_is_made_again(tmp_path: Path) -> None:
    whole = Maker().open(tmp_path).vectors.copy()
    path = tmp_path / "step-1.f32"
    path.write_bytes(path.read_bytes()[:-4])
    np.testing.assert_array_equal(Maker().open(tmp_path).vectors, whole)
    assert path.stat().st_size == whole.nbytes


def test_a_folder_that_cannot_be_written_still_answers(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    index = Maker().open(tmp_path / "file")
    assert list(index.texts) == TEXTS
    assert index.vectors.shape == (3, 2)
