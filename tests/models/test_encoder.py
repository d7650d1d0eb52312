"""The sentence encoder: the size of the original, padding, losses of a batch."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from nlpx.config.load import load_experiment
from nlpx.models.encoder import SentenceEncoder, SentenceLearner
from nlpx.tasks.similarity.config import Similarity

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
LENGTHS = [5, 3, 1, 0]


def similarity(**more: object) -> Similarity:
    return Similarity.model_validate({"task": "similarity", "data": {"max_length": 9}, **more})


def problem(experiment: Similarity, characters: int = 30, classes: int = 7) -> SentenceLearner:
    model = SentenceEncoder(
        experiment.model,
        characters=characters,
        ngram_sizes={f"ngram{n.size}": 20 for n in experiment.model.embedding.ngrams},
        longest=experiment.data.max_length,
    )
    return SentenceLearner(model, experiment.loss, classes)


def batch(width: int, ngrams: bool = False) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    mask = np.arange(width) < np.array(LENGTHS)[:, None]
    names = ["char", *(("ngram2_end", "ngram2_begin") if ngrams else ())]
    arrays = {name: rng.integers(1, 20, (len(LENGTHS), 12)).astype(np.int32)[:, :width] for name in names}
    group = np.array([0, 0, 1, 0], np.int32)
    return {**arrays, "mask": mask, "group": group}


@pytest.mark.parametrize("characters", [100, 2000])
def test_f25_original_has_the_parameters_of_the_article(characters: int) -> None:
    experiment = load_experiment(CONFIGS / "similarity" / "original.yaml", moved=True).experiment
    assert isinstance(experiment, Similarity)
    made = problem(experiment, characters, classes=90_000)
    assert [layer.count_params() for layer in made.objective.layers] == [11_520_000]
    assert made.model.count_params() == 128 * characters + 99_072


@pytest.mark.parametrize(
    "model",
    [
        {"embedding": {"dim": 6, "ngrams": [{"size": 2, "dim": 4}]}, "projection": 5},
        {
            "embedding": {"dim": 6},
            "encoder": [{"type": "bidirectional", "units": 3}, {"type": "conv", "filters": 4}],
            "pooling": ["last", "mean", "max", "attention"],
        },
        {"embedding": {"dim": 6}, "encoder": [{"type": "recurrent", "units": 4}], "mask": False},
    ],
)
def test_vectors_have_length_1_and_padding_changes_nothing(model: dict[str, object]) -> None:
    keras.utils.set_random_seed(1)  # few narrow filters may give nothing but zeros, which have no length
    made = problem(similarity(model=model))
    ngrams = bool(made.model.ngrams)
    short, zeros = made.vectors(batch(5, ngrams))
    assert short.dtype == np.float32 and not zeros.any()
    assert short.shape == (4, made.model.width)
    np.testing.assert_allclose(np.linalg.norm(short[:3], axis=1), 1, rtol=1e-5)
    for width in (9, 12):
        np.testing.assert_allclose(made.vectors(batch(width, ngrams))[0], short, atol=1e-6)


def test_without_a_mask_the_length_matters_and_the_end_is_the_end_of_the_padding() -> None:
    model = {"embedding": {"dim": 6}, "encoder": [{"type": "recurrent", "units": 4}], "pooling": ["last"]}
    masked, unmasked = problem(similarity(model=model)), problem(similarity(model={**model, "mask": False}))
    unmasked.model.set_weights(masked.model.get_weights())
    first, second = masked.vectors(batch(5))[0], unmasked.vectors(batch(5))[0]
    assert np.abs(first[:3] - second[:3]).max() > 1e-3
    data = batch(9)
    data["mask"][:] = True
    np.testing.assert_allclose(masked.vectors(data)[0], unmasked.vectors(data)[0], atol=1e-6)


@pytest.mark.parametrize("loss", ["normalized_softmax", "am_softmax", "simpler_a_softmax", "arcface"])
def test_losses_of_classes_count_every_sentence(loss: str) -> None:
    term = problem(similarity(loss=loss)).losses(batch(5), 0, training=False)["loss"]
    assert float(term.weight) == 3
    assert float(term.sum) > 0


@pytest.mark.parametrize("loss", ["multiple_negatives_ranking", "triplet"])
def test_losses_of_a_batch_count_sentences_with_a_partner(loss: str) -> None:
    made = problem(similarity(loss=loss))
    assert not made.objective.layers
    assert float(made.losses(batch(5), 0, training=False)["loss"].weight) == 2
