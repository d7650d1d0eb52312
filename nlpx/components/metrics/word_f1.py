"""Word precision, recall and F1."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values


class WordF1(Metric):
    """Word precision, recall and F1 of the SIGHAN bakeoffs, by character spans of the original text.

    f1 = 2 correct / (predicted + reference)

    A word is correct if both of its boundaries match a reference word. oov_recall and iv_recall are the
    recall on reference words outside and inside the vocabulary of the training split.

    Options:
        author_set_recall: also report set_recall = |set(reference) & set(predicted)| / |set(reference)| over
            sentences, the measure of the original article, which ignores positions and frequencies.
    Shapes: five values per split (six with the option), 0 to 1.
    Data: segmented sentences.
    Relations: none.
    Reference: Sproat and Emerson 2003; Emerson 2005; kexue.fm archive 5542.
    Example:
        metrics: [word_f1]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"reference_words", "known_words", "predicted_words"})
    directions: ClassVar[Directions] = {
        "precision": "max",
        "recall": "max",
        "f1": "max",
        "oov_recall": "max",
        "iv_recall": "max",
        "set_recall": "max",
    }

    type: Literal["word_f1"] = "word_f1"
    author_set_recall: bool = False

    def numbers(self, given: frozenset[str] | None = None) -> Directions:
        return {
            name: way
            for name, way in self.directions.items()
            if name != "set_recall" or self.author_set_recall
        }

    def terms(self, example: Values) -> Terms:
        predicted, reference = set(spans(example.predicted_words)), spans(example.reference_words)
        found = [span in predicted for span in reference]
        known = example.known_words
        known_found = sum(f and k for f, k in zip(found, known, strict=True))
        words = set(example.reference_words)
        terms = {
            "precision": (sum(found), len(predicted)),
            "recall": (sum(found), len(reference)),
            "f1": (2 * sum(found), len(predicted) + len(reference)),
            "oov_recall": (sum(found) - known_found, known.count(False)),
            "iv_recall": (known_found, known.count(True)),
            "set_recall": (len(words.intersection(example.predicted_words)), len(words)),
        }
        return {name: terms[name] for name in self.numbers()}


def spans(words: Iterable[str]) -> list[tuple[int, int]]:
    """(start, end) of every word in the concatenated text, in code points."""
    return list(pairwise(accumulate(map(len, words), initial=0)))
