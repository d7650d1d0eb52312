"""Similarity of words compared with judgements of people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from nlpx.components.metrics.base import Directions
from nlpx.components.metrics.correlation import spearman
from nlpx.components.metrics.word_metric import NOT_OF_ROWS, WordMetric
from nlpx.core.lazy import np
from nlpx.data.files import filled_lines
from nlpx.errors import DataError

if TYPE_CHECKING:
    from nlpx.data.word_vectors import WordVectors

ScoredWords = tuple[str, str, float]


class WordSimilarity(WordMetric):
    """Rank correlation of the cosines of word pairs with judgements (word_spearman), and the share of pairs
    that have vectors (word_coverage), over which alone the former is computed.

    Options:
        file: lines `word<TAB>word<TAB>score`; default: the pairs of the built-in sample.
    Shapes: the vectors of all words, once per split.
    Data: a file of pairs as of wordsim-240, also `.gz`.
    Relations: compare systems with the same coverage only: rare words are the difficult ones. Pairs do not
        depend on the split.
    Reference: WordSim: Finkelstein et al. 2002; Chinese pairs: Jin and Wu 2012.
    Example:
        metrics: [{type: word_similarity, file: wordsim-240.tsv}]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"word_vectors", "word_pairs"})
    directions: ClassVar[Directions] = {"word_spearman": "max", "word_coverage": "max"}

    no_interval: ClassVar[Mapping[str, str]] = dict.fromkeys(directions, NOT_OF_ROWS)

    type: Literal["word_similarity"] = "word_similarity"

    @staticmethod
    def read(path: Path) -> list[ScoredWords]:
        return read_pairs(path)

    @staticmethod
    def of_sample(example: Any) -> Sequence[ScoredWords]:
        pairs: Sequence[ScoredWords] = example.word_pairs
        return pairs

    def result(self) -> dict[str, float]:
        vectors: WordVectors | None = self._vectors
        if vectors is None or not self._questions:
            return {}
        ids = vectors.ids
        known = [(ids[a], ids[b], score) for a, b, score in self._questions if a in ids and b in ids]
        found = {"word_coverage": len(known) / len(self._questions)}
        if len(known) > 1:
            first, second, scores = map(np.array, zip(*known, strict=True))
            found = {"word_spearman": spearman(scores, vectors.cosines(first, second)), **found}
        return found


def read_pairs(path: Path) -> list[ScoredWords]:
    """The pairs of a file; raises DataError."""
    pairs: list[ScoredWords] = []
    for where, line in filled_lines(path):
        cells = [cell.strip() for cell in line.split("\t")]
        try:
            first, second, score = cells[0], cells[1], float(cells[2])
        except (IndexError, ValueError):
            first, second, score = "", "", math.nan
        if len(cells) != 3 or not first or not second or not math.isfinite(score):
            raise DataError(f"{where}: {line[:60]!r}. Expected `word<TAB>word<TAB>score`.")
        pairs.append((first, second, score))
    if not pairs:
        raise DataError(f"{path}: there are no pairs in it. Expected lines `word<TAB>word<TAB>score`.")
    return pairs
