"""The model of entity linking: the size of the article, masks, targets, padding, spans without positions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.encoders.base import Encoder
from nlpx.components.encoders.bidirectional import Bidirectional
from nlpx.components.encoders.conv import Conv
from nlpx.components.losses.entity_linking import EntityLinking
from nlpx.data.items import Field
from nlpx.models.linker import Linker, LinkerLearner
from nlpx.specs.autoencoder import CharacterEmbedding
from nlpx.specs.linker import LinkerSection
from nlpx.specs.seq2seq import AttentionSection
from tests.layers.harness import policy

BLOCK: list[Encoder] = [Conv(filters=4)]
SMALL = LinkerSection(
    embedding=CharacterEmbedding(dim=4),
    encoder=BLOCK,
    query=BLOCK,
    description=BLOCK,
    attention=AttentionSection(heads=2, head_dim=3),
    hidden=5,
)
MATCHES = {0: (1, 0), 1: (0, 1), 2: (1, 1)}
"""By position: whether a name begins and ends there. 0 to 1 and 2 are names."""


def small(**changes: object) -> LinkerLearner:
    keras.utils.set_random_seed(0)
    model = Linker(SMALL.model_copy(update=changes), characters=9)
    for weight in model.trainable_weights:
        weight.assign_add(np.random.default_rng(len(weight.shape)).normal(size=weight.shape, scale=0.3))
    return LinkerLearner(model, EntityLinking())


def batch(rows: int = 1, length: int = 4, described: int = 3) -> dict[str, np.ndarray]:
    """Texts of 4 characters with the mentions [0, 2) and [2, 3), padded to any size."""
    made = {
        "char": np.zeros((rows, length), np.int32),
        "mask": np.zeros((rows, length), bool),
        "matches": np.zeros((rows, length, 2), np.uint8),
        "query": np.zeros((rows, length, 4), np.uint8),
        "mention": np.zeros((rows, 3, 3), np.int32),
        "mention.mask": np.zeros((rows, 3), bool),
        "span": np.zeros((rows, 2), np.int32),
        "second.char": np.full((rows, described), 7, np.int32),
        "second.mask": np.zeros((rows, described), bool),
        "link": np.zeros(rows, np.int32),
        "sampled": np.zeros(rows, bool),
    }
    for row in range(min(rows, 2)):
        made["char"][row, :4] = [1 + row, 2, 3, 4]
        made["mask"][row, :4] = True
        for place, flags in MATCHES.items():
            made["matches"][row, place] = flags
        made["query"][row, :2, 0] = 1
        made["mention"][row, :2] = [[0, 2, 5], [2, 3, 6]]
        made["mention.mask"][row, :2] = True
        made["span"][row] = [0, 2]
        made["second.char"][row, :3] = [5, 6, 1 + row]
        made["second.mask"][row, :3] = True
        made["link"][row], made["sampled"][row] = 1 - row, True
    return made


def total(learner: LinkerLearner, given: Mapping[str, np.ndarray]) -> dict[str, tuple[float, float]]:
    terms = learner.losses({name: tf.constant(x) for name, x in given.items()}, 0, False)
    return {name: (float(term.sum), float(term.weight)) for name, term in terms.items()}


def test_size_of_the_article() -> None:
    lstm = Bidirectional(cell="lstm", units=64)
    article = LinkerSection(
        embedding=CharacterEmbedding(dim=128),
        encoder=[lstm, Conv(filters=128, kernel_size=3)],
        pointer=None,
        query=[lstm],
        description=[lstm],
        attention=AttentionSection(heads=8, head_dim=16),
        hidden=128,
    )
    assert Linker(article, characters=6000).count_params() == 128 * 6000 + 496_771


@pytest.mark.parametrize("pointer", [None, 6])
def test_pointers_are_where_names_are(pointer: int | None) -> None:
    learner = small(pointer=pointer)
    values = learner.values({name: tf.constant(x) for name, x in batch().items()}, False)
    starts = values["start_logit"][0].numpy()
    assert (starts[[0, 2]] > -1e8).all() and (starts[[1, 3]] == -1e9).all()
    np.testing.assert_array_equal(values["start_target"], [[1, 0, 1, 0]])
    ends, possible = values["end_target"][0].numpy(), values["end_possible"][0].numpy()
    if pointer is None:
        np.testing.assert_array_equal(ends, [[0], [1], [1], [0]])
        assert possible.all()
    else:
        np.testing.assert_array_equal(ends, [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0]])
        np.testing.assert_array_equal(possible, np.array([[1, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0]], bool))
    free = small(pointer=pointer, match=False)
    assert (
        (free.values({n: tf.constant(x) for n, x in batch().items()}, False)["start_logit"] > -1e8)
        .numpy()
        .all()
    )


def test_a_mention_that_the_dictionary_does_not_match_is_no_target() -> None:
    given = batch()
    given["matches"][:] = 0
    # ends: 4 positions from 0 on, 2 from 2 on
    found = total(small(pointer=6), given)
    assert (found["start"], found["end"]) == ((0, 4), (0, 6))


def test_padding_changes_nothing() -> None:
    for learner in (small(pointer=6), small(pointer=None)):
        alone, padded = total(learner, batch()), total(learner, batch(rows=1, length=7, described=6))
        assert padded == {name: pytest.approx(value, rel=1e-5) for name, value in alone.items()}
        two, more = total(learner, batch(rows=2)), total(learner, batch(rows=5, length=7, described=6))
        assert more == {name: pytest.approx(value, rel=1e-5) for name, value in two.items()}


def test_a_mention_outside_the_text_is_finite() -> None:
    """The original divides by the length of such a span, which is 0, and its loss is NaN."""
    learner, given = small(pointer=6), batch()
    given["span"][0] = [9, 11]
    with tf.GradientTape() as tape:
        terms = learner.losses({name: tf.constant(x) for name, x in given.items()}, 0, True)
        loss = tf.add_n([term.sum for term in terms.values()])
    gradients = tape.gradient(loss, [weight.value for weight in learner.model.trainable_weights])
    assert np.isfinite(loss) and all(
        np.isfinite(tf.convert_to_tensor(g)).all() for g in gradients if g is not None
    )


def test_predictions_are_those_of_training() -> None:
    learner, given = small(pointer=6), batch(rows=2)
    values = learner.values({name: tf.constant(x) for name, x in given.items()}, False)
    scores, _ = learner.pointers(given)
    np.testing.assert_allclose(scores[..., 0], tf.sigmoid(values["start_logit"]), rtol=1e-5)
    for n, start in enumerate((0, 2)):
        np.testing.assert_allclose(scores[:, start, 1:], tf.sigmoid(values["end_logit"][..., n]), rtol=1e-5)
    np.testing.assert_allclose(learner.links(given), tf.sigmoid(values["link_logit"]), rtol=1e-5)


def test_texts_without_mentions() -> None:
    for pointer in (None, 6):
        given = batch()
        given |= {name: given[name][:, :0] for name in ("mention", "mention.mask")}
        given["sampled"][:] = False
        found = total(small(pointer=pointer), given)
        assert found["start"][0] > 0 and found["start"][1] == 4
        assert found["end"][1] == (4 if pointer is None else 0)
        assert found["link"] == (0, 0)


def test_half_precision_computes_nearly_the_same() -> None:
    expected = total(small(pointer=6), batch(rows=2))
    with policy("mixed_bfloat16"):
        found = total(small(pointer=6), batch(rows=2))
    assert found == {name: pytest.approx(value, rel=0.05) for name, value in expected.items()}


def test_litert_gives_the_same_for_texts_of_any_length(tmp_path: Path) -> None:
    """It has no slices of arrays with several free axes that add an axis."""
    from nlpx.workflow.tensorflow_graphs import write_litert

    subject = small()
    fields = {"char": Field(), "matches": Field("uint8", (2,))}
    made = subject.exportable(fields).graphs
    pointers, links = (write_litert(name, made[name], tmp_path) for name in ("pointers", "links"))
    for sizes in ((1, 4, 3), (3, 7, 5)):
        texts = batch(*sizes)
        np.testing.assert_allclose(pointers(texts)[0], subject.pointers(texts)[0], atol=1e-5)
        np.testing.assert_allclose(links(texts)[0], subject.links(texts), atol=1e-5)
