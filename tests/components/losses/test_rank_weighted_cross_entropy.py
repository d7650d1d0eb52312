"""Cross entropy with class weights, against NumPy and Keras's `class_weight`."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.special import log_softmax

from nlpx.components.losses.rank_weighted_cross_entropy import RankWeightedCrossEntropy

N = 5


def weights(power: float) -> np.ndarray:
    """The formula of the archive, by class of a random order of ranks."""
    found = np.array([((N - rank) / N + 1) ** power for rank in range(N)])
    return found / found.mean()


def values(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "logits": rng.normal(size=(7, N)).astype(np.float32) * 3,
        "target": rng.integers(0, N, 7).astype(np.int32),
        "class_rank": rng.permutation(N).astype(np.int32),
        "mask": np.arange(7) < 6,
    }


@pytest.mark.parametrize(("power", "smoothing"), [(3.0, 0.0), (1.0, 0.2), (0.0, 0.1)])
def test_equals_numpy(power: float, smoothing: float) -> None:
    given = values()
    term = RankWeightedCrossEntropy(power=power, label_smoothing=smoothing)(given, 0)["loss"]
    log_p = log_softmax(given["logits"].astype(np.float64), 1)[:6]
    targets = given["target"][:6]
    q = (1 - smoothing) * np.eye(N)[targets] + smoothing / N
    of_rows = weights(power)[given["class_rank"][targets]]
    assert float(term.sum) == pytest.approx(-(of_rows * (q * log_p).sum(1)).sum(), rel=1e-5)
    assert float(term.weight) == 6


def test_weights_have_mean_1_and_fall_with_the_rank() -> None:
    found = weights(3)
    assert found.mean() == pytest.approx(1)
    assert (np.diff(found) < 0).all() and found[0] / found[-1] == pytest.approx((2 / 1.2) ** 3)


def test_equals_class_weight_of_keras() -> None:
    given = values(1) | {"class_rank": np.arange(N, dtype=np.int32), "mask": np.ones(7, bool)}
    term = RankWeightedCrossEntropy()(given, 0)["loss"]
    model = keras.Sequential([keras.layers.Activation("linear")])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    by_class = dict(enumerate(weights(3)))
    history = model.fit(
        given["logits"], given["target"], 7, 1, verbose=0, class_weight=by_class, shuffle=False
    ).history
    assert float(term.sum / term.weight) == pytest.approx(history["loss"][0], rel=1e-5)
