"""The mixture of two heads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.decoders.blend import Blend


def heads(seed: int, rows: int = 40, classes: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    main, aux = (np.log(random.dirichlet([0.5] * classes, rows)) for _ in range(2))
    return main, aux, random.integers(0, classes, rows)


@given(seed=st.integers(0, 500), alpha=st.floats(0, 1))
def test_a_mixture_is_a_distribution_between_both(seed: int, alpha: float) -> None:
    main, aux, _ = heads(seed)
    mixed = Blend().probabilities(main, aux, alpha)
    np.testing.assert_allclose(mixed.sum(axis=1), 1, rtol=1e-6)
    low, high = np.minimum(np.exp(main), np.exp(aux)), np.maximum(np.exp(main), np.exp(aux))
    assert ((mixed >= low - 1e-9) & (mixed <= high + 1e-9)).all()


@given(seed=st.integers(0, 500))
def test_the_chosen_alpha_is_the_best_of_all(seed: int) -> None:
    main, aux, labels = heads(seed)
    found = {
        a / 100: int((Blend().probabilities(main, aux, a / 100).argmax(1) == labels).sum())
        for a in range(101)
    }
    chosen = Blend().choose(main, aux, labels)
    assert found[chosen] == max(found.values())
    assert chosen == max(alpha for alpha, right in found.items() if right == found[chosen])


@pytest.mark.parametrize(("alpha", "winner"), [(1.0, 0), (0.0, 1), (0.5, 1)])
def test_alpha_is_the_share_of_the_main_head(alpha: float, winner: int) -> None:
    main, aux = np.log([[0.6, 0.4]]), np.log([[0.1, 0.9]])
    assert Blend().probabilities(main, aux, alpha).argmax() == winner
