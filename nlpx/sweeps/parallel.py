"""Parallel coordinates of a sweep: an axis for each dimension and the metric, a line for each trial."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any

from nlpx.core.plot import Axis
from nlpx.sweeps.space import Choice, Range, Space
from nlpx.sweeps.summary import Row, Summary

GAP, HEIGHT, LEFT, TOP, BOTTOM = 170, 420, 110, 60, 50
GOOD, BAD = (31, 111, 180), (214, 214, 214)
"""Colours of the best and of the worst trial."""
HALO = 'paint-order="stroke" stroke="white" stroke-width="3" stroke-linejoin="round"'
"""Keeps labels readable where lines cross them."""
LONGEST_LABEL = 22


def parallel_svg(space: Space, summary: Summary) -> str:
    """The trials with a mean; the better, the bluer. A line shows its trial when the pointer is on it."""
    rows = [row for row in summary.rows if row.decision == "finished"]
    width = LEFT + GAP * len(space) + 120
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" '
        f'height="{HEIGHT}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="16" y="24" font-size="14">{escape(f"{summary.name}: {len(rows)} trials")}</text>',
    ]
    axes = [_Scale.of(dimension, [row.point.get(name) for row in rows]) for name, dimension in space.items()]
    axes.append(_Scale.of_numbers([row.mean for row in rows if row.mean is not None]))
    for rank, row in reversed(list(enumerate(rows))):  # the best one is drawn last, on top
        values = [*(row.point.get(name) for name in space), row.mean]
        parts.append(_line(axes, values, rank / max(1, len(rows) - 1), row, summary.metric))
    parts.append(f"<g {HALO}>")
    for place, (name, axis) in enumerate(zip([*space, summary.metric], axes, strict=True)):
        parts += axis.drawn(LEFT + GAP * place, name)
        if any(name in space and name not in row.point for row in rows):
            parts.append(_label(LEFT + GAP * place, HEIGHT - BOTTOM + 40, "not active", "middle"))
    return "\n".join([*parts, "</g>", "</svg>\n"])


def parallel_html(space: Space, summary: Summary) -> str:
    """The same as a page."""
    title = escape(summary.name)
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>\n'
        f'<body style="margin:1rem">\n{parallel_svg(space, summary)}</body></html>\n'
    )


class _Scale:
    """Where values lie on an axis, from 0 at the bottom to 1.

    Args:
        numbers: the axis of numbers; None for values of a choice.
        values: the values of a choice, as text.
    """

    def __init__(self, numbers: Axis | None, values: Sequence[str] = ()) -> None:
        self._numbers, self._values = numbers, list(values)

    @classmethod
    def of(cls, dimension: Choice | Range, values: Sequence[Any]) -> _Scale:
        if isinstance(dimension, Range):
            low, high = dimension.range
            return cls(Axis("", low, high, dimension.log))
        return cls(None, [json.dumps(value, ensure_ascii=False) for value in dimension.choice])

    @classmethod
    def of_numbers(cls, values: Sequence[float]) -> _Scale:
        return cls(Axis.over("", values or [0.0]))

    def y(self, value: Any) -> float:
        """The height in pixels; below the axis for a dimension that is not active."""
        low, high = HEIGHT - BOTTOM, TOP
        if value is None and "null" not in self._values:
            return low + 24
        if self._numbers is not None:
            return low + (high - low) * self._numbers.share(value)
        place = self._values.index(json.dumps(value, ensure_ascii=False))
        return low + (high - low) * (place + 0.5) / len(self._values)

    def drawn(self, x: int, name: str) -> list[str]:
        ticks: list[tuple[Any, str]] = [(json.loads(value), value) for value in self._values]
        if self._numbers is not None:
            ticks = [(tick, f"{tick:.4g}") for tick in self._numbers.ticks()]
        lines = [
            f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{HEIGHT - BOTTOM}" stroke="#444444" stroke-width="1"/>',
            f'<text x="{x}" y="{TOP - 14}" text-anchor="middle">{escape(_short(name))}'
            f"<title>{escape(name)}</title></text>",
        ]
        for value, label in ticks:
            y = self.y(value)
            lines.append(
                f'<line x1="{x - 4}" y1="{y:.1f}" x2="{x}" y2="{y:.1f}" stroke="#444444" stroke-width="1"/>'
            )
            lines.append(_label(x - 8, y + 4, label, "end"))
        return lines


def _line(axes: Sequence[_Scale], values: Sequence[Any], share: float, row: Row, metric: str) -> str:
    points = " ".join(
        f"{LEFT + GAP * i},{axis.y(value):.1f}"
        for i, (axis, value) in enumerate(zip(axes, values, strict=True))
    )
    red, green, blue = (round(good + (bad - good) * share) for good, bad in zip(GOOD, BAD, strict=True))
    told = ", ".join(f"{name}={value}" for name, value in row.point.items())
    title = escape(f"trial {row.number}: {told}: {metric} {row.mean:.4f} (n={row.n})")
    return (
        f'<polyline fill="none" stroke="rgb({red},{green},{blue})" stroke-width="2" points="{points}">'
        f"<title>{title}</title></polyline>"
    )


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y:.1f}" text-anchor="{anchor}" fill="#444444">{escape(_short(text))}</text>'


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else f"…{text[1 - LONGEST_LABEL :]}"
