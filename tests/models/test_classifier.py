"""The classifier of pictures."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.backbones.application import Application
from nlpx.components.backbones.base import Backbone
from nlpx.components.backbones.small_conv import SmallConv
from nlpx.components.backbones.squeezenet import SqueezeNet as SqueezeNetSpec
from nlpx.components.losses.centred_cross_entropy import CentredCrossEntropy
from nlpx.config.load import load_experiment
from nlpx.engine.parts import freeze, frozen_parts, parts_of
from nlpx.engine.update import Update
from nlpx.layers.taps import recording, replacing
from nlpx.models.classifier import Classifier, ClassifierLearner
from nlpx.specs.classifier import ClassifierSection
from nlpx.specs.stages import Stage
from nlpx.tasks.image_classification.config import ImageClassification

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
RANDOM = np.random.default_rng(0)
BATCH: dict[str, np.ndarray] = {
    "image": RANDOM.integers(0, 256, (6, 32, 32, 3)).astype(np.uint8),
    "label": np.array([0, 1, 2, 3, 3, 0], np.int32),
}


def section(backbone: Backbone | None = None, **more: object) -> ClassifierSection:
    return ClassifierSection.model_validate(
        {"image_size": 32, "backbone": backbone or SmallConv(filters=[4, 6]), "features": 5, **more}
    )


def problem(spec: ClassifierSection, loss: CentredCrossEntropy | None = None) -> ClassifierLearner:
    keras.utils.set_random_seed(0)
    return ClassifierLearner(Classifier(spec, 4), loss or CentredCrossEntropy())


def test_the_original_has_the_parameters_of_the_article() -> None:
    """Xception 20,861,480; gated feature 262,272, heads 6,500 and 204,900, centres 6,400: 480,072 more."""
    experiment = load_experiment(CONFIGS / "dogs" / "original.yaml", moved=True).experiment
    assert isinstance(experiment, ImageClassification)
    model = Classifier(experiment.model, classes=100)
    assert model.backbone.count_params() == 20_861_480
    learner = ClassifierLearner(model, experiment.loss)
    parts = [model.gated, model.main_head, model.aux_head, *learner.objective.layers]
    assert [part.count_params() for part in parts] == [262_272, 6_500, 204_900, 6_400]
    assert model.count_params() == 20_861_480 + 480_072 - 6_400
    assert model.backbone.network.output_shape == (None, 10, 10, 2048)
    names = [part.name for part in learner.parts]
    opened = names[next(i for i, name in enumerate(names) if "block13" in name) : names.index("gated")]
    assert len(opened) == 16  # 17 with the pooling, which has no weights and is a layer of ours
    trainable = [layer for layer in model.backbone.blocks if layer.name in opened]
    assert sum(w.numpy().size for layer in trainable for w in layer.trainable_weights) == 6_788_384


def test_the_input_is_tapped_as_floats() -> None:
    model = problem(section()).model
    with recording() as found:
        logits, _, _ = model(BATCH["image"])
    np.testing.assert_array_equal(found["image"], BATCH["image"])
    assert found["image"].dtype == tf.float32
    with replacing("image", lambda image: image + 1.0):
        changed, _, _ = model(BATCH["image"])
    assert not np.allclose(logits, changed)


def test_the_terms_of_the_objective() -> None:
    made = problem(section(), CentredCrossEntropy(auxiliary=0.25, centre=0.5, label_smoothing=0.0))
    main, aux, feature = (tensor.numpy() for tensor in made.model(BATCH["image"]))
    labels = BATCH["label"]

    def cross_entropy(logits: np.ndarray) -> float:
        log_p = logits - np.log(np.exp(logits.astype(np.float64)).sum(axis=1, keepdims=True))
        return float(-log_p[np.arange(6), labels].sum())

    centres = ((feature - made.objective.variables[0].numpy()[labels]) ** 2).sum()
    terms = made.losses({name: tf.constant(value) for name, value in BATCH.items()}, 0, training=False)
    assert [float(term.sum) for term in terms.values()] == pytest.approx(
        [cross_entropy(main), cross_entropy(aux), centres], rel=1e-5
    )
    assert [(float(term.weight), term.coefficient) for term in terms.values()] == [
        (6, 1),
        (6, 0.25),
        (6, 0.5),
    ]


@pytest.mark.parametrize("normalize", [False, True])
def test_features_in_advance_give_the_loss_of_their_pictures(normalize: bool) -> None:
    made = problem(section(normalize=normalize))
    label = tf.constant(BATCH["label"])
    feature = tf.constant(made.pooled(BATCH["image"]))
    first, second = (
        [float(term.sum) for term in made.losses({"label": label, **batch}, 0, training=False).values()]
        for batch in ({"image": tf.constant(BATCH["image"])}, {"feature": feature})
    )
    assert first == pytest.approx(second, rel=1e-5)


def test_probabilities_are_those_of_the_logits() -> None:
    made = problem(section())
    main, aux, _ = made.model(BATCH["image"])
    found = made.log_probabilities(made.pooled(BATCH["image"]))
    for log_p, logits in zip(found, (main, aux), strict=True):
        np.testing.assert_allclose(np.exp(log_p), tf.nn.softmax(logits).numpy(), rtol=1e-4)


def test_training_leaves_a_frozen_backbone_bitwise_alone() -> None:
    """Weights and the statistics of batch normalization; all that follows it changes."""
    made = problem(section(SmallConv(filters=[4, 6], trainable=False), normalize=True))
    before = [weight.numpy() for weight in made.model.backbone.weights]
    heads = [part for part in made.parts if part not in made.model.backbone.blocks]
    old = [weight.numpy() for part in heads for weight in part.weights]
    step = Update(made, keras.optimizers.Adam(0.1))
    for _ in range(3):
        step([BATCH])
    assert all((a == w.numpy()).all() for a, w in zip(before, made.model.backbone.weights, strict=True))
    new = [weight.numpy() for part in heads for weight in part.weights]
    assert all((a != b).any() for a, b in zip(old, new, strict=True))


def test_stages_leave_the_layers_below_of_an_application_bitwise_alone() -> None:
    """As the original's stages: the head alone, then everything from one of the layers on; with statistics."""
    made = problem(section(Application(name="mobilenet_v3_small")))
    parts = parts_of(made)
    names = [part.name for part in parts]
    start = next(i for i, name in enumerate(names) if "expanded_conv_10" in name)
    weights = [[weight.numpy() for weight in part.layer.weights] for part in parts]
    assert sum("moving" in weight.path for part in parts[:start] for weight in part.layer.weights) == 60
    for trainable_from, first in (("gated", names.index("gated")), ("expanded_conv_10", start)):
        freeze(parts, frozen_parts(parts, Stage(epochs=1, trainable_from=trainable_from), "stages.0"))
        Update(made, keras.optimizers.SGD(0.1))([BATCH])
        after = [[weight.numpy() for weight in part.layer.weights] for part in parts]
        pairs = [list(zip(*both, strict=True)) for both in zip(weights, after, strict=True)]
        assert all((a == b).all() for part in pairs[:first] for a, b in part)
        changed = [any((a != b).any() for a, b in part) for part in pairs[first:] if part]
        assert changed == [True] * len(changed)
        weights = after


