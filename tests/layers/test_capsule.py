"""Capsules against the numbers of the article and against loops."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from nlpx.layers.capsule import Capsule
from nlpx.layers.taps import recording


def routed(
    projected: np.ndarray, routings: int, accumulate: bool, squash: float, squash_inside: bool = False
) -> np.ndarray:
    """Capsule by capsule, in float64: p (n, capsules, size) -> (capsules, size)."""
    inputs, capsules, _ = projected.shape
    b = np.zeros((inputs, capsules))
    for _ in range(routings):
        c = np.array([softmax(row) for row in b])
        v = np.array([sum(c[i, j] * projected[i, j] for i in range(inputs)) for j in range(capsules)])
        for i, j in np.ndindex(inputs, capsules):
            norm = np.linalg.norm(v[j])
            agreement = projected[i, j] @ v[j] * (norm / (squash + norm**2) if squash_inside else 1 / norm)
            b[i, j] = b[i, j] + agreement if accumulate else agreement
    return np.array([x * np.linalg.norm(x) / (squash + x @ x) for x in v])


def test_f10_capsules_of_the_article() -> None:
    layer = Capsule(2, 3, name="capsules")
    u = np.arange(1, 13, dtype=np.float32).reshape(1, 3, 4) / 10
    layer.build(u.shape)
    layer.kernel.assign(np.linspace(-1, 1, 24).reshape(4, 6))
    with recording() as taps:
        found = layer(u).numpy()[0]
    expected = [[-0.150938, -0.036341, 0.078257], [0.311209, 0.500915, 0.690622]]
    np.testing.assert_allclose(found, expected, atol=2e-6)
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1), [0.17386, 0.908144], atol=2e-6)
    expected = [[0.342612, 0.322970, 0.303934], [0.657388, 0.677030, 0.696066]]
    np.testing.assert_allclose(taps["capsules/couplings"][0], np.transpose(expected), atol=2e-6)


@pytest.mark.parametrize(
    ("common", "accumulate", "routings", "squash", "inside"),
    [
        (True, False, 3, 0.5, False),
        (True, True, 4, 1.0, True),
        (False, False, 2, 0.5, True),
        (False, True, 1, 0.3, False),
    ],
)
def test_loops_over_capsules(
    common: bool, accumulate: bool, routings: int, squash: float, inside: bool
) -> None:
    layer = Capsule(4, 3, routings, common, accumulate, squash, inside)
    u = np.random.default_rng(0).normal(size=(2, 6, 5)).astype(np.float32)
    found = layer(u)
    kernel = np.broadcast_to(layer.kernel.numpy(), (6, 5, 12)).reshape(6, 5, 4, 3).astype(np.float64)
    for row in range(2):
        projected = np.einsum("nd,ndjs->njs", u[row], kernel)
        expected = routed(projected, routings, accumulate, squash, inside)
        np.testing.assert_allclose(found[row], expected, rtol=1e-4, atol=1e-5)


def test_what_is_masked_has_no_effect() -> None:
    for shared in (True, False):
        layer = Capsule(3, 4, shared=shared)
        u = np.random.default_rng(1).normal(size=(2, 6, 5)).astype(np.float32)
        mask = np.arange(6) < np.array([4, 0])[:, None]
        found = layer(u, mask=mask)
        u[~mask] = 7
        np.testing.assert_array_equal(found, layer(u, mask=mask))
        assert not found[1].numpy().any()


def test_sizes_of_the_article() -> None:
    """10 capsules of width 16 from 128 features, after convolutions with 259,008 weights."""
    layer = Capsule(10, 16)
    layer.build((None, None, 128))
    assert 259_008 + layer.count_params() == 279_488
    with pytest.raises(ValueError, match="fixed number of input capsules"):
        Capsule(10, 16, shared=False).build((None, None, 128))
