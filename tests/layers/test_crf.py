"""The CRF layer: fixtures of the articles, masks, twins, contexts."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.decoders.viterbi import viterbi
from nlpx.layers.crf import CRF
from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS, TAGS
from tests.layers.brute_force import AllPaths
from tests.layers.harness import check_layer
from tests.layers.variants import HEAD

FRAMES = np.array([[[1, 2, 0], [0.5, -1, 0.3], [0, 0.7, -0.2]]] * 2, np.float32)
"""Twice, as every shape is compiled: it is that of other tests."""
MOVES = np.array([[0.1, 0.2, -0.3], [0.4, -0.5, 0.6], [-0.7, 0.8, 0.9]], np.float32)
ALL = np.ones((2, 3), bool)


def legal_crf(use_start: bool = False, use_stop: bool = False) -> CRF:
    """A CRF over the tags of words."""
    return CRF(4, use_start, use_stop, LEGAL_TRANSITIONS, LEGAL_START, LEGAL_STOP)


def filled(crf: CRF, transitions: np.ndarray | None = None) -> CRF:
    """The layer with these transitions, or with random weights."""
    crf.build((None, None, crf.num_tags))
    rng = np.random.default_rng(0)
    for weight in crf.weights:
        weight.assign(rng.normal(size=weight.shape) if transitions is None else transitions)
    return crf


@pytest.mark.parametrize("factory", [lambda: CRF(4, True, True), legal_crf], ids=["start_stop", "masks"])
def test_invariants(factory: Callable[[], CRF]) -> None:
    check_layer(factory, HEAD)


def test_f1_reference_values() -> None:
    crf = filled(CRF(3), MOVES)
    for length, expected in ((1, 2.4076059644), (2, 3.9483030037), (3, 5.6514088480)):
        mask = np.arange(3) < np.array([[length], [3]])
        assert float(crf.log_partition(FRAMES, mask)[0]) == pytest.approx(expected)
    assert float(crf.nll(FRAMES, [[1, 2, 1]] * 2, ALL)[0]) == pytest.approx(1.2514088480, abs=1e-6)
    assert float(crf.nll(FRAMES, [[0, 0, 0]] * 2, ALL)[0]) == pytest.approx(3.9514088480, abs=1e-6)
    marginals = [
        [0.157373, 0.736996, 0.105631],
        [0.350855, 0.054486, 0.594659],
        [0.154521, 0.603866, 0.241612],
    ]
    np.testing.assert_allclose(crf.marginals(FRAMES, ALL)[0], marginals, atol=1e-6)
    tags, score = crf.viterbi(FRAMES, ALL)
    assert tags.numpy().tolist() == [[1, 2, 1]] * 2
    assert float(score[0]) == pytest.approx(4.4)


def test_f1_gradient_of_transitions_is_the_expected_count_less_the_count() -> None:
    crf = filled(CRF(3), MOVES)
    with tf.GradientTape() as tape:
        nll = crf.nll(FRAMES, [[1, 2, 1]] * 2, ALL)[0]
    counts = [[0, 0, 0], [0, 0, 1], [0, 1, 0]]
    expected = [
        [0.165529, 0.224922, 0.117777],
        [0.285617, 0.040179, 0.465686],
        [0.054230, 0.393252, 0.252808],
    ]
    gradient = tape.gradient(nll, crf.transitions.value)
    np.testing.assert_allclose(gradient, np.subtract(expected, counts), atol=1e-6)


def test_f1_all_paths_together_are_certain() -> None:
    crf = filled(CRF(3), MOVES)
    paths = AllPaths(FRAMES[0], MOVES, np.zeros(3), np.zeros(3)).paths
    nll = crf.nll(np.repeat(FRAMES[:1], 27, 0), paths, np.repeat(ALL[:1], 27, 0))
    assert float(tf.reduce_sum(tf.exp(-nll))) == pytest.approx(1, abs=1e-6)


def test_f2_words_of_the_article() -> None:
    good = np.array(
        [
            [3.17, 2.16, -3.97, -2.04],
            [-3.89, -0.451, 1.67, 0.874],
            [-3.9, -4.41, 3.82, 2.45],
            [1.88, 0.991, -2.48, -0.247],
        ]
    )
    frames = np.array(
        [
            [
                [0.2, 1, 0.1, 0.3],
                [0.4, 0.1, 0.2, 0.9],
                [0.8, 0.9, 0.3, 0.1],
                [0.1, 0.2, 0.7, 0.9],
                [1, 0.2, 0.1, 0.3],
            ]
        ]
    )
    mask = np.ones((1, 5), bool)
    ends = CRF(4, start_mask=LEGAL_START, stop_mask=LEGAL_STOP)
    for crf, word, expected in ((CRF(4), "mmmmm", 16.68), (ends, "sssss", 15.18)):
        tags, score = filled(crf, good).viterbi(frames, mask)
        assert "".join(TAGS[tag] for tag in tags[0]) == word
        assert float(score[0]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("constrained", [False, True])
def test_numpy_twin_finds_the_same(constrained: bool) -> None:
    crf = filled(legal_crf(True, True) if constrained else CRF(4, True, True))
    rng = np.random.default_rng(1)
    emissions = rng.normal(size=(64, 30, 4)).astype(np.float32)
    lengths = rng.integers(0, 31, 64)
    mask = np.arange(30) < lengths[:, None]
    tags, scores = (x.numpy() for x in crf.viterbi(emissions, mask))
    potentials = [np.asarray(weight) for weight in (crf.transitions, crf.start, crf.stop)]
    if constrained:
        legal = (LEGAL_TRANSITIONS, LEGAL_START, LEGAL_STOP)
        potentials = [np.where(allowed, x, -np.inf) for allowed, x in zip(legal, potentials, strict=True)]
    paths, expected = viterbi(emissions, lengths, *potentials)
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-5)
    for row, path in enumerate(paths):
        assert tags[row, : lengths[row]].tolist() == path.tolist()


def test_forbidden_scores_are_not_trained() -> None:
    crf = filled(legal_crf(use_start=True))
    mask = np.ones((2, 4), bool)
    with tf.GradientTape() as tape:
        nll = crf.nll(np.zeros((2, 4, 4), np.float32), [[0, 1, 3, 0], [1, 2, 2, 3]], mask)
    of_transitions, of_start = (g.numpy() for g in tape.gradient(nll, [w.value for w in crf.weights]))
    assert not of_transitions[~LEGAL_TRANSITIONS].any() and of_transitions[LEGAL_TRANSITIONS].all()
    assert not of_start[~LEGAL_START].any() and of_start[LEGAL_START].all()
    marginals = crf.marginals(np.zeros((2, 4, 4), np.float32), mask).numpy()
    assert not marginals[:, 0, ~LEGAL_START].any()


@pytest.mark.parametrize("jit_compile", [False, True])
def test_decoding_under_a_tape_and_inside_compiled_functions(jit_compile: bool) -> None:
    crf = filled(CRF(3))
    emissions = tf.constant(np.random.default_rng(2).normal(size=(2, 3, 3)), tf.float32)
    mask = tf.constant([[True] * 3, [True] * 2 + [False]])

    def everything(emissions: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(emissions)
            outputs = [crf.log_partition(emissions, mask), crf.marginals(emissions, mask)]
            outputs += crf.viterbi(emissions, mask)
            nll = crf.nll(emissions, outputs[2], mask)
        return [*outputs, nll, tape.gradient(nll, emissions)]

    compiled = tf.function(everything, jit_compile=jit_compile, autograph=False)
    for value, reference in zip(compiled(emissions), everything(emissions), strict=True):
        np.testing.assert_allclose(value, reference, rtol=1e-5, atol=1e-5)


def test_rows_without_a_position_and_with_one() -> None:
    crf = filled(CRF(3, True, True))
    emissions = tf.constant(np.random.default_rng(3).normal(size=(3, 1, 3)), tf.float32)
    mask = np.array([[True], [False], [True]])
    with tf.GradientTape() as tape:
        tape.watch(emissions)
        nll = crf.nll(emissions, [[0], [1], [2]], mask)
    gradient = tape.gradient(nll, emissions)
    total = emissions[:, 0] + crf.start + crf.stop
    expected = tf.nn.sparse_softmax_cross_entropy_with_logits([0, 1, 2], total).numpy() * [1, 0, 1]
    np.testing.assert_allclose(nll, expected, atol=1e-6)
    assert not gradient[1].numpy().any()
    assert crf.viterbi(emissions, mask)[1][1] == 0
    assert crf.log_partition(emissions, mask)[1] == 0


def test_potentials_are_what_was_learned() -> None:
    crf = filled(legal_crf(use_stop=True))
    potentials = crf.potentials()
    np.testing.assert_array_equal(potentials["transitions"], crf.transitions)
    np.testing.assert_array_equal(potentials["stop"], crf.stop)
    assert potentials["start"] is None


def test_float32_under_every_policy() -> None:
    emissions = keras.random.normal((2, 3, 3), dtype="bfloat16")
    layer = CRF(3, dtype="mixed_bfloat16")
    assert layer(emissions).dtype == tf.float32
    assert layer.transitions.dtype == "float32"
    assert layer.nll(emissions, [[0, 1, 2]] * 2, ALL).dtype == tf.float32


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"start_mask has the shape \(2,\); expected \(3,\)"):
        CRF(3, start_mask=np.ones(2, bool))
    with pytest.raises(ValueError, match="5 wide; 3 tags"):
        CRF(3).build((None, None, 5))