def test_training_moves_every_weight_of_a_free_one() -> None:
    made = problem(section())
    before = [weight.numpy() for weight in made.model.backbone.weights]
    Update(made, keras.optimizers.Adam(0.1))([BATCH])
    assert all((a != w.numpy()).any() for a, w in zip(before, made.model.backbone.weights, strict=True))


def test_every_weight_belongs_to_one_part_in_order() -> None:
    made = problem(section(SqueezeNetSpec(), image_size=40, normalize=True))
    inside = [id(weight) for part in made.parts for weight in part.weights]
    weights = [*made.model.weights, *made.objective.variables]
    seeds = {id(weight) for weight in weights if "seed" in weight.path}
    assert len(inside) == len(set(inside))
    assert {id(weight) for weight in weights} == set(inside) | seeds
    names = [part.name for part in made.parts]
    assert names[0] == "conv1"
    assert names[-5:] == ["pooled_norm", "gated", "main_head", "aux_head", "centres"]


def test_the_hash_of_a_backbone_is_that_of_its_weights() -> None:
    one, other = problem(section()), problem(section())
    assert one.backbone_hash() == other.backbone_hash()
    other.model.backbone.weights[0].assign_add(tf.ones_like(other.model.backbone.weights[0]))
    assert one.backbone_hash() != other.backbone_hash()


def test_max_pooling_takes_the_largest() -> None:
    made = problem(section(pooling="max"))
    maps = made.model.backbone(BATCH["image"]).numpy()
    np.testing.assert_allclose(made.pooled(BATCH["image"]), maps.max(axis=(1, 2)), rtol=1e-5)
