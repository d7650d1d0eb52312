"""The sentences that a model has read, and what they are found by: files, written once and mapped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csc_matrix

from nlpx.tasks.similarity.cells import Cells, map_cells, write_cells
from nlpx.tasks.similarity.kept_files import KeptFiles
from nlpx.tasks.similarity.mapped_lines import MappedLines, write_lines
from nlpx.text.points import Points
from nlpx.text.postings import SEGMENT, map_postings, segments, write_postings
from nlpx.text.tfidf import FORMAT, Tfidf

TEXTS = "sentences.txt"
# Files of other weights of terms have other names, and are not read.
LEXICAL = f"tfidf-{FORMAT}"
SHORT = 8
"""Digits of a sha256 in the name of a file."""
ENCODED_AT_ONCE = 1 << 14
"""Sentences whose vectors are made together; making those of more is announced."""


@dataclass(frozen=True)
class SentenceIndex:
    """Sentences, each once, and what they are found by.

    Attributes:
        texts: the sentences.
        vectors: (n, D) float32.
        lexical: TF-IDF with the document frequencies of `texts`; None where it does not count.
        postings: TF-IDF of SEGMENT sentences each; None where it does not count, or not for all.
        cells: for approximate search; None where all sentences are compared.
    """

    texts: Sequence[str]
    vectors: np.ndarray
    lexical: Tfidf | None = None
    postings: Sequence[csc_matrix] | None = None
    cells: Cells | None = None

    def segments(self) -> Iterator[Points]:
        for number, start in enumerate(range(0, len(self.texts), SEGMENT)):
            dense = self.vectors[start : start + SEGMENT]
            yield Points.of_dense(dense) if self.postings is None else Points(dense, self.postings[number])

    def points(self, places: np.ndarray) -> Points:
        dense = self.vectors[places]
        if self.lexical is None:
            return Points.of_dense(dense)
        return Points(dense, self.lexical([self.texts[place] for place in places]))

    def candidates(self, vectors: np.ndarray, count: int, probes: int) -> np.ndarray | None:
        return None if self.cells is None else self.cells.candidates(vectors, count, probes)


@dataclass(frozen=True)
class Indexer:
    """Makes indexes, and keeps them in folders.

    Attributes:
        dim: D.
        encode: sentences -> vectors (n, D) float32.
        normalized: what TF-IDF sees of a sentence, always the same for a folder; None where TF-IDF does
            not count.
        approximate: whether cells are made.
    """

    dim: int
    encode: Callable[[Sequence[str]], np.ndarray]
    normalized: Callable[[str], str] | None = None
    approximate: bool = False

    def make(self, texts: Sequence[str]) -> SentenceIndex:
        """An index in memory, for exact search."""
        lexical = None if self.normalized is None else Tfidf.fit(texts, self.normalized)
        postings = None if lexical is None else list(segments(texts, lexical))
        return SentenceIndex(texts, self.encode(texts), lexical, postings)

    def open(
        self, folder: Path, name: str, texts: Callable[[], Sequence[str]], say: Callable[[str], None]
    ) -> SentenceIndex:
        """The index of a folder; what is missing in it, was changed, or is of another size, is made.

        The sentences are kept next to the vectors, so that vectors of other weights need no corpus.

        Args:
            folder: of the files.
            name: of the weights that the vectors are made with.
            texts: reads the sentences of the corpus, each once.
            say: told what takes long, and what cannot be kept.

        Raises:
            EnvironmentProblem: nothing can be written, or faiss is wanted and not installed.
        """
        files = KeptFiles(folder, say)
        found = files.open(TEXTS, _map_lines, lambda path: write_lines(path, texts()))
        count = len(found)
        # Files that were made of other sentences have other names, and are not read.
        made_of = found.sha256[:SHORT]

        def write_vectors(path: Path) -> None:
            if count > ENCODED_AT_ONCE:
                say(f"making the vectors of {count:,} sentences")
            with path.open("wb") as file:
                for start in range(0, count, ENCODED_AT_ONCE):
                    encoded = self.encode(found[start : start + ENCODED_AT_ONCE])
                    file.write(np.ascontiguousarray(encoded, np.float32).data)

        vectors = files.open(
            f"{name}-{made_of}.f32", lambda path: _map_vectors(path, (count, self.dim)), write_vectors
        )
        lexical, postings, cells = self._open_lexical(files, found), None, None
        if self.approximate:
            cells = files.open(
                f"{name}-{made_of}.faiss",
                lambda path: map_cells(path, vectors.shape),
                lambda path: write_cells(path, vectors),
            )
        elif lexical is not None:
            terms = lexical(()).shape[1]
            postings = files.open(
                f"{LEXICAL}-{made_of}.postings",
                lambda path: map_postings(path, count, terms),
                lambda path: write_postings(path, found, lexical),
            )
        return SentenceIndex(found, vectors, lexical, postings, cells)

    def _open_lexical(self, files: KeptFiles, texts: MappedLines) -> Tfidf | None:
        normalized = self.normalized
        if normalized is None:
            return None
        return files.open(
            f"{LEXICAL}-{texts.sha256[:SHORT]}.terms",
            lambda path: Tfidf.load(path, len(texts), normalized),
            lambda path: Tfidf.fit(texts, normalized).save(path),
        )


def _map_lines(path: Path) -> MappedLines | None:
    lines = MappedLines(path) if path.is_file() else None
    return lines if lines is not None and lines.whole else None


def _map_vectors(path: Path, shape: tuple[int, int]) -> np.ndarray | None:
    rows, dim = shape
    if not path.is_file() or path.stat().st_size != 4 * rows * dim:
        return None
    return np.asarray(np.memmap(path, np.float32, "r", shape=shape)) if rows else np.zeros(shape, np.float32)
