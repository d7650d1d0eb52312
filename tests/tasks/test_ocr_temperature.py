"""Temperatures of probabilities: the definition, other temperatures one by one, what the predictor stores."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from nlpx.components.decoders.bigram_path import BigramPath
from nlpx.tasks.ocr.predictor import OcrPredictor
from nlpx.tasks.ocr.temperature import fitted_temperature, tempered
from nlpx.text.additive_bigrams import AdditiveBigrams


def drawn(temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities at a temperature, with labels from those at the temperature 1."""
    random = np.random.default_rng(0)
    logits = random.normal(size=(4000, 6)) * 2
    labels = (softmax(logits, -1).cumsum(-1) < random.random((4000, 1))).sum(-1)
    return softmax(logits / temperature, -1), labels


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_the_fitted_temperature_makes_up_for_another_one(temperature: float) -> None:
    probabilities, labels = drawn(temperature)
    found = fitted_temperature(probabilities, labels)
    assert found == pytest.approx(1 / temperature, rel=0.1)

    def nll(t: float) -> float:
        scores = log_softmax(np.log(probabilities) / t, -1)
        return float(-scores[np.arange(len(labels)), labels].mean())

    assert nll(found) <= min(nll(t) for t in np.geomspace(0.05, 20, 60)) + 1e-6


def test_tempered_probabilities() -> None:
    p = np.array([[0.2, 0.8], [1.0, 0.0]])
    squared = np.array([[0.04 / 0.68, 0.64 / 0.68], [1.0, 0.0]])
    np.testing.assert_allclose(tempered(p, 0.5), squared, atol=1e-12)
    np.testing.assert_allclose(tempered(p, 1.0), p, atol=1e-12)
    assert tempered(np.zeros((0, 3)), 0.5).shape == (0, 3)


def test_flat_probabilities_are_outweighed_by_bigrams() -> None:
    """Both boxes are right, as nearly always; the bigram of another character is frequent."""
    bigrams = AdditiveBigrams(dict.fromkeys("甲乙丙", 100), {"甲乙": 20, "甲丙": 2})
    flat = np.array([[0.5, 0.25, 0.25], [0.2, 0.3, 0.5]])
    for temperature, expected in ((1.0, "甲乙"), (0.25, "甲丙")):
        path, _ = BigramPath(top=3).best(bigrams, tempered(flat, temperature), "甲乙丙")
        assert "".join("甲乙丙"[i] for i in path) == expected


def test_wrong_values_are_refused() -> None:
    predictor = OcrPredictor.__new__(OcrPredictor)
    predictor.temperature = 1.0
    for wrong in ({"temperature": 0.0}, {"temperature": float("nan")}, {"threshold": 1.0}):
        with pytest.raises(ValueError, match=r"temperature"):
            predictor.use(wrong)
    predictor.use({"temperature": 0.5})
    assert predictor.temperature == 0.5
