"""Windows, subsampling and co-occurrences beside loops; the identities between models of words."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.linalg import subspace_angles
from scipy.sparse import csr_matrix
from scipy.stats import binom

from nlpx.data.items import EncodedItems, Field
from nlpx.layers.window_mask import window_mask
from nlpx.tasks.vectors.cooccurrence import cooccurrences, factors, weighted
from nlpx.tasks.vectors.learner import VectorsModel
from nlpx.tasks.vectors.subsampling import keep_probability
from nlpx.tasks.vectors.windows import WindowBatches, WindowOptions, whole_windows

RNG = np.random.default_rng(0)
WORDS = 12
TEXTS = [RNG.integers(1, WORDS, length).astype(np.int32) for length in (1, 7, 40, 2, 23)]
ITEMS = EncodedItems.of([{"word": text} for text in TEXTS], {"word": Field()})
ALL = np.ones(WORDS)


def pairs_of(batches: WindowBatches, epoch: int = 0) -> list[tuple[int, int]]:
    """All pairs of centre and neighbour that the batches of an epoch have."""
    found = []
    for index in range(batches.updates_per_epoch):
        for batch in batches.update(epoch, index):
            found += pairs_in(batch)
    return sorted(found)


def pairs_in(batch: dict[str, np.ndarray]) -> list[tuple[int, int]]:
    mask = window_mask(tf.constant(batch["text"]), tf.constant(batch["reach"])).numpy()
    side = (batch["word"].shape[1] - batch["reach"].shape[1]) // 2
    return [
        (int(batch["word"][row, side + centre]), int(batch["word"][row, place]))
        for row, centre, place in np.argwhere(mask)
    ]


def by_loops(window: int) -> list[tuple[int, int]]:
    return sorted(
        (int(text[i]), int(text[j]))
        for text in TEXTS
        for i in range(len(text))
        for j in range(max(0, i - window), min(len(text), i + window + 1))
        if i != j
    )


@pytest.mark.parametrize(("length", "accumulation"), [(1, 1), (8, 2), (100, 1)])
def test_every_pair_once_whatever_the_rows(length: int, accumulation: int) -> None:
    """Windows look across the ends of rows, never of texts; both sides have the full width."""
    for window in (1, 3):
        options = WindowOptions(window, shrink=False, length=length)
        batches = WindowBatches(ITEMS, ALL, options, 4, 1, accumulation)
        assert pairs_of(batches) == pairs_of(batches, 1) == by_loops(window)
        whole = [
            pair
            for text in TEXTS
            for batch in whole_windows(text, window, length, 2)
            for pair in pairs_in(batch)
        ]
        assert sorted(whole) == by_loops(window)


def test_the_right_window_has_the_full_width() -> None:
    """In the original, a window of 5 had 5 words on the left and 4 on the right."""
    (batch,) = whole_windows(np.arange(1, 12, dtype=np.int32), 5, 11, 1)
    near = [other for centre, other in pairs_in(batch) if centre == 6]
    assert near == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11]


def test_the_order_is_a_function_of_seed_epoch_and_index() -> None:
    options = WindowOptions(3, length=4)
    keep = np.full(WORDS, 0.5)

    def batch(seed: int, epoch: int, index: int) -> dict[str, np.ndarray]:
        return WindowBatches(ITEMS, keep, options, 3, seed).update(epoch, index)[0]

    used = WindowBatches(ITEMS, keep, options, 3, 1)
    used.update(4, 0), used.update(0, 1)
    for name, array in batch(1, 2, 1).items():
        np.testing.assert_array_equal(array, used.update(2, 1)[0][name])
    assert any((batch(1, 2, 1)["word"] != batch(1, 3, 1)["word"]).ravel())
    assert any((batch(1, 2, 1)["word"] != batch(2, 2, 1)["word"]).ravel())
    assert used.rows(2, 1)[0] and set(used.rows(2, 1)[0]) <= set(range(len(TEXTS)))


def test_widths_are_uniform_and_subsampling_keeps_by_probability() -> None:
    items = EncodedItems.of([{"word": np.repeat(np.array([1, 2], np.int32), 6000)}], {"word": Field()})
    keep = np.array([1.0, 0.25, 1.0])
    for only_targets in (False, True):
        options = WindowOptions(4, length=50, only_targets=only_targets)
        batches = WindowBatches(items, keep, options, 500, 3)
        (batch,) = batches.update(0, 0)
        centres, reach = batch["word"][:, 4:54], batch["reach"]
        kept = [(reach[centres == word] > 0).sum() for word in (1, 2)]
        low, high = binom.interval(0.999, 6000, 0.25)
        assert low <= kept[0] <= high and kept[1] == 6000
        text = batch["word"][batch["row_key"] >= 0]
        assert (text == 1).sum() > 6000 if only_targets else (text == 1).sum() < 3000
        widths = np.bincount(reach[reach > 0], minlength=5)[1:] / (reach > 0).sum()
        np.testing.assert_allclose(widths, 0.25, atol=0.03)


@pytest.mark.parametrize(
    ("frequency", "expected"), [(1e-5, 1), (1e-4, 0.416228), (1e-3, 0.11), (1e-2, 0.0326228)]
)
def test_f20_subsampling(frequency: float, expected: float) -> None:
    total = 10_000_000
    counts = np.array([frequency * total, (1 - frequency) * total])
    assert keep_probability(counts, 1e-5)[0] == pytest.approx(expected, abs=1e-6)


def model(**options: bool) -> VectorsModel:
    keras.utils.set_random_seed(0)
    made = VectorsModel(WORDS, 4, bias=True, **options)
    made.bias.assign(RNG.normal(size=WORDS))
    return made


@pytest.mark.parametrize("options", [{}, {"mean": False}, {"shared": True}, {"skip_gram": True}])
def test_what_the_objective_reads_beside_loops(options: dict[str, bool]) -> None:
    made = model(**options)
    (batch,) = whole_windows(TEXTS[1], 2, 4, 2)
    found = made.windows({name: tf.constant(array) for name, array in batch.items()})
    inner, outer = made.words.embeddings.numpy(), made.contexts.embeddings.numpy()
    assert (inner is outer) or made.skip_gram or options.get("shared") or not np.array_equal(inner, outer)
    text = TEXTS[1]
    for place, word in enumerate(text):
        near = [j for j in range(max(0, place - 2), min(len(text), place + 3)) if j != place]
        row, column = divmod(place, 4)
        if made.skip_gram:
            np.testing.assert_allclose(found["hidden"][row, column, 0], inner[word], rtol=1e-6)
            positions = [j - 4 * row + 2 for j in near]
            assert np.flatnonzero(found["mask"][row, column]).tolist() == positions
            scores = [outer[text[j]] @ inner[word] + made.bias.numpy()[text[j]] for j in near]
            np.testing.assert_allclose(
                found["target_score"].numpy()[row, column][positions], scores, rtol=1e-4, atol=1e-6
            )
        else:
            total = inner[text[near]].sum(0)
            expected = total / len(near) if options.get("mean", True) else total
            np.testing.assert_allclose(found["hidden"][row, column], expected, rtol=1e-5, atol=1e-7)
            assert found["target"][row, column] == word and found["mask"][row, column]


def test_a_bag_of_words_times_a_matrix_is_a_sum_of_its_rows() -> None:
    table, words = RNG.normal(size=(WORDS, 5)), RNG.integers(0, WORDS, 7)
    np.testing.assert_allclose(np.bincount(words, minlength=WORDS) @ table, table[words].sum(0))


@pytest.mark.parametrize("window", [1, 3])
def test_cooccurrences_beside_loops(window: int) -> None:
    expected = np.zeros((WORDS, WORDS))
    for first, second in by_loops(window):
        expected[first, second] += 1
    counts = cooccurrences(ITEMS, WORDS, window)
    np.testing.assert_array_equal(counts.toarray(), expected)
    keep = RNG.random(WORDS)
    halved = cooccurrences(ITEMS, WORDS, window, keep).toarray()
    np.testing.assert_allclose(halved, expected * np.outer(keep, keep))
    np.testing.assert_allclose(weighted(counts, "log").toarray(), np.log1p(expected))
    p = expected / expected.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        pmi = np.log(p / np.outer(p.sum(1), p.sum(0)))
    np.testing.assert_allclose(
        weighted(counts, "ppmi").toarray(), np.maximum(np.nan_to_num(pmi, neginf=0), 0)
    )


def test_a_linear_autoencoder_is_a_truncated_decomposition() -> None:
    """Its smallest squared error is the sum of the squares of the other singular values (Eckart-Young), and
    both span the same space."""
    table = weighted(cooccurrences(ITEMS, WORDS, 3), "log").toarray()[1:, 1:]
    words, contexts = factors(csr_matrix(table), 3, 0.5, seed=0)
    values = np.linalg.svd(table, compute_uv=False)
    smallest = (values[3:] ** 2).sum()
    assert ((table - words @ contexts.T) ** 2).sum() == pytest.approx(smallest, rel=1e-5)
    inner, outer = RNG.normal(size=(11, 3)), RNG.normal(size=(3, 11))
    for _ in range(300):  # alternating least squares: the error of the autoencoder M inner outer
        outer = np.linalg.lstsq(table @ inner, table, rcond=None)[0]
        inner = np.linalg.lstsq(table, table @ outer.T @ np.linalg.inv(outer @ outer.T), rcond=None)[0]
    assert ((table - table @ inner @ outer) ** 2).sum() == pytest.approx(smallest, rel=1e-3)
    assert subspace_angles(table @ inner, words).max() < 1e-3


def test_factors_of_a_small_matrix_and_their_powers() -> None:
    matrix = csr_matrix(np.diag([4.0, 9.0, 1.0]))
    words, contexts = factors(matrix, 5, 1.0, seed=0)
    np.testing.assert_allclose(words[:, :2], [[0, 4], [9, 0], [0, 0]], atol=1e-6)
    np.testing.assert_allclose(contexts[:, :2], [[0, 1], [1, 0], [0, 0]], atol=1e-6)
    assert not words[:, 2:].any() and words.shape == (3, 5)
