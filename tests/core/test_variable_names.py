"""Names of variables, and the patterns that choose them."""

from __future__ import annotations

import keras
import pytest

from nlpx.components.tricks.ema import EMA
from nlpx.core.variable_names import VariableNames
from nlpx.engine.learner import names_of
from nlpx.engine.update import Update
from nlpx.errors import ConfigError
from tests.engine.phased_toy import DuelLearner
from tests.engine.toy import ToyLearner


def some_model() -> keras.Model:
    """Layers without names, some of the same class, one of them in a wrapper, one used twice."""
    shared = keras.layers.Dense(3)
    lstm = keras.layers.Bidirectional(keras.layers.LSTM(2))
    model = keras.Sequential([shared, keras.layers.Dense(3, name="out_of_4"), shared, lstm])
    model.build((None, 4, 3))
    return model


def test_names_do_not_depend_on_what_was_built_before() -> None:
    first = list(VariableNames([some_model()]))
    for _ in range(2):
        keras.layers.Dense(3), keras.layers.LSTM(2), keras.layers.Bidirectional(keras.layers.LSTM(2))
    assert list(VariableNames([some_model()])) == first
    assert first[:4] == ["dense/kernel", "dense/bias", "out_of_4/kernel", "out_of_4/bias"]
    assert "bidirectional/backward_lstm/lstm_cell/recurrent_kernel" in first


def test_layers_of_one_name_are_numbered_in_their_order() -> None:
    model = keras.Sequential([keras.layers.Dense(3, use_bias=False) for _ in range(3)])
    model.build((None, 3))
    names = VariableNames([model])
    assert list(names) == ["dense/kernel", "dense_1/kernel", "dense_2/kernel"]
    assert [names[variable] for variable in model.variables] == list(names)


def test_variables_of_objectives_have_names() -> None:
    learner = DuelLearner()
    names = names_of(learner)
    assert [*names][:1] + [*names][-1:] == ["toy/embedding/embeddings", "prior"]
    assert names[learner.objectives[0].variables[0]] == "prior"


def test_patterns_match_whole_names() -> None:
    model = ToyLearner().model
    names, weights = VariableNames([model]), model.trainable_variables

    def chosen(*patterns: str) -> list[str]:
        return [names[variable] for variable in names.select(patterns, weights, "exclude")]

    assert chosen("conv/*") == ["conv/kernel", "conv/bias"]
    assert chosen("*/bias", "embedding/*") == ["embedding/embeddings", "conv/bias", "head/bias"]
    for piece in ("conv", "onv/*", "*/kerne", "CONV/*", "bias"):
        with pytest.raises(ConfigError, match="exclude: no variable matches") as caught:
            chosen("head/*", piece)
        assert "one of embedding/embeddings, conv/kernel" in str(caught.value)
    with pytest.raises(ConfigError, match="nearest: conv/kernel"):
        chosen("conv/kernal")


def test_tricks_know_the_names() -> None:
    learner, trick = ToyLearner(), EMA()
    Update(learner, keras.optimizers.SGD(0.1), [trick])
    assert trick.names[learner.model.conv.kernel] == "conv/kernel"
    with pytest.raises(RuntimeError, match="name_variables"):
        _ = EMA().names
