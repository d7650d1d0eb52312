"""Rows of tables move to the ids of their tokens."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.config.load import load_experiment
from nlpx.text.vocabulary import UNKNOWN, Vocabulary
from nlpx.workflow.vocabulary_axes import vocabulary_axes
from nlpx.workflow.warm_start import Move, moved

TOKENS = st.lists(st.sampled_from("春夏秋冬梅兰竹菊山水云"), unique=True, min_size=1)


@given(TOKENS, TOKENS, st.integers(0, 2), st.booleans())
def test_every_token_keeps_its_row(old: list[str], new: list[str], extra: int, across: bool) -> None:
    before, after = (Vocabulary([UNKNOWN, *tokens]) for tokens in (old, new))
    numbers = np.random.default_rng(0)
    there, here = (numbers.normal(size=(len(v) + extra, 50)) for v in (before, after))
    move = Move.between("char", before, after)
    if across:
        result = moved(there.T, here.T, [[], [move]]).T
    else:
        result = moved(there, here, [[move], []])
    for i, token in enumerate(after.tokens):
        row = there[before.tokens.index(token)] if token in before.tokens else here[i]
        np.testing.assert_array_equal(result[i], row)
    np.testing.assert_array_equal(result[len(after) :], there[len(before) :])


MOVE = Move.between("label", Vocabulary([UNKNOWN, "a", "b"]), Vocabulary([UNKNOWN, "b", "c"]))


def test_axes_that_happen_to_have_the_length_of_a_vocabulary_are_taken_as_they_are() -> None:
    """A kernel of three positions, where two classes and the unknown one have other names."""
    old = np.arange(18.0).reshape(3, 3, 2)
    np.testing.assert_array_equal(moved(old, np.zeros((3, 3, 2)), [[], [], []]), old)
    both = moved(old[..., 0], np.full((3, 3), -1.0), [[MOVE], [MOVE]])
    np.testing.assert_array_equal(both, [[0, 4, -1], [12, 16, -1], [-1, -1, -1]])


def test_axes_are_found_by_what_grows_with_a_vocabulary(tmp_path: Path) -> None:
    """Embedding and classes of a classifier; the kernel has as many positions as there are labels."""
    path = tmp_path / "c.yaml"
    path.write_text(
        "task: sentiment\n"
        "loss: cross_entropy\n"
        "model:\n"
        "  embedding: {dim: 4, ngrams: [{size: 2, dim: 4}]}\n"
        "  encoder: [{type: conv, filters: 4, kernel_size: 4}]\n",
        "utf-8",
    )
    experiment = load_experiment(path).experiment
    sizes = {"char": "abc", "ngram2": ["aa", "ab", "bb"], "label": "xyz"}
    vocabularies = {name: Vocabulary([UNKNOWN, *tokens]) for name, tokens in sizes.items()}
    learner = experiment.learner(experiment.codec(), vocabularies)
    state = random.getstate()
    axes = vocabulary_axes(experiment, learner, vocabularies, vocabularies)
    assert random.getstate() == state
    assert {name: found for name, found in axes.items() if any(found)} == {
        "embedding/characters/embeddings": [["char"], []],
        "embedding/ngrams_0/embeddings": [["ngram2"], []],
        "head/kernel": [[], ["label"]],
        "head/bias": [["label"]],
    }
    assert axes["encoder_0_0/conv/kernel"] == [[], [], []]


def test_classes_of_other_names_keep_their_weights() -> None:
    old = np.arange(8.0).reshape(4, 2)
    np.testing.assert_array_equal(moved(old, np.zeros((4, 2)), [[], [MOVE]]), old)
    capsules = np.arange(24.0).reshape(4, 6)  # three numbers for each of two classes
    np.testing.assert_array_equal(moved(capsules, np.zeros((4, 6)), [[], [MOVE] * 3]), capsules)


@pytest.mark.parametrize(
    ("old", "new"), [((7,), (8,)), ((3, 4), (3, 5)), ((4,), (4, 1)), ((4, 2), (4,)), ((2, 2), (3, 3))]
)
def test_shapes_that_do_not_fit(old: tuple[int, ...], new: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="shape"):
        moved(np.zeros(old), np.zeros(new), [[MOVE], [], []][: len(old)])


def test_an_axis_with_the_rows_of_several_vocabularies_is_not_mapped() -> None:
    for moves in ([MOVE, MOVE], [MOVE]):
        with pytest.raises(ValueError, match=r"shape \(9,\), in which the rows of tokens cannot be found"):
            moved(np.zeros(9), np.zeros(9), [moves])
