"""The sentence encoder: the size of the original, padding, losses of a batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlpx.config.load import load_experiment
from nlpx.models.encoder import SentenceProblem, build_encoder
from nlpx.specs.similarity_losses import SimilarityLossSpec
from nlpx.tasks.similarity.config import Similarity

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
LENGTHS = [5, 3, 1, 0]


def similarity(**more: object) -> Similarity:
    return Similarity.model_validate({"task": "similarity", "data": {"max_length": 9}, **more})


def problem(experiment: Similarity, characters: int = 30, classes: int = 7) -> SentenceProblem:
    loss = experiment.loss
    assert isinstance(loss, SimilarityLossSpec)
    model = build_encoder(
        experiment.model,
        characters=characters,
        ngram_sizes={f"ngram{n.size}": 20 for n in experiment.model.embedding.ngrams},
        classes=classes if loss.classifies else None,
        longest=experiment.data.max_length,
    )
    return SentenceProblem(model, loss)


def batch(width: int, ngrams: bool = False) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    mask = np.arange(width) < np.array(LENGTHS)[:, None]
    names = ["char", *(("ngram2_end", "ngram2_begin") if ngrams else ())]
    arrays = {name: rng.integers(1, 20, (len(LENGTHS), 12)).astype(np.int32)[:, :width] for name in names}
    group = np.array([[0], [0], [1], [0]], np.int32)
    return {**arrays, "mask": mask, "group.id": group, "group.mask": mask[:, :1]}


@pytest.mark.parametrize("characters", [100, 2000])
def test_the_original_has_the_parameters_of_the_article(characters: int) -> None:
    experiment = load_experiment(CONFIGS / "similarity" / "original.yaml", moved=True).experiment
    assert isinstance(experiment, Similarity)
    model = problem(experiment, characters, classes=90_000).model
    assert model.classes is not None
    assert model.classes.count_params() == 11_520_000
    assert model.count_params() - model.classes.count_params() == 128 * characters + 99_072


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
    total, count = problem(similarity(loss=loss)).loss(batch(5), training=False)
    assert float(count) == 3
    assert float(total) > 0


@pytest.mark.parametrize("loss", ["in_batch", "triplet"])
def test_losses_of_a_batch_count_sentences_with_a_partner(loss: str) -> None:
    made = problem(similarity(loss=loss))
    assert made.model.classes is None
    assert float(made.loss(batch(5), training=False)[1]) == 2
