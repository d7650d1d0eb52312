"""Maximum entropy Markov models against their definition, for all label sequences."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from scipy.special import log_softmax

from nlpx.components.decoders.viterbi import Viterbi, viterbi
from nlpx.components.heads.bi_memm_layer import BiMEMMHead
from nlpx.components.heads.memm_layer import MEMMHead
from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS

HEADS = [MEMMHead, BiMEMMHead]
FRAMES = np.array([[1, 2, 0], [0.5, -1, 0.3], [0, 0.7, -0.2]])
MOVES = np.array([[0.1, 0.2, -0.3], [0.4, -0.5, 0.6], [-0.7, 0.8, 0.9]])


def log_probability(head: type[MEMMHead], h: np.ndarray, g: np.ndarray, path: tuple[int, ...]) -> float:
    """By definition, of frame scores (n, K), transitions (K, K) and n labels."""

    def directed(h: np.ndarray, g: np.ndarray, path: tuple[int, ...]) -> float:
        steps = [log_softmax(h[0])[path[0]]]
        steps += [log_softmax(h[t] + g[path[t - 1]])[path[t]] for t in range(1, len(path))]
        return float(sum(steps))

    forward = directed(h, g, path)
    return forward if head is MEMMHead else (forward + directed(h[::-1], g.T, path[::-1])) / 2


def filled(head: type[MEMMHead], transitions: np.ndarray) -> MEMMHead:
    """A head whose scores h are its inputs."""
    tags = len(transitions)
    layer = head(tags)
    layer.build((None, None, tags))
    layer.dense.set_weights([np.eye(tags), np.zeros(tags)])
    layer.transitions.assign(transitions)
    return layer


def test_f3_values_of_both_directions() -> None:
    found = [
        float(
            layer.nll(layer(FRAMES[None].astype(np.float32)), np.array([[1, 2, 1]]), np.ones((1, 3), bool))[0]
        )
        for layer in (filled(head, MOVES) for head in HEADS)
    ]
    assert found[0] == pytest.approx(1.589884, abs=1e-6)
    assert 2 * found[1] - found[0] == pytest.approx(1.486906, abs=1e-6)
    paths = list(product(range(3), repeat=3))
    assert sum(np.exp(log_probability(MEMMHead, FRAMES, MOVES, path)) for path in paths) == pytest.approx(1)
    assert sum(np.exp(log_probability(BiMEMMHead, FRAMES, MOVES, path)) for path in paths) < 1


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_likelihood_and_best_path_of_all_sequences(head: type[MEMMHead], scale: float) -> None:
    """Rows of different lengths in one batch, with arbitrary numbers where they end."""
    rng = np.random.default_rng(0)
    h, g = rng.normal(size=(5, 4, 3)) * scale, rng.normal(size=(3, 3)) * scale
    lengths = np.array([4, 3, 1, 2, 0])
    mask = np.arange(4) < lengths[:, None]
    layer = filled(head, g)
    scores = layer(h.astype(np.float32), mask=mask)
    best, _ = viterbi(layer.decoding_scores(scores).numpy(), lengths, layer.transitions.numpy())
    for row, length in enumerate(lengths[:4]):
        paths = list(product(range(3), repeat=length))
        expected = [log_probability(head, h[row, :length], g, path) for path in paths]
        assert tuple(best[row].tolist()) == paths[int(np.argmax(expected))]
        targets = np.zeros((len(paths), 4), np.int32)
        targets[:, :length] = paths
        alike = np.repeat(mask[row : row + 1], len(paths), 0)
        found = layer.nll(np.repeat(scores[row : row + 1], len(paths), 0), targets, alike)
        np.testing.assert_allclose(found, -np.array(expected), rtol=1e-4, atol=1e-4)
    assert layer.nll(scores, np.ones((5, 4), np.int32), mask)[4] == 0


@pytest.mark.parametrize("head", HEADS)
def test_the_decoder_of_words_finds_the_most_probable_legal_sequence(head: type[MEMMHead]) -> None:
    rng = np.random.default_rng(1)
    h, g = rng.normal(size=(6, 5, 4)) * 3, rng.normal(size=(4, 4)) * 3
    layer = filled(head, g)
    scores = layer.decoding_scores(layer(h.astype(np.float32))).numpy()
    found = Viterbi().decode((), scores.reshape(30, 4), np.full(6, 5), **layer.potentials()).reshape(6, 5)
    legal = [
        path
        for path in product(range(4), repeat=5)
        if LEGAL_START[path[0]]
        and LEGAL_STOP[path[-1]]
        and all(LEGAL_TRANSITIONS[i, j] for i, j in pairwise(path))
    ]
    for row, tags in zip(h, found, strict=True):
        assert tuple(tags.tolist()) == max(legal, key=lambda path: log_probability(head, row, g, path))
