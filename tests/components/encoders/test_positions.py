"""Vectors of positions: the values and the rotation of the article, both ways to merge them."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from nlpx.components.encoders.positions import Positions
from nlpx.core.build import build
from nlpx.layers.attention import waves

X = np.random.default_rng(0).normal(size=(2, 5, 4)).astype(np.float32)


def test_f11_positions() -> None:
    """PE(1) of width 8, and PE(t + k) as PE(t) with every pair rotated by k w_i."""
    expected = [0.841471, 0.540302, 0.099833, 0.995004, 0.01, 0.99995, 0.001, 1]
    np.testing.assert_allclose(waves(2, 8)[1], expected, atol=1e-6)
    table = np.asarray(waves(30, 8), np.float64).reshape(30, 4, 2)
    for k in (1, 7):
        angles = k / 10_000 ** (np.arange(4) / 4)
        sine, cosine = table[:-k, :, 0], table[:-k, :, 1]
        turned = np.stack(
            [
                sine * np.cos(angles) + cosine * np.sin(angles),
                cosine * np.cos(angles) - sine * np.sin(angles),
            ],
            -1,
        )
        np.testing.assert_allclose(table[k:], turned, atol=1e-5)


def test_waves_of_an_odd_width() -> None:
    found = waves(50, 7).numpy()
    for place in range(50):
        for i in range(7):
            angle = place / 10_000 ** ((i - i % 2) / 7)
            assert found[place, i] == pytest.approx(np.cos(angle) if i % 2 else np.sin(angle), abs=1e-5)


def test_waves_are_added_or_appended() -> None:
    np.testing.assert_allclose(build(Positions())(X), X + waves(5, 4).numpy(), atol=1e-6)
    found = build(Positions(merge="concat", size=6))(X).numpy()
    np.testing.assert_array_equal(found[..., :4], X)
    for row in found:
        np.testing.assert_array_equal(row[:, 4:], waves(5, 6))
    assert (Positions(merge="concat").width(4), Positions(merge="concat", size=6).width(4)) == (8, 10)


def test_a_table_starts_as_zeros_and_ends_with_its_last_row() -> None:
    layer = build(Positions(form="learned", max_length=3))
    np.testing.assert_array_equal(layer(X), X)
    table = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)
    layer.table.assign(table)
    np.testing.assert_allclose(layer(X), X + table[[0, 1, 2, 2, 2]], rtol=1e-6)


@pytest.mark.parametrize("options", [{"size": 3}, {"max_length": 3}])
def test_options_without_effect(options: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="remove"):
        Positions.model_validate(options)
