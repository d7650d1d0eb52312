"""The tagger: sizes of the original models, padding, both prediction graphs against each other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from nlpx.components.losses.sampled_softmax import SampledSoftmax
from nlpx.models.tagger import Tagger, TaggingLearner
from nlpx.specs.sections import HeadedTagger
from nlpx.tasks.couplet.config import Couplet
from nlpx.tasks.segmentation.config import Segmentation
from nlpx.text.spans import DEPTH, FIELDS
from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS

MASKS = {"transition_mask": LEGAL_TRANSITIONS, "start_mask": LEGAL_START, "stop_mask": LEGAL_STOP}
ORIGINAL_SEGMENTER = {
    "embedding": {"ngrams": [], "lexicon": None},
    "encoder": [{"type": "conv", "repeat": 3}],
}


def segmentation(model: Mapping[str, object]) -> Segmentation:
    return Segmentation.model_validate({"task": "segmentation", "model": model})


def couplet(**model: object) -> Couplet:
    return Couplet.model_validate({"task": "couplet", "model": model})


LAYOUT = {"fields": FIELDS, "depth": DEPTH}


def problem(
    experiment: Couplet | Segmentation, characters: int, answers: int, **more: object
) -> TaggingLearner:
    spec: HeadedTagger = experiment.model
    sizes = {"ngram2": 30}
    model = Tagger(
        spec,
        characters=characters,
        labels=answers,
        ngram_sizes=sizes,
        legal=None if isinstance(experiment, Couplet) else MASKS,
        levels=more.get("levels"),  # type: ignore[arg-type]  # given by the tests below only
    )
    return TaggingLearner(model, experiment.loss)


def batch(lengths: list[int], width: int, features: list[str], answers: int) -> dict[str, np.ndarray]:
    """Random rows with legal word tags where there are four answers."""
    rng = np.random.default_rng(3)
    mask = np.arange(width) < np.array(lengths)[:, None]
    arrays = {name: rng.integers(0, 30, mask.shape).astype(np.int32) for name in features}
    if "lexicon" in arrays:
        arrays["lexicon"] = rng.integers(0, DEPTH, (*mask.shape, FIELDS)).astype(np.uint8)
    target = np.zeros(mask.shape, np.int32) if answers == 4 else arrays["char"] % answers
    return {**arrays, "target": target, "mask": mask}


def test_f25_couplet_model_has_the_parameters_of_the_original() -> None:
    assert problem(couplet(), 1000, 1000).model.count_params() == 257 * 1000 + 591_360


def test_f25_baseline_segmenter_has_those_of_the_original_less_the_padding_tag() -> None:
    """The original gives the padding a fifth tag: 129 more weights in the dense layer, none in the CRF."""
    found = problem(segmentation(ORIGINAL_SEGMENTER), 1000, 4).model.count_params()
    assert found == 128 * 1000 + 148_501 - 129


@pytest.mark.parametrize("tied", [False, True])
def test_padding_changes_nothing_for_couplets(tied: bool) -> None:
    tagging = problem(couplet(embedding={"dim": 12}, head={"type": "softmax", "tied": tied}), 30, 30)
    check_padding(tagging, ["char"], answers=30)


def test_padding_changes_nothing_for_segmentation() -> None:
    features = ["char", "ngram2_end", "ngram2_begin", "lexicon"]
    tagging = problem(segmentation({}), 30, 4, levels=("lexicon", LAYOUT))
    check_padding(tagging, features, answers=4)


@pytest.mark.parametrize("head", ["memm", "bi_memm"])
def test_padding_changes_nothing_for_chains_of_local_softmaxes(head: str) -> None:
    tagging = problem(segmentation({**ORIGINAL_SEGMENTER, "head": {"type": head}}), 30, 4)
    check_padding(tagging, ["char"], answers=4)
    assert tagging.potentials["transitions"].shape == (4, 4)  # type: ignore[union-attr]  # a head that has them


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("dim", [8, 12])
def test_sampled_softmax_over_all_characters_is_cross_entropy(tied: bool, dim: int) -> None:
    """Through the output layer of the head, projected to the width of the table where it is another one."""
    experiment = couplet(
        embedding={"dim": dim},
        encoder=[{"type": "conv", "filters": 8}],
        head={"type": "softmax", "tied": tied},
    )
    tagging = problem(experiment, 30, 30)
    whole = batch([5, 2], 5, ["char"], 30)
    sampled = TaggingLearner(tagging.model, SampledSoftmax(negatives="all"))
    expected, found = (learner.losses(whole, 0, training=False)["loss"] for learner in (tagging, sampled))
    np.testing.assert_allclose(found.sum, expected.sum, rtol=1e-5)


def check_padding(tagging: TaggingLearner, features: list[str], answers: int) -> None:
    """Rows score alone what they score in a wider batch whose padding holds garbage."""
    lengths = [7, 3, 1, 0]
    whole = batch(lengths, 7, features, answers)
    wide = {
        name: np.pad(
            values,
            ((0, 1), (0, 5), *[(0, 0)] * (values.ndim - 2)),
            constant_values=0 if values.dtype == bool else 3,
        )
        for name, values in whole.items()
    }
    scores, nll = tagging.scores_and_nll(whole)
    wide_scores, wide_nll = tagging.scores_and_nll(wide)
    np.testing.assert_allclose(wide_nll[:4], nll, rtol=1e-5, atol=1e-5)
    assert nll[3] == wide_nll[4] == 0
    for row, length in enumerate(lengths):
        np.testing.assert_allclose(wide_scores[row, :length], scores[row, :length], rtol=1e-4, atol=1e-5)
    only, _ = tagging.scores(whole)
    np.testing.assert_allclose(only[0], scores[0], rtol=1e-5, atol=1e-6)


def test_scores_of_a_softmax_are_logits() -> None:
    tagging = problem(couplet(embedding={"dim": 8}), 30, 30)
    whole = batch([5, 2], 5, ["char"], 30)
    scores, nll = tagging.scores_and_nll(whole)
    log_probs = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
    by_hand = -log_probs[0, np.arange(5), whole["target"][0]].sum()
    assert nll[0] == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize("constrain", [True, False])
def test_the_likelihood_of_a_crf_is_that_of_its_graph(constrain: bool) -> None:
    head = {"type": "crf", "use_start": True, "use_stop": constrain, "constrain": constrain}
    tagging = problem(segmentation({**ORIGINAL_SEGMENTER, "head": head}), 40, 4)
    for weight in tagging.model.head.weights:
        weight.assign(np.random.default_rng(1).normal(size=weight.shape))
    given = batch([5, 1, 0, 8], 8, ["char"], 4)
    scores, nll = tagging.scores_and_nll(given)
    expected = tagging.model.head.nll(scores, given["target"], given["mask"])
    np.testing.assert_allclose(nll, expected, rtol=1e-5, atol=1e-5)


def test_the_loss_of_training_is_the_nll_where_nothing_is_dropped() -> None:
    import tensorflow as tf

    tagging = problem(segmentation(ORIGINAL_SEGMENTER), 30, 4)
    whole = batch([6, 4, 0], 6, ["char"], 4)
    given = {name: tf.constant(value) for name, value in whole.items()}
    term = tagging.losses(given, 0, training=False)["loss"]
    _, nll = tagging.scores_and_nll(whole)
    assert float(term.sum) == pytest.approx(float(nll.sum()), rel=1e-5)
    assert float(term.weight) == 10


def test_the_config_knows_how_wide_the_embedding_is() -> None:
    """The rules of configs follow widths through a stack without building it."""
    tagging = problem(segmentation({}), 30, 4, levels=("lexicon", LAYOUT))
    ids, levels = np.zeros((1, 5), np.int32), np.zeros((1, 5, FIELDS), np.uint8)
    built = tagging.model.embedding(ids, [ids, ids], levels).shape[-1]
    assert built == segmentation({}).model.embedding.width
