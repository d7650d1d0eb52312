"""The writer: its size, its probabilities, and decoding with cached states against teaching."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.decoders.beam import Beam
from nlpx.components.losses.sequence_cross_entropy import SequenceCrossEntropy
from nlpx.config.load import load_experiment
from nlpx.layers.compiled import Compiled
from nlpx.models.seq2seq import Scores, Seq2Seq
from nlpx.models.writing import Seq2SeqLearner
from nlpx.specs.seq2seq import Seq2SeqSection
from nlpx.tasks.title.config import Title
from tests.components.decoders.toy import Texts, search, texts

ROOT = Path(__file__).parents[2]
CHARACTERS = 20
START, END = CHARACTERS, CHARACTERS + 1
SMALL = {
    "embedding": {"dim": 8},
    "encoder": [{"type": "conv", "filters": 6}, {"type": "bidirectional", "units": 3}],
    "decoder": {"units": 7, "modulation": 4},
    "attention": {"heads": 2, "head_dim": 4},
}
KINDS: dict[str, dict[str, object]] = {
    "plain": {"pointer": None, "prior": False},
    "prior": {"pointer": None},
    "pointer": {"pointer": 5},
    "coverage": {"pointer": 5, "coverage": 0.7},
    "tied": {"pointer": 5, "tied": True, "decoder": {"units": 7, "cell": "gru", "modulation": None}},
}


@cache
def known(kind: str) -> Seq2SeqLearner:
    """The learner of a kind, for tests that do not change it."""
    return problem(**KINDS[kind])


def problem(**more: object) -> Seq2SeqLearner:
    loss = SequenceCrossEntropy.model_validate({"coverage": more.pop("coverage", None)})
    experiment = Title.model_validate({"task": "title", "model": {**SMALL, **more}})
    model = Seq2Seq(experiment.model, CHARACTERS, covered="overlap" in loss.reads)
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign_add(rng.normal(size=weight.shape, scale=0.3))
    return Seq2SeqLearner(model, loss)


def batch(lengths: list[int], titles: list[int], extra: int = 0) -> dict[str, np.ndarray]:
    """Random rows; `extra` more columns of padding that hold anything."""
    rng = np.random.default_rng(3)
    junk = np.random.default_rng(4)
    found: dict[str, np.ndarray] = {}
    ids = [rng.integers(0, CHARACTERS, n) for n in lengths]
    parts = {
        "": ids,
        "prior.": [np.unique(row) for row in ids],
        "title.": [np.append(rng.integers(0, CHARACTERS, n), END) if n else np.zeros(0, int) for n in titles],
    }
    for name, rows in parts.items():
        width = max(max(map(len, rows)), 1) + extra
        found[f"{name}char"] = junk.integers(0, CHARACTERS, (len(rows), width)).astype(np.int32)
        found[f"{name}mask"] = np.arange(width) < np.array([len(row) for row in rows])[:, None]
        for row, values in enumerate(rows):
            found[f"{name}char"][row, : len(values)] = values
    return found


def tensors(arrays: dict[str, np.ndarray]) -> dict[str, tf.Tensor]:
    return {name: tf.constant(values) for name, values in arrays.items()}


@pytest.mark.parametrize("vocabulary", [1000, 3])
def test_f25_original_has_the_parameters_of_the_article(vocabulary: int) -> None:
    experiment = load_experiment(ROOT / "configs/title/original.yaml").experiment
    assert isinstance(experiment, Title)
    model = Seq2Seq(experiment.model, vocabulary - 2)
    assert model.count_params() == 259 * vocabulary + 593_472


@pytest.mark.parametrize("kind", KINDS)
def test_cached_steps_give_what_teaching_gives(kind: str) -> None:
    """Two hypotheses of every row told the same title; every log-probability, and those of the targets."""
    subject = known(kind)
    arrays = batch([9, 5, 1], [3, 1, 2])
    rows = tensors(arrays)
    model, titles = subject.model, rows["title.char"].numpy()
    memory = model.encode(rows)
    scores = model.teach(memory, rows)
    taught = model.log_probs(scores, memory)
    told = model.untold(memory, 2)
    tokens = np.full(3, START)
    for time in range(titles.shape[1]):
        found, told = model.step(memory, tf.constant(np.stack([tokens, tokens], 1)), told)
        for hypothesis in range(2):
            np.testing.assert_allclose(found[:, hypothesis], taught[:, time], rtol=0, atol=1e-5)
        tokens = titles[:, time]
    targets = np.take_along_axis(taught.numpy(), titles[..., None], -1)[..., 0]
    np.testing.assert_allclose(-model.nll(scores, memory, rows["title.char"]), targets, atol=1e-5)
    expected = -(targets * rows["title.mask"].numpy()).sum(1)
    np.testing.assert_allclose(subject.nll(arrays), expected, rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_sum_to_one(kind: str) -> None:
    model = known(kind).model
    rows = tensors(batch([9, 5, 1], [6, 4, 5]))
    memory = model.encode(rows)
    log_probs = model.log_probs(model.teach(memory, rows), memory)
    np.testing.assert_allclose(tf.reduce_sum(tf.exp(log_probs), -1), 1, atol=1e-5)


def test_what_is_hardly_copied_has_all_digits() -> None:
    """1 - sigmoid(15) has one correct digit in float32: log p was off by more than exports may be."""
    model = problem(pointer=5).model
    rows = tensors(batch([4], [1]))
    memory = model.encode(rows)
    scores = model.teach(memory, rows)
    assert scores.pointed is not None
    copied = int(rows["char"][0, 0])
    shape = tf.shape(scores.logits).numpy()
    logits = np.zeros(shape, np.float32)
    logits[..., copied] = -80  # is only copied
    pointed = scores.pointed._replace(gate=tf.fill(shape[:2], 15.0))
    found = model.log_probs(Scores(tf.constant(logits), pointed), memory)[0, 0, copied]
    places = rows["char"].numpy()[0] == copied
    weight = np.exp(scores.pointed.log_weights.numpy()[0, 0][places].astype(np.float64)).sum()
    assert float(found) == pytest.approx(np.log(weight) - np.log1p(np.exp(15.0)), abs=1e-5)


def test_a_pointer_that_is_always_used_copies_by_its_weights() -> None:
    model = problem(pointer=5).model
    assert model.pointer is not None
    model.pointer.gate.bias.assign([-1e4])
    rows = tensors(batch([4, 3], [2, 2]))
    memory = model.encode(rows)
    scores = model.teach(memory, rows)
    assert scores.pointed is not None
    weights = scores.pointed.log_weights
    found = np.exp(model.log_probs(scores, memory))
    expected = np.zeros_like(found)
    for row, length in enumerate([4, 3]):
        for place in range(length):
            expected[row, :, rows["char"][row, place]] += np.exp(weights[row, :, place])
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_prior_acts_as_in_the_article() -> None:
    """logits = (u + y) / 2: a scale of e^4 for the characters of the article moves their logits by 27.3."""
    model = problem(pointer=None).model
    rows = tensors(batch([5, 2], [3, 3]))
    assert model.prior is not None
    model.prior.log_scale.assign(np.full(CHARACTERS + 2, -100.0))
    without = model(rows).logits.numpy()
    model.prior.log_scale.assign(np.full(CHARACTERS + 2, 4.0))
    moved = model(rows).logits.numpy() - without
    for row, length in enumerate([5, 2]):
        there = np.isin(np.arange(CHARACTERS + 2), rows["char"][row, :length])
        np.testing.assert_allclose(moved[row][:, there], np.exp(4) / 2, rtol=1e-4)
        np.testing.assert_allclose(moved[row][:, ~there], 0, atol=1e-5)


@pytest.mark.parametrize("kind", ["tied", "coverage"])
def test_padding_and_neighbours_change_nothing(kind: str) -> None:
    subject = known(kind)
    among = batch([9, 5, 1], [6, 4, 5])
    wider = batch([9, 5, 1], [6, 4, 5], extra=3)
    np.testing.assert_allclose(subject.nll(wider), subject.nll(among), rtol=1e-5)
    alone = {name: values[1:2] for name, values in wider.items()}
    np.testing.assert_allclose(subject.nll(alone), subject.nll(among)[1:2], rtol=1e-5)
    write = subject.writer(Beam(size=3, max_length=12), banned=(0,))
    none = np.zeros((3, 0), np.float32)
    found, again = write(among, none), write(wider, none)
    single = write(alone, none[:1])
    for row in range(3):
        length = found.lengths[row]
        assert found.tokens[row, :length].tolist() == again.tokens[row, :length].tolist()
        assert not {0, START, END} & set(found.tokens[row, :length].tolist())
    assert single.tokens[0, : single.lengths[0]].tolist() == found.tokens[1, : found.lengths[1]].tolist()
    np.testing.assert_allclose(single.scores[0], found.scores[1], rtol=1e-4)


def test_beams_find_what_the_whole_model_run_for_every_character_finds() -> None:
    subject = known("coverage")
    model, arrays = subject.model, batch([9, 5, 2], [1, 1, 1])
    decoder = Beam(size=2, alpha=0.8, max_length=5)
    found = subject.writer(decoder, banned=(0,))(arrays, np.zeros((3, 0), np.float32))

    def taught(rows: dict[str, tf.Tensor]) -> tf.Tensor:
        memory = model.encode(rows)
        return model.log_probs(model.teach(memory, rows), memory)

    whole = Compiled(taught)
    for row, text in enumerate(texts(found, END)):
        alone = {name: values[row : row + 1] for name, values in arrays.items()}

        def after(told: Texts, alone: dict[str, np.ndarray] = alone) -> np.ndarray:
            title = np.array([[*told, 0]], np.int32)
            rows = tensors({**alone, "title.char": title, "title.mask": title >= 0})
            return np.asarray(whole(rows)[0, -1])

        assert text == search(after, decoder, END, banned=(0, START))


def test_a_writer_is_compiled_once_for_a_decoder() -> None:
    subject = known("coverage")
    write = subject.writer(Beam(size=2, max_length=5), banned=(0,))
    assert subject.writer(Beam(size=2, max_length=5), banned=[0]) is write
    for size, banned in ((3, (0,)), (2, ())):
        assert subject.writer(Beam(size=size, max_length=5), banned=banned) is not write


def test_what_is_copied_again_is_a_term() -> None:
    """By definition, from the shares: sum over title tokens of min(share, sum of the shares before)."""
    plain, subject = problem(pointer=5, coverage=0.0), known("coverage")
    plain.model.set_weights(subject.model.get_weights())
    rows = tensors(batch([9, 5, 1], [6, 4, 5], extra=1))
    memory = subject.model.encode(rows)
    pointed = subject.model.teach(memory, rows).pointed
    assert pointed is not None
    shares = np.exp(pointed.log_weights)
    again = 0.0
    for row, length in enumerate([6 + 1, 4 + 1, 5 + 1]):
        for step in range(length):
            again += np.minimum(shares[row, step], shares[row, :step].sum(0)).sum()
    assert again > 1
    for found, weight in ((plain, 0.0), (subject, 0.7)):
        term = found.losses(rows, 0, training=False)["coverage"]
        np.testing.assert_allclose([float(value) for value in term], [again, 18, weight], rtol=1e-4)
    np.testing.assert_array_equal(plain.nll(rows), subject.nll(rows))


def test_rows_that_are_missing_for_a_batch_count_for_nothing() -> None:
    subject = known("coverage")
    rows = tensors(batch([9, 5, 0, 0], [6, 4, 0, 0], extra=1))
    terms = subject.losses(rows, 0, training=False)
    full = subject.losses({name: values[:2] for name, values in rows.items()}, 0, training=False)
    for name, term in terms.items():
        assert term.weight.numpy() == full[name].weight.numpy() == 7 + 5
        np.testing.assert_allclose(term.sum, full[name].sum, rtol=1e-6)
    empty = {name: values[2:] for name, values in rows.items()}
    with tf.GradientTape() as tape:
        terms = subject.losses(empty, 0, training=True)
        loss = tf.add_n([term.sum for term in terms.values()])
    assert [loss.numpy(), *(term.weight.numpy() for term in terms.values())] == [0, 0, 0]
    weights = subject.model.trainable_variables
    for gradient in tape.gradient(loss, [w.value for w in weights], unconnected_gradients="zero"):
        assert not tf.math.reduce_any(tf.convert_to_tensor(gradient) != 0)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_is_near(precision: str) -> None:
    exact = known("coverage")
    rows = batch([9, 5, 1], [6, 4, 5])
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        near = problem(**KINDS["coverage"])
    finally:
        keras.config.set_dtype_policy(policy)
    near.model.set_weights(exact.model.get_weights())
    np.testing.assert_allclose(near.nll(rows), exact.nll(rows), rtol=0.03)
    found = near.writer(Beam(size=2, max_length=5), banned=(0,))(rows, np.zeros((3, 0), np.float32))
    assert np.isfinite(found.scores).all()


def test_noise_replaces_characters_by_others_of_the_same_title() -> None:
    model: Seq2Seq = problem(noise={"rows": 0.5, "tokens": 0.3}).model
    titles = np.tile(np.append(np.arange(1, 11), END), (2000, 1)).astype(np.int32)
    mask = tf.ones(titles.shape, tf.bool)
    assert model.noise is not None
    found = model.noisy(tf.constant(titles), mask, model.noise).numpy()
    changed = found[:, :-1] != titles[:, :-1]
    assert changed.any(1).mean() == pytest.approx(0.5 * (1 - 0.73**10), abs=0.05)
    assert changed[changed.any(1)].mean() == pytest.approx(0.27 / (1 - 0.73**10), abs=0.02)
    assert set(np.unique(found[:, :-1])) == set(range(1, 11))


def test_a_section_of_a_config_becomes_the_model() -> None:
    spec = Seq2SeqSection.model_validate({"encoder": ["gated_conv"], "pointer": None, "prior": False})
    model = Seq2Seq(spec, 10)
    assert (model.pointer, model.prior, model.end) == (None, None, 11)


def test_litert_writes_the_same_titles(tmp_path: Path) -> None:
    """Both graphs, with a recurrent layer, a prior, a pointer with coverage and beam search."""
    from nlpx.exported.seq2seq import ExportedSeq2Seq
    from nlpx.workflow.tensorflow_graphs import write_litert

    subject = known("coverage")
    made = subject.exportable({})
    graphs = {name: write_litert(name, graph, tmp_path) for name, graph in made.graphs.items()}
    exported = ExportedSeq2Seq(graphs, made.constants)
    writers = [each.writer(Beam(size=2, max_length=6), []) for each in (exported, subject)]
    for lengths in ([5, 3], [7]):
        texts = batch(lengths, [4] * len(lengths))
        np.testing.assert_allclose(exported.nll(texts), subject.nll(texts), rtol=1e-4)
        uniforms = np.zeros((len(lengths), 9), np.float32)
        found, expected = (write(texts, uniforms) for write in writers)
        np.testing.assert_array_equal(found.tokens, expected.tokens)
