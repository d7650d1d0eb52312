"""Attention alone against its formula, with every restriction; no defect of the original code."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.special import softmax

from nlpx.components.encoders.plain_attention import PlainAttention
from nlpx.core.build import build
from nlpx.layers.attention import Restriction, attention_mask, waves
from nlpx.layers.taps import recording

RULES: dict[str, Callable[[int, int, int], bool]] = {
    "local": lambda d, neighbors, rate: d in range(-neighbors * rate, neighbors * rate + 1, rate),
    "atrous": lambda d, neighbors, rate: d % rate == 0,
    "sparse": lambda d, neighbors, rate: d % rate == 0 or abs(d) <= rate - 1,
}
"""What is allowed at a distance d, by the rules of the article."""
RESTRICTIONS = [
    ("local", 1, 1),
    ("local", 2, 2),
    ("atrous", None, 3),
    ("sparse", None, 2),
    ("sparse", None, 3),
]


@given(
    length=st.integers(1, 12),
    restriction=st.sampled_from([None, *RULES]),
    neighbors=st.integers(1, 4),
    rate=st.integers(1, 5),
    causal=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_masks_by_their_rules(
    length: int, restriction: Restriction | None, neighbors: int, rate: int, causal: bool
) -> None:
    mask = np.arange(length) < np.array([length, length // 2])[:, None]
    found = attention_mask(length, mask, causal, restriction, neighbors, rate)
    found = np.broadcast_to(True if found is None else found, (2, length, length))
    for row, i, j in np.ndindex(2, length, length):
        allowed = RULES[restriction](j - i, neighbors, rate) if restriction else True
        assert found[row, i, j] == (allowed and mask[row, j] and (j <= i or not causal))


def test_default_rates() -> None:
    rates: dict[Restriction, int] = {"local": 1, "atrous": 2, "sparse": 2}
    for restriction, rate in rates.items():
        default = attention_mask(9, None, False, restriction)
        np.testing.assert_array_equal(default, attention_mask(9, None, False, restriction, 1, rate))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("restriction", "neighbors", "rate"), [(None, None, None), *RESTRICTIONS])
def test_the_formula(restriction: str | None, neighbors: int | None, rate: int | None, causal: bool) -> None:
    """Row by row and pair by pair: only what may be attended to is in the softmax, once each."""
    rng = np.random.default_rng(0)
    options = {"restriction": restriction, "neighbors": neighbors, "rate": rate, "causal": causal}
    positions = causal
    layer = build(
        PlainAttention.model_validate(
            {"heads": 2, "size": 3, "key_size": 5, "positions": positions, **options}
        )
    )
    x, lengths = rng.normal(size=(2, 7, 4)).astype(np.float32), (7, 4)
    mask = np.arange(7) < np.array(lengths)[:, None]
    found = np.asarray(layer(x, mask=mask))
    query, key, value = (projection.kernel.numpy() for projection in layer.projections)
    placed = x + np.asarray(waves(7, 4)) if positions else x
    expected = np.zeros((2, 7, 6))
    for row, length in enumerate(lengths):
        for i, head in np.ndindex(length, 2):
            rule = RULES[restriction] if restriction else lambda d, neighbors, rate: True
            allowed = [
                j for j in range(length) if rule(j - i, neighbors or 1, rate or 1) and (j <= i or not causal)
            ]
            keys, values = slice(5 * head, 5 * head + 5), slice(3 * head, 3 * head + 3)
            seen = placed[row, allowed]
            scores = (seen @ key[:, keys]) @ (placed[row, i] @ query[:, keys]) / np.sqrt(5)
            expected[row, i, values] = softmax(scores) @ (seen @ value[:, values])
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_local_is_the_sliding_window_of_keras() -> None:
    x = np.random.default_rng(2).normal(size=(2, 9, 4)).astype(np.float32)
    ours = build(PlainAttention(heads=2, size=3, restriction="local", neighbors=2))
    theirs = keras.layers.MultiHeadAttention(2, 3, use_bias=False, sliding_window=3, output_shape=6)
    found = ours(x)
    theirs.build(x.shape, x.shape)
    kernels = [projection.kernel.numpy().reshape(4, 2, 3) for projection in ours.projections]
    theirs.set_weights([*kernels, np.eye(6).reshape(2, 3, 6)])
    np.testing.assert_allclose(found, theirs(x, x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("restriction", "neighbors", "rate"), RESTRICTIONS)
def test_weights_sum_to_one_at_the_borders_and_count_every_position_once(
    restriction: str, neighbors: int | None, rate: int
) -> None:
    """Blocks of padding at the borders would shrink outputs; a position in two sets would count twice."""
    options = {"heads": 1, "size": 4, "restriction": restriction, "neighbors": neighbors, "rate": rate}
    layer = build(PlainAttention.model_validate(options), name="attention")
    x = np.random.default_rng(3).normal(size=(1, 7, 4)).astype(np.float32)
    layer(x)
    query, _, value = layer.projections
    query.kernel.assign(np.zeros((4, 4)))
    value.kernel.assign(np.eye(4))
    with recording() as taps:
        found = layer(x).numpy()[0]
    np.testing.assert_allclose(np.sum(taps["attention/weights"], -1), 1, rtol=1e-5)
    for i in range(7):
        allowed = [j for j in range(7) if RULES[restriction](j - i, neighbors or 1, rate)]
        np.testing.assert_allclose(found[i], x[0, allowed].mean(0), rtol=1e-4, atol=1e-6)


def test_sparse_sees_odd_neighbors() -> None:
    mask = np.asarray(attention_mask(6, None, False, "sparse", None, 2))[0]
    assert mask[2].tolist() == [True, True, True, True, True, False]


def test_attention_that_is_not_causal_is_not_uniform() -> None:
    """Adding -1e10 to every score, as the original code does, leaves none of them in float32."""
    x = np.random.default_rng(4).normal(size=(1, 6, 8)).astype(np.float32)
    layer = build(PlainAttention(heads=1, size=8))
    layer(x)
    for projection in layer.projections:
        projection.kernel.assign(np.eye(8))
    assert np.float32(3.7) - np.float32(1e10) == np.float32(-1e10)
    assert np.abs(layer(x).numpy()[0] - x[0].mean(0)).max() > 0.5


def test_f11_order_is_seen_with_positions_only() -> None:
    """Without them Att(P x) = P Att(x)."""
    x = np.random.default_rng(1).normal(size=(1, 6, 8)).astype(np.float32)
    order = np.array([3, 1, 5, 0, 2, 4])
    for positions in (False, True):
        layer = build(PlainAttention(positions=positions))
        same = np.allclose(layer(x[:, order]), np.asarray(layer(x))[:, order], atol=1e-5)
        assert same is not positions


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"neighbors": 2}, "neighbors belongs to restriction: local"),
        ({"restriction": "sparse", "neighbors": 2}, "neighbors belongs to restriction: local"),
        ({"rate": 2}, "rate belongs to a restriction"),
        ({"restriction": "sparse", "rate": 1}, "sparse with rate 1 attends to all positions"),
    ],
)
def test_options_that_restrict_nothing(options: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        PlainAttention.model_validate(options)
