"""Options as a reader sees them."""

from __future__ import annotations

import pytest

from nlpx.components.encoders.conv import Conv
from nlpx.components.encoders.gated_conv import GatedConv
from nlpx.core.component import builtin_registry
from nlpx.specs.embedding import EmbeddingSection, Ngrams
from nlpx.specs.options import Option, flow, options_of

REGISTRY = builtin_registry()


def options(kind: str, name: str) -> dict[str, Option]:
    return {option.name: option for option in options_of(REGISTRY.find(kind, name).component)}


@pytest.mark.parametrize(
    ("kind", "name", "option", "type_", "default"),
    [
        ("encoder", "gated_conv", "kernel_size", "integer >= 1", "3"),
        ("encoder", "gated_conv", "filters", "integer >= 1 or null", "null"),
        ("encoder", "gated_conv", "gate", "highway or residual_glu", "highway"),
        ("encoder", "gated_conv", "dropout", "number >= 0 and < 1 or {value, schedule}", "0.0"),
        ("encoder", "gated_conv", "normalize", "true or false", "false"),
        ("optimizer", "adam", "schedule", "schedule", "constant"),
        ("optimizer", "adam", "learning_rate", "number > 0", "0.001"),
        ("source", "pairs", "train", "string or list of string (2 items or more)", ""),
        ("task", "couplet", "train.evaluate_every", "epoch or integer >= 1", "epoch"),
        ("task", "couplet", "train.early_stopping.patience", "integer >= 1", "5"),
        ("task", "couplet", "model.encoder", "list of encoder", "[{type: gated_conv, repeat: 6}]"),
        ("task", "couplet", "model.embedding.ngrams.size", "integer >= 2 and <= 3", "2"),
        ("task", "couplet", "model.embedding.dropout", "number >= 0 and < 1 or {value, schedule}", "0.25"),
        ("task", "segmentation", "metrics", "list of metric", "[word_f1, nll]"),
    ],
)
def test_option(kind: str, name: str, option: str, type_: str, default: str) -> None:
    found = options(kind, name)[option]
    assert (found.type, found.default) == (type_, default)
    assert found.text


def test_the_type_is_no_option() -> None:
    assert "type" not in options("encoder", "conv")


def test_options_come_in_the_order_of_the_docstring() -> None:
    assert list(options("encoder", "conv"))[:2] == ["filters", "kernel_size"]


def test_every_option_of_every_component_has_a_text() -> None:
    silent = [
        f"{component.kind}/{component.name}.{option.name}"
        for component in REGISTRY
        for option in options_of(component.component)
        if not option.text or "<" in option.type.replace("< ", "").replace("<= ", "")
    ]
    assert silent == []


def test_defaults_are_yaml() -> None:
    assert flow(GatedConv()) == "gated_conv"
    assert flow([Conv(filters=8), "a", None, True]) == "[{type: conv, filters: 8}, a, null, true]"
    assert flow(EmbeddingSection(ngrams=[Ngrams(dim=8)])) == "{ngrams: [{dim: 8}]}"
