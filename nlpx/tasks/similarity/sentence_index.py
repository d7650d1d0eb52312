"""The search index of sentences, stored in memory-mapped files."""

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
# Files with other term weights have other names, so they are not read.
LEXICAL = f"tfidf-{FORMAT}"
SHORT = 8
"""Number of digits of a SHA-256 in file names."""
ENCODED_AT_ONCE = 1 << 14
"""Number of sentences per batch of vectors; a message is printed if there are more."""


@dataclass(frozen=True)
class SentenceIndex:
    """Distinct sentences with their vectors.

    Attributes:
        vectors: (n, D) float32.
        lexical: TF-IDF with the document frequencies of `texts`; None if it is not used.
        postings: inverted lists of TF-IDF by segment; None if not used for all sentences.
        cells: cells for approximate search; None for exact search.
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
    """Builds indexes and stores them in folders.

    Attributes:
        encode: sentences -> vectors (n, D) float32.
        normalized: normalizes a sentence for TF-IDF, the same function for a folder; None if TF-IDF is
            not used.
        approximate: whether to compute cells.
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
        """The index of a folder; files that are missing, changed, or of another size are created.

        The sentences are stored with the vectors, so that vectors for other weights can be computed without
        the corpus.

        Args:
            name: name of the weights of the vectors.
            texts: reads the distinct sentences of the corpus.

        Raises:
            EnvironmentProblem: the folder is not writable, or faiss is required but not installed.
        """
        files = KeptFiles(folder, say)
        found = files.open(TEXTS, _map_lines, lambda path: write_lines(path, texts()))
        count = len(found)
        # Files of other sentences have other names, so they are not read.
        made_of = found.sha256[:SHORT]

        def write_vectors(path: Path) -> None:
            if count > ENCODED_AT_ONCE:
                say(f"computing the vectors of {count:,} sentences")
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
