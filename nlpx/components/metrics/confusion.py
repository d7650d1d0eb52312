"""Confusion matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape
from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values

CELL = 26
CHARACTER = 6.6
"""Edge length of a cell and width of a character, in pixels."""


class Confusion(Metric):
    """Confusion matrix, and the mean and the lowest per-class accuracy.

    An evaluation writes eval/SPLIT.confusion.svg, and .tsv with the counts; rows are the true classes.

    Options: none.
    Shapes: two values per split, 0 to 1.
    Data: records with a class.
    Relations: the mean is not weighted by the sizes of the classes.
    Reference: none.
    Example:
        metrics: [confusion]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"reference_class", "predicted_class"})
    directions: ClassVar[Directions] = {"macro_accuracy": "max", "worst_class_accuracy": "max"}

    type: Literal["confusion"] = "confusion"

    _counts: Counter[tuple[str, str]] = Counter()

    def terms(self, example: Values) -> Terms:
        return {example.reference_class: (example.reference_class == example.predicted_class, 1)}

    def of_sums(self, sums: Terms) -> dict[str, float]:
        values = list(super().of_sums(dict(sorted(sums.items()))).values())
        if not values:
            return {}
        return {"macro_accuracy": sum(values) / len(values), "worst_class_accuracy": min(values)}

    @property
    def accuracies(self) -> dict[str, float]:
        """The accuracy of each class that occurs."""
        return super().of_sums(dict(sorted(self._sums.items())))

    def update(self, example: Values) -> None:
        super().update(example)
        self._counts[example.reference_class, example.predicted_class] += 1

    def files(self) -> Mapping[str, str]:
        """The matrix as an image and as a table, with a row per class and a column per prediction."""
        labels = sorted({label for pair in self._counts for label in pair})
        counts = [[self._counts[row, column] for column in labels] for row in labels]
        return {"confusion.svg": svg(labels, counts), "confusion.tsv": tsv(labels, counts)}


def tsv(labels: list[str], counts: list[list[int]]) -> str:
    """Counts with a column per prediction and a row per class; the last column is the accuracy."""
    lines = [["class", *labels, "accuracy"]]
    for i, (label, row) in enumerate(zip(labels, counts, strict=True)):
        lines.append([label, *map(str, row), f"{row[i] / sum(row):.4f}" if any(row) else ""])
    return "".join("\t".join(line) + "\n" for line in lines)


def svg(labels: list[str], counts: list[list[int]]) -> str:
    """The matrix as squares, darker for a larger fraction of the row; the diagonal is green, errors red."""
    margin = round(max(map(len, labels), default=0) * CHARACTER) + 16
    edge = margin + CELL * len(labels) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{edge}" height="{edge}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{edge}" height="{edge}" fill="white"/>',
    ]
    for index, label in enumerate(labels):
        middle = margin + CELL * index + CELL // 2 + 4
        name = escape(label)
        parts.append(f'<text x="{margin - 6}" y="{middle}" text-anchor="end">{name}</text>')
        parts.append(f'<text transform="translate({middle},{margin - 6}) rotate(-90)">{name}</text>')
    for i, row in enumerate(counts):
        total = max(sum(row), 1)
        for j, count in enumerate(row):
            parts.append(_cell(margin + CELL * j, margin + CELL * i, count, count / total, right=i == j))
    return "\n".join([*parts, "</svg>", ""])


def _cell(x: int, y: int, count: int, share: float, *, right: bool) -> str:
    pale, mid = round(255 - 215 * share), round(255 - 95 * share)
    colour = f"rgb({pale},{mid},{pale})" if right else f"rgb(255,{pale},{pale})"
    square = f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="{colour}" stroke="#ddd"/>'
    if not count:
        return square
    middle = f'x="{x + CELL // 2}" y="{y + CELL // 2 + 4}" text-anchor="middle"'
    return f"{square}<text {middle}>{count}</text>"
