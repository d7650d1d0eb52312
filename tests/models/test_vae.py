"""The variational autoencoder: sizes, missing rows, and its bounds against integrals."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import norm

from nlpx.components.encoders.gated_conv import GatedConv
from nlpx.components.losses.elbo import ELBO
from nlpx.components.metrics.elbo import importance_weighted
from nlpx.models.vae import AutoencoderLearner, VariationalAutoencoder
from nlpx.tasks.poem.config import PoemModel

V, T = 7, 4
GLU = GatedConv(gate="residual_glu", use_bias=False)


def small(**options: object) -> PoemModel:
    given = {"embedding": {"dim": 6}, "latent": 2, "width": 6, "encoder": [GLU], "decoder": [GLU], **options}
    return PoemModel.model_validate(given)


def model_of(spec: PoemModel) -> VariationalAutoencoder:
    """A model whose weights are away from what they start as."""
    keras.utils.set_random_seed(0)
    model = VariationalAutoencoder(spec, characters=V, length=T)
    rng = np.random.default_rng(1)
    for weight in model.trainable_weights:
        weight.assign_add(rng.normal(scale=0.3, size=weight.shape))
    return model


def batch_of(rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    ids = np.random.default_rng(seed).integers(0, V, (rows, T)).astype(np.int32)
    return {"char": ids, "mask": np.ones((rows, T), bool)}


@pytest.mark.parametrize("characters", [50, 6033])
def test_size_of_the_original(characters: int) -> None:
    model = VariationalAutoencoder(PoemModel(), characters=characters, length=10)
    assert model.count_params() == 129 * characters + 123_648


@pytest.mark.parametrize("options", [{}, {"pooling": "flatten", "posterior": "batch_norm", "tied": True}])
def test_missing_rows_change_nothing(options: dict[str, object]) -> None:
    model = model_of(small(**options))
    batch = batch_of(3)
    padded = {
        "char": np.concatenate([batch["char"], np.full((2, T), 5, np.int32)]),
        "mask": np.concatenate([batch["mask"], np.zeros((2, T), bool)]),
    }
    for alone, among in zip(model.encode(batch), model.encode(padded), strict=True):
        np.testing.assert_allclose(np.asarray(among)[:3], alone, rtol=1e-5, atol=1e-6)
    empty = {"char": padded["char"], "mask": np.zeros_like(padded["mask"])}
    for term in AutoencoderLearner(model, ELBO()).losses(empty, 0, training=True).values():
        assert (float(term.sum), float(term.weight)) == (0.0, 0.0)


def test_the_mean_forgets_the_order_and_flatten_does_not() -> None:
    batch = batch_of(2)
    turned = {**batch, "char": batch["char"][:, ::-1].copy()}
    conv = {"type": "gated_conv", "kernel_size": 1}
    for pooling, same in (("mean", True), ("flatten", False)):
        model = model_of(small(pooling=pooling, encoder=[GatedConv.model_validate(conv)]))
        difference = np.abs(np.asarray(model.encode(batch)[0] - model.encode(turned)[0])).max()
        assert (difference < 1e-5) == same


def test_the_loss_is_the_mean_over_rows_of_sums_over_positions() -> None:
    """Without noise in z, by NumPy: log-softmax of the logits, and the closed form of the KL."""
    model = model_of(small())
    model.posterior.log_var.set_weights([np.zeros((6, 2)), np.full(2, -40.0)])
    batch = batch_of(3)
    terms = AutoencoderLearner(model, ELBO()).losses(batch, 0, training=False)
    mean = np.asarray(model.encode(batch)[0], np.float64)
    logits = np.asarray(model.decode(mean), np.float64)
    log_probs = logits - logsumexp(logits, -1, keepdims=True)
    cross_entropy = -np.take_along_axis(log_probs, batch["char"][..., None], -1).sum()
    kl = 0.5 * (mean**2 + np.exp(-40.0) + 40.0 - 1.0).sum()
    assert float(terms["reconstruction"].sum) == pytest.approx(cross_entropy, rel=1e-5)
    assert float(terms["kl"].sum) == pytest.approx(kl, rel=1e-5)
    assert [float(term.weight) for term in terms.values()] == [3.0, 3.0]


def test_log_weights_are_densities() -> None:
    model = model_of(small())
    batch, noise = batch_of(3), np.random.default_rng(2).normal(size=(3, 5, 2)).astype(np.float32)
    found = AutoencoderLearner(model, ELBO()).measure(batch, noise)
    mean, log_var = (np.asarray(x, np.float64)[:, None] for x in model.encode(batch))
    z = mean + np.exp(log_var / 2) * noise
    log_q = norm.logpdf(z, mean, np.exp(log_var / 2)).sum(-1)
    logits = np.asarray(model.decode(z.reshape(15, 2).astype(np.float32)), np.float64)
    log_probs = logits - logsumexp(logits, -1, keepdims=True)
    ids = np.repeat(batch["char"], 5, axis=0)
    log_p = np.take_along_axis(log_probs, ids[..., None], -1)[..., 0].sum(-1).reshape(3, 5)
    np.testing.assert_allclose(found["cross_entropy"], -log_p, rtol=1e-4)
    np.testing.assert_allclose(found["log_weight"], log_p + norm.logpdf(z).sum(-1) - log_q, rtol=1e-3)
    expected = np.asarray(model.decode(mean[:, 0].astype(np.float32))).argmax(-1)
    assert (found["best"] == expected).all()


def test_the_weighted_bound_tends_to_the_integral_from_above() -> None:
    """-log p(x) by a fine grid over a latent plane."""
    problem = AutoencoderLearner(model_of(small()), ELBO())
    batch = batch_of(2)
    axis = np.linspace(-6, 6, 121)
    grid = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    log_probs = problem.log_probs(grid.astype(np.float32)).astype(np.float64)
    noise = np.random.default_rng(3).normal(size=(2, 4000, 2)).astype(np.float32)
    found = problem.measure(batch, noise)
    for row, ids in enumerate(batch["char"]):
        log_joint = log_probs[:, np.arange(T), ids].sum(1) + norm.logpdf(grid).sum(1)
        exact = -(logsumexp(log_joint) + 2 * np.log(axis[1] - axis[0]))
        weights = found["log_weight"][row].astype(np.float64)
        bounds = [
            np.mean([importance_weighted(part) for part in np.split(weights, 4000 // k)])
            for k in (1, 10, 4000)
        ]
        assert bounds[2] == pytest.approx(exact, abs=0.03)
        assert bounds[0] > bounds[1] > exact - 0.03
        nelbo = found["cross_entropy"][row].mean() + found["kl"][row]
        assert nelbo == pytest.approx(bounds[0], abs=0.1)


def test_an_empty_decoder_decides_positions_by_themselves() -> None:
    model = model_of(small(decoder=[], dropout=0.5))
    assert np.asarray(model.decode(np.zeros((1, 2), np.float32))).shape == (1, T, V)
