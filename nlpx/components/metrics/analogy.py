"""Analogies of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from nlpx.components.metrics.base import Directions
from nlpx.components.metrics.word_metric import NOT_OF_ROWS, WordMetric
from nlpx.core.lazy import np
from nlpx.data.files import filled_lines
from nlpx.errors import DataError

if TYPE_CHECKING:
    from nlpx.data.word_vectors import WordVectors


class Question(NamedTuple):
    """a is to b as c is to d, which is asked for, in a named section."""

    a: str
    b: str
    c: str
    d: str
    section: str = ""


class Analogy(WordMetric):
    """Share of the analogies a : b = c : d whose d is found (analogy_accuracy), and the share of questions of
    which all four words have vectors (analogy_coverage), over which alone the former is computed.

    3CosAdd: d = argmax over words x not in {a, b, c} of cos(x, b - a + c), with vectors of length 1

    Options:
        file: lines `a b c d`, with lines `: NAME` that begin a section; default: the questions of the
            built-in sample.
    Shapes: the vectors of all words, once per split.
    Data: a file of questions as of word2vec, also `.gz`.
    Relations: a small vocabulary has fewer wrong words to choose from: compare systems with the same coverage
        and vocabulary only. The evaluation writes the values of each section to a table.
    Reference: Mikolov et al. 2013, arXiv 1301.3781; 3CosAdd: Levy and Goldberg 2014.
    Example:
        metrics: [{type: analogy, file: analogies.txt}]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"word_vectors", "word_analogies"})
    directions: ClassVar[Directions] = {"analogy_accuracy": "max", "analogy_coverage": "max"}

    no_interval: ClassVar[Mapping[str, str]] = dict.fromkeys(directions, NOT_OF_ROWS)

    type: Literal["analogy"] = "analogy"

    @staticmethod
    def read(path: Path) -> list[Question]:
        return read_questions(path)

    @staticmethod
    def of_sample(example: Any) -> Sequence[Question]:
        questions: Sequence[Question] = example.word_analogies
        return questions

    def result(self) -> dict[str, float]:
        known, right = self._judged()
        found = {"analogy_coverage": len(known) / len(self._questions)} if self._questions else {}
        return {"analogy_accuracy": float(right.mean()), **found} if known else found

    def files(self) -> dict[str, str]:
        """A table of the sections."""
        known, right = self._judged()
        lines = ["section\tquestions\tcovered\tcorrect"]
        for section in dict.fromkeys(question.section for question in self._questions or ()):
            asked = sum(question.section == section for question in self._questions or ())
            own = [
                correct for question, correct in zip(known, right, strict=True) if question.section == section
            ]
            lines.append(f"{section}\t{asked}\t{len(own)}\t{sum(own)}")
        return {"analogies.tsv": "\n".join(lines) + "\n"} if self._questions else {}

    def _judged(self) -> tuple[list[Question], np.ndarray]:
        """The questions all of whose words are known, and which of them are solved."""
        vectors: WordVectors | None = self._vectors
        if vectors is None or not self._questions:
            return [], np.zeros(0, bool)
        known = [q for q in self._questions if all(word in vectors.ids for word in q[:4])]
        if not known:
            return [], np.zeros(0, bool)
        rows = np.array([[vectors.ids[word] for word in question[:4]] for question in known])
        a, b, c = (vectors.units[rows[:, i]] for i in range(3))
        best, _ = vectors.neighbours(b - a + c, 1, rows[:, :3])
        return known, best[:, 0] == rows[:, 3]


def read_questions(path: Path) -> list[Question]:
    """The questions of a file; raises DataError."""
    questions: list[Question] = []
    section = ""
    for where, line in filled_lines(path):
        words = line.split()
        if words[0].startswith(":"):
            section = line.strip().lstrip(":").strip()
        elif len(words) == 4:
            a, b, c, d = words
            questions.append(Question(a, b, c, d, section))
        else:
            raise DataError(f"{where}: {len(words)} words. Expected four, `a b c d`, or `: SECTION`.")
    if not questions:
        raise DataError(f"{path}: there are no questions in it. Expected lines `a b c d`.")
    return questions
