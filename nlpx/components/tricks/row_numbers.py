"""Random numbers that depend on a key, a row and a position alone, whatever else is in a batch."""

from __future__ import annotations

from nlpx.core.lazy import np

STEP, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
"""Constants of SplitMix64."""


def uniform(key: tuple[int, ...], rows: np.ndarray, length: int) -> np.ndarray:
    """Numbers between 0 and 1, (B, length), each a function of the key, of its row and of its position."""
    state = np.zeros(1, np.uint64)
    for number in key:
        state = _mixed(state + np.uint64((number + 1) * STEP % 2**64))
    of_rows = _mixed(state + (rows.astype(np.uint64) + np.uint64(1)) * np.uint64(STEP))
    places = np.arange(1, length + 1, dtype=np.uint64) * np.uint64(STEP)
    return (_mixed(of_rows[:, None] + places) >> np.uint64(11)) * 2.0**-53


def _mixed(x: np.ndarray) -> np.ndarray:
    """The output function of SplitMix64."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(FIRST)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(SECOND)
    return x ^ (x >> np.uint64(31))
