"""Drawings of what predictions attend to."""

from __future__ import annotations

from html import escape

import numpy as np

from nlpx.core.plot import cells, opening, text
from nlpx.core.printable import printable
from nlpx.specs.predictor import AttentionMap

CELL, GAP, TOP, LETTER = 19, 8, 30, 8
WIDE = 20
"""Tokens of the text in a row of squares; further ones are below, so that a narrow page shows them, too."""
LONGEST = 4
"""Characters of a token that are shown."""


def attention_map(title: str, found: AttentionMap) -> str:
    """Squares for each token of a prediction (down) and of its text (across), darker for more attention.

    A prediction as a whole has one row.
    """
    read = [_shown(token) for token in found.read]
    rows = [_shown(token) for token in found.written] or ["全文"]
    weights = np.asarray(found.weights, np.float64)
    # Among many tokens, all weights are small: the darkest square is the largest one.
    shares = weights / max(float(weights.max(initial=0.0)), 1e-9)
    left = GAP + CELL * max(1, max(len(row) for row in rows))
    wide = min(WIDE, max(len(read), 1))
    step = max((len(token) for token in read), default=1) if any(len(token) > 1 for token in read) else 1
    cell = CELL * min(step, 2)
    height = CELL * (len(rows) + 1) + GAP
    blocks = [range(start, min(start + wide, len(read))) for start in range(0, len(read), wide)]
    parts = [opening(max(left + cell * wide, LETTER * cells(title)) + 2 * GAP, TOP + height * len(blocks))]
    parts.append(text(GAP, 20, title, 'font-size="14" font-weight="bold"'))
    for number, block in enumerate(blocks):
        top = TOP + height * number
        for column, place in enumerate(block):
            middle = left + cell * (column + 0.5)
            parts.append(text(middle, top + 14, read[place], 'text-anchor="middle" font-size="13"'))
            for row, label in enumerate(rows):
                y = top + CELL * (row + 1)
                if column == 0:
                    parts.append(text(left - 4, y + 14, label, 'text-anchor="end" font-size="13"'))
                hint = f"{label} → {read[place]}: {weights[row, place]:.1%}"
                parts.append(
                    f'<rect x="{left + cell * column}" y="{y}" width="{cell}" height="{CELL}" '
                    f'fill="{_colour(shares[row, place])}" stroke="#e4e7ea">'
                    f"<title>{escape(printable(hint))}</title></rect>"
                )
    return "\n".join([*parts, "</svg>\n"])


def _shown(token: str) -> str:
    plain = printable(token) if token.strip() else "␣"
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1]}…"


def _colour(share: float) -> str:
    """White to blue."""
    red, green, blue = (round(255 - (255 - part) * share) for part in (31, 111, 180))
    return f"rgb({red},{green},{blue})"
