"""Segment Chinese text with a file of `nlpx export`. Needs NumPy alone: this file can be copied elsewhere.

    python runtime.py FILE.npz < TEXT

writes the words of every line, separated by blanks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

FORMAT = 1
"""The version of the arrays."""
SINGLE = 0
"""Tags are s, b, m, e."""
BEGINS, ENDS = np.array([True, True, False, False]), np.array([True, False, False, True])
"""Whether a word begins, or ends, at a character with this tag."""
POSITIONS = 1 << 14
"""Characters of a batch."""


class Segmenter:
    """Characters -> embeddings -> convolutions -> dense layer -> the best legal tags.

    Args:
        arrays: those of the file. `kernel_I` (K, in, out), `bias_I`, `dilation_I` and `activation_I` belong
            to convolution I; `ids` are the rows of `embedding` for `code_points`; others have row 0.

    Raises:
        ValueError: these are not the arrays of a segmenter.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        if "format" not in arrays or int(arrays["format"]) != FORMAT:
            raise ValueError(f"not a segmenter of `nlpx export` with the format {FORMAT}")
        embedding = arrays["embedding"]
        self._border = len(embedding)
        table = np.zeros(int(arrays["code_points"].max(initial=-1)) + 2, np.int32)
        table[arrays["code_points"]] = arrays["ids"]
        self._ids = table  # its last entry, 0, is used for everything above
        kernels = [arrays[f"kernel_{i}"] for i in range(int(arrays["layers"]))]
        # The first convolution of an embedding is a sum of rows, one table for each place of the window.
        self._tables = [np.pad(embedding @ kernel, [(0, 1), (0, 0)]) for kernel in kernels[0]]
        self._kernels = kernels[1:]
        self._biases = [arrays[f"bias_{i}"] for i in range(len(kernels))]
        self._dilations = [int(arrays[f"dilation_{i}"]) for i in range(len(kernels))]
        self._activations = [str(arrays[f"activation_{i}"]) for i in range(len(kernels))]
        self._gap = max(d * (len(k) - 1) for d, k in zip(self._dilations, kernels, strict=True))
        self._weights, self._bias = arrays["weights"], arrays["bias"]
        self._transitions, self._start, self._stop = (
            arrays[n].astype(np.float64) for n in ("transitions", "start", "stop")
        )
        self._limit = int(arrays["max_length"])
        self._marks = [set(map(chr, arrays[name])) for name in ("sentence_end", "clause_end")]

    @classmethod
    def load(cls, path: str | Path) -> Segmenter:
        """The segmenter in a file; raises OSError, or ValueError if it is damaged or another file."""
        try:
            with np.load(path, allow_pickle=False) as file:
                made = cls(dict(file))
            made.words(["一二"])  # arrays that do not fit together
        except (BadZipFile, EOFError, KeyError, IndexError, TypeError, ValueError) as error:
            raise ValueError(f"damaged, or not a file of `nlpx export`: {error}") from None
        return made

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of every text, which concatenate to the text; blanks are words."""
        pieces = [self._cut(text) for text in texts]
        tags = iter(self._tags([piece for row in pieces for piece in row]))
        result = []
        for text, row in zip(texts, pieces, strict=True):
            whole = np.concatenate([np.zeros(0, np.intp), *(next(tags) for _ in row)])
            if len("".join(text.split())) < len(text):
                whole[[i for i, char in enumerate(text) if char.isspace()]] = SINGLE
            borders = np.flatnonzero(ENDS[whole[:-1]] | BEGINS[whole[1:]]) + 1
            bounds = [0, *borders.tolist(), len(text)]
            result.append([text[i:j] for i, j in pairwise(bounds)] if text else [])
        return result

    def scores(self, texts: Sequence[str]) -> list[np.ndarray]:
        """Scores of the tags of every text, (T, 4) float32, without its transitions."""
        lengths = [len(text) for text in texts]
        if not sum(lengths):
            return [np.zeros((0, len(self._bias)), np.float32) for _ in texts]
        starts = np.cumsum([0, *(length + self._gap for length in lengths[:-1])])
        ids = np.full(starts[-1] + lengths[-1], self._border, np.int32)
        for text, start in zip(texts, starts, strict=True):
            codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<i4")
            ids[start : start + len(codes)] = self._ids.take(codes, mode="clip")
        real = (ids < self._border)[:, None]
        x = sum(table[i] for table, i in zip(self._tables, self._shifted(ids, 0), strict=True))
        x = self._activated(x, 0) * real
        for number, kernel in enumerate(self._kernels, start=1):
            parts = zip(self._shifted(x, number), kernel, strict=True)
            x = self._activated(sum(part @ weights for part, weights in parts), number) * real
        y = x @ self._weights + self._bias
        return [y[start : start + length] for start, length in zip(starts, lengths, strict=True)]

    def probabilities(self, texts: Sequence[str]) -> list[np.ndarray]:
        """The softmax of the scores."""
        powers = [np.exp(y - y.max(-1, keepdims=True)) for y in self.scores(texts)]
        return [power / power.sum(-1, keepdims=True) for power in powers]

    def _shifted(self, x: np.ndarray, number: int) -> Iterator[np.ndarray]:
        """What each place of the window of a convolution sees, (N, ...)."""
        size = len(self._kernels[number - 1] if number else self._tables)
        reach = self._dilations[number] * (size - 1)
        around = [(reach // 2, reach - reach // 2), *[(0, 0)] * (x.ndim - 1)]
        padded = np.pad(x, around, constant_values=0 if number else self._border)
        return (padded[i * self._dilations[number] :][: len(x)] for i in range(size))

    def _activated(self, x: np.ndarray, number: int) -> np.ndarray:
        x = x + self._biases[number]
        if self._activations[number] == "linear":
            return x
        return np.tanh(x) if self._activations[number] == "tanh" else np.maximum(x, 0)

    def _tags(self, texts: Sequence[str]) -> Iterator[np.ndarray]:
        """Tags of every text, in order; computed in batches of similar length."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        found: dict[int, np.ndarray] = {}
        while order:
            size = max(1, POSITIONS // max(1, len(texts[order[-1]])))
            rows, order = order[-size:], order[:-size]
            found |= zip(rows, self._best(self.scores([texts[i] for i in rows])), strict=True)
        return (found[i] for i in range(len(texts)))

    def _best(self, scores: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The best tags of every row; ties go to the lower tag."""
        lengths = np.array([len(row) for row in scores])
        best = np.zeros((max(lengths.max(), 1), len(self._bias), len(scores)))
        for number, row in enumerate(scores):
            best[: len(row), :, number] = row
        best[0] += self._start[:, None]
        for t in range(1, len(best)):
            reached = (best[t - 1][:, None] + self._transitions[:, :, None]).max(0) + best[t]
            best[t] = np.where(t < lengths, reached, best[t - 1])
        path = np.empty((len(best), len(scores)), np.intp)
        path[-1] = (best[-1] + self._stop[:, None]).argmax(0)
        for t in range(len(best) - 1, 0, -1):
            previous = (best[t - 1] + self._transitions[:, path[t]]).argmax(0)
            path[t - 1] = np.where(t < lengths, previous, path[t])
        return [path[:length, row] for row, length in enumerate(lengths)]

    def _cut(self, text: str) -> list[str]:
        """Pieces that are short enough, which end after a mark where there is one."""
        pieces = []
        while len(text) > self._limit:
            ends = (i for marks in self._marks for i in range(self._limit, 0, -1) if text[i - 1] in marks)
            end = next(ends, self._limit)
            pieces.append(text[:end])
            text = text[end:]
        return [*pieces, text] if text else pieces


def main() -> None:
    """Segment standard input."""
    if len(sys.argv) != 2:
        sys.exit("expected the name of one file of `nlpx export`: python runtime.py FILE.npz < TEXT")
    try:
        segmenter = Segmenter.load(sys.argv[1])
    except (OSError, ValueError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    lines = text.split("\n")
    for words in segmenter.words([line.removesuffix("\r") for line in lines[: len(lines) - (not lines[-1])]]):
        sys.stdout.buffer.write(" ".join(words).encode("utf-8", "surrogateescape") + b"\n")


if __name__ == "__main__":
    main()
