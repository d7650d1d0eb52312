"""Which parts a model has, and what freezing them does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pytest

from nlpx.components.losses.base import Loss, Term
from nlpx.config.load import load_experiment
from nlpx.engine.parts import Part, freeze, frozen_parts, parts_of
from nlpx.errors import ConfigError
from nlpx.specs.stages import Stage
from nlpx.text.vocabulary import UNKNOWN, Vocabulary
from tests.engine.staged_toy import StagedLearner
from tests.engine.toy import ToyLearner


class Holder:
    """A learner that is nothing but its model."""

    objectives: Sequence[Loss] = ()

    def __init__(self, model: keras.layers.Layer) -> None:
        self.model = model

    def losses(self, batch: object, step: object, training: bool) -> dict[str, Term]:
        return {}


class OwnOrder(Holder):
    @property
    def parts(self) -> Sequence[keras.layers.Layer]:
        return self.model.layers[::-1]


class OwnWeight(keras.Model):
    """A model with a weight beside its layer."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.scale = self.add_weight(shape=(1,), name="scale")
        self.dense = keras.layers.Dense(3, name="dense")

    def call(self, x: object) -> object:
        return self.dense(x) * self.scale


class Tied(keras.layers.Layer):
    """A head that holds the embedding."""

    def __init__(self, embedding: keras.layers.Embedding) -> None:
        super().__init__(name="head")
        self.embedding = embedding
        self.bias = self.add_weight(shape=(4,), name="bias")


class TiedModel(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="tied")
        self.embedding = keras.layers.Embedding(4, 2, name="embedding")
        self.embedding.build(())
        self.head = Tied(self.embedding)


def names(parts: Sequence[Part]) -> list[str]:
    return [part.name for part in parts]


def trained(model: keras.Model) -> set[str]:
    return {weight.path for weight in model.trainable_weights}


def test_layers_in_order_with_nested_models_opened() -> None:
    backbone = ["ids", "embedding", *(f"block{b}_{k}" for b in (1, 2) for k in ("conv", "norm", "act"))]
    assert names(parts_of(StagedLearner())) == [
        *(f"backbone/{name}" for name in backbone),
        "dropout",
        "hidden",
        "head",
    ]
    assert names(parts_of(ToyLearner())) == ["embedding", "dropout", "conv", "head"]


def test_a_learner_may_have_an_order_of_its_own() -> None:
    assert names(parts_of(OwnOrder(ToyLearner().model))) == ["head", "conv", "dropout", "embedding"]


def test_a_model_with_weights_of_its_own_is_one_part() -> None:
    inner = keras.Sequential([keras.layers.Dense(2, name="first"), OwnWeight("second")], name="all")
    inner(np.zeros((1, 2), np.float32))
    assert names(parts_of(Holder(inner))) == ["first", "second"]
    assert names(parts_of(Holder(inner.layers[1]))) == ["second"]
    layer = keras.layers.Dense(2, name="only")
    layer.build((1, 2))
    assert names(parts_of(Holder(layer))) == ["only"]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (Stage(epochs=1), []),
        (Stage(epochs=1, trainable_from="embedding"), []),
        (Stage(epochs=1, trainable_from="conv"), ["embedding", "dropout"]),
        (Stage(epochs=1, trainable_from="o"), ["embedding"]),
        (Stage(epochs=1, frozen=["head", "conv"]), ["conv", "head"]),
        (Stage(epochs=1, trainable_from="dropout", frozen=["head"]), ["embedding", "head"]),
    ],
)
def test_what_a_stage_freezes(stage: Stage, expected: list[str]) -> None:
    assert names(frozen_parts(parts_of(ToyLearner()), stage, "here")) == expected


def test_an_unknown_name_is_told_with_those_there_are() -> None:
    with pytest.raises(
        ConfigError,
        match=r"^here\.trainable_from: no part of the model has 'Head' in its name; expected a piece of one of "
        r"embedding, conv, head; did you mean head\?$",
    ):
        frozen_parts(parts_of(ToyLearner()), Stage(epochs=1, trainable_from="Head"), "here")


def test_frozen_and_opened_again_and_again() -> None:
    """Always what is asked for, whatever was before; a part that the model froze itself stays frozen."""
    model = ToyLearner().model
    model.conv.trainable = False
    parts = parts_of(Holder(model))
    ends = {"embedding": {"toy/embedding/embeddings"}, "head": {"toy/head/kernel", "toy/head/bias"}}
    for _ in range(2):
        for name, other in (("embedding", "head"), ("head", "embedding")):
            frozen = frozen_parts(parts, Stage(epochs=1, frozen=[name]), "here")
            freeze(parts, frozen)
            assert trained(model) == ends[other]
            assert len([w for part in frozen for w in part.layer.weights]) == 2 + len(ends[name])
    freeze(parts, frozen_parts(parts, Stage(epochs=1), "here"))
    assert trained(model) == ends["embedding"] | ends["head"]


def test_a_weight_of_two_parts_is_frozen_with_either() -> None:
    model = TiedModel()
    parts = parts_of(Holder(model))
    assert names(parts) == ["embedding", "head"]
    for _ in range(2):
        for name, left in (("head", set()), ("embedding", {"head/bias"})):
            for _ in range(2):
                freeze(parts, frozen_parts(parts, Stage(epochs=1, frozen=[name]), "here"))
                assert trained(model) == left
        freeze(parts, [])
        assert trained(model) == {"head/bias", "embedding/embeddings"}


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    """It passes `check`, and its names are those of the couplet model."""
    text = (Path(__file__).parents[2] / "docs" / "training.md").read_text(encoding="utf-8")
    config = tmp_path / "c.yaml"
    config.write_text(text.partition("## Stages")[2].split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    experiment = load_experiment(config).experiment
    task = experiment.codec()
    table = Vocabulary([UNKNOWN, "甲", "乙"])
    parts = parts_of(experiment.learner(task, dict.fromkeys(task.min_counts, table)))
    everything = ["embedding", *(f"encoder_0_{copy}" for copy in range(6)), "head"]
    assert names(parts) == everything
    frozen = [frozen_parts(parts, stage, "here") for stage in experiment.train.stages or []]
    assert list(map(names, frozen)) == [everything[:-1], everything[:5], everything[:2]]
