"""A map of words."""

from __future__ import annotations

from html import escape

import numpy as np

from nlpx.data.word_vectors import WordVectors, principal_plane

SIZE, MARGIN = 960, 60


def word_map(vectors: WordVectors, count: int) -> bytes:
    """The most frequent words on the plane of the two principal components of their vectors, as SVG."""
    tokens = vectors.tokens[:count]
    plane = principal_plane(vectors.units[:count])
    low, high = plane.min(0), plane.max(0)
    scaled = (plane - low) / np.where(high > low, high - low, 1)
    places = MARGIN + scaled * (SIZE - 2 * MARGIN)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}" '
        f'viewBox="0 0 {SIZE} {SIZE}" font-family="sans-serif" font-size="13">',
        f'<rect width="{SIZE}" height="{SIZE}" fill="white"/>',
    ]
    for token, (x, y) in zip(tokens, places.tolist(), strict=True):
        up = SIZE - y
        lines.append(f'<circle cx="{x:.1f}" cy="{up:.1f}" r="2" fill="#1f6fb4"/>')
        lines.append(f'<text x="{x + 4:.1f}" y="{up - 3:.1f}">{escape(token)}</text>')
    return ("\n".join([*lines, "</svg>"]) + "\n").encode()
