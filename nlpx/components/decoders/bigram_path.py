"""The most probable characters of a line, under a classifier of characters and a bigram language model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from nlpx.components.decoders.bigram_text import BigramText
from nlpx.core.lazy import np
from nlpx.core.options import NonNegativeFloat, PositiveInt
from nlpx.text.additive_bigrams import AdditiveBigrams


class BigramPath(BigramText):
    """The best path through the candidates of the boxes of a line.

    argmax over s of  prod_i W_i(s_i) prod_i P(s_i+1 | s_i)^weight
    P(b | a) = (n(ab) + alpha) / (n(a) + alpha V)

    W_i(s) is the probability of the character s in box i; s_i is one of the most probable ones. V is the
    number of classes.

    Options:
        top: number of candidates of a box.
        weight: exponent of P; 0 does not use the text.
    Shapes: probabilities (T, U) of T boxes -> T characters.
    Data: text as it is on the pages; one bigram that occurs outweighs hundreds that do not.
    Relations: it repairs characters that look alike, and may damage names and numbers, whose bigrams are
        rare. Flat probabilities, for example after label smoothing, are outweighed by bigrams; the task ocr
        therefore scales them by a temperature that fits the validation split. Counting reads the whole text
        at the first prediction, about 10 million characters per second.
    Reference: Viterbi 1967; kexue.fm archive 3842.
    Example:
        decode: {type: bigram_path, text: news.txt, top: 3}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"candidates"})

    type: Literal["bigram_path"] = "bigram_path"
    top: PositiveInt = 3
    weight: NonNegativeFloat = 1.0

    def decode(self, probabilities: np.ndarray, characters: Sequence[str]) -> list[int]:
        """The class of every box.

        Args:
            probabilities: W, (T, U).
            characters: those of the U classes.
        """
        if self.text is None or not self.weight or len(probabilities) < 2:
            return [int(best) for best in probabilities.argmax(1)] if len(probabilities) else []
        return self.best(self.bigrams, probabilities, characters)[0]

    def best(
        self, bigrams: AdditiveBigrams, probabilities: np.ndarray, characters: Sequence[str]
    ) -> tuple[list[int], float]:
        """The best path through at least one box, and the logarithm of its product."""
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, : self.top]
        tokens = [[characters[i] for i in row] for row in order]
        back = []
        with np.errstate(divide="ignore"):
            scores = np.log(np.take_along_axis(probabilities, order, 1).astype(np.float64))
            best = scores[0]
            for row, before, here in zip(scores[1:], tokens, tokens[1:], strict=False):
                moves = bigrams.probabilities(before, here, self.smoothing, len(characters))
                total = best[:, None] + self.weight * np.log(moves)
                back.append(total.argmax(0))
                best = total.max(0) + row
        places = [int(best.argmax())]
        for previous in reversed(back):
            places.append(int(previous[places[-1]]))
        path = [int(row[place]) for row, place in zip(order, reversed(places), strict=True)]
        return path, float(best.max())
