"""Batches of one shape change nothing: every row is answered as if it were alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import pytest

from nlpx.models.vae import AutoencoderLearner
from nlpx.tasks.poem.latent import LatentModel

T, V, L = 3, 5, 2


class Table:
    """A model that is known: log-probabilities are a linear function of z, means one of the ids."""

    def __init__(self) -> None:
        self.weights = np.random.default_rng(0).normal(size=(L, T, V)).astype(np.float32)
        self.shapes: set[tuple[int, ...]] = set()

    def log_probs(self, z: np.ndarray) -> np.ndarray:
        logits = np.einsum("nl,ltv->ntv", z, self.weights)
        return logits - np.log(np.exp(logits).sum(-1, keepdims=True))

    def means(self, batch: Mapping[str, np.ndarray]) -> np.ndarray:
        self.shapes.add(batch["char"].shape)
        assert not batch["char"][~batch["mask"]].any()
        return np.stack([batch["char"].sum(1), batch["char"][:, 0]], 1)

    def measure(self, batch: Mapping[str, np.ndarray], noise: np.ndarray) -> dict[str, np.ndarray]:
        self.shapes.add(batch["char"].shape)
        return {"mean": self.means(batch), "noise": noise.sum((1, 2))}


@pytest.fixture
def table() -> Table:
    return Table()


def latent(table: Table, batch_size: int) -> LatentModel:
    return LatentModel(
        cast(AutoencoderLearner, table), latent=L, length=T, characters=V, batch_size=batch_size
    )


@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_openings_are_scored_by_their_positions(table: Table, batch_size: int) -> None:
    z = np.random.default_rng(1).normal(size=(7, L)).astype(np.float32)
    openings = [np.array([2]), np.array([1, 1, 4]), np.array([3, 0])]
    scores = latent(table, batch_size).opening_scores(z, openings)
    for row, ids in enumerate(openings):
        for column, vector in enumerate(z):
            whole = table.log_probs(vector[None])[0]
            expected = sum(whole[position, v] for position, v in enumerate(ids))
            assert scores[row, column] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("rows", [0, 1, 3, 9])
@pytest.mark.parametrize("draws", [1, 3])
def test_rows_come_back_in_order(table: Table, rows: int, draws: int) -> None:
    rng = np.random.default_rng(rows)
    ids = [rng.integers(0, V, T).astype(np.int32) for _ in range(rows)]
    noise = [rng.normal(size=(draws, L)).astype(np.float32) for _ in range(rows)]
    model = latent(table, 4)
    found = list(model.measured(ids, iter(noise), draws))
    assert len(found) == len(list(model.means(ids))) == rows
    for row in range(rows):
        assert found[row]["mean"].tolist() == [ids[row].sum(), ids[row][0]]
        assert found[row]["noise"] == pytest.approx(noise[row].sum(), abs=1e-5)
    assert len(table.shapes) <= 2


def test_every_latent_vector_is_decoded(table: Table) -> None:
    z = np.random.default_rng(2).normal(size=(9, L)).astype(np.float32)
    found = np.stack(list(latent(table, 4).log_probs(z)))
    np.testing.assert_allclose(found, table.log_probs(z), rtol=1e-5)
