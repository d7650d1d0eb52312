"""Every objective of the registry, with every option changed, under the checks of the harness."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

import pytest
import tensorflow as tf

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.components.values import described
from nlpx.core.component import builtin_registry
from tests.components.losses.harness import (
    CHECKS,
    MAKE,
    SHARED,
    check_compilation,
    check_micro_batches,
    layouts,
    operations,
    variants,
)

ENTRIES = [entry for entry in builtin_registry() if entry.kind == "loss"]
LOSSES = list({repr(loss): loss for entry in ENTRIES for loss in variants(entry)}.values())
CASES = [(loss, layout) for loss in LOSSES for layout in layouts(loss)]
NAMES = [f"{loss!r}-{layout}" for loss, layout in CASES]
COMPILED = list({(operations(loss), layout): (loss, layout) for loss, layout in CASES}.values())


class MeanAndLength(Loss):
    """Two terms of different weights, as no objective of nlpx has them: one by positions, one by rows."""

    needs: ClassVar[frozenset[str]] = frozenset({"token_nll"})
    type: Literal["mean_and_length"] = "mean_and_length"

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        real = tf.cast(values["mask"], tf.float32)
        rows = tf.reduce_sum(values["token_nll"] * real, 1)
        return {
            "mean": Term(tf.reduce_sum(rows), tf.reduce_sum(real)),
            "square": Term(tf.reduce_sum(rows**2), tf.reduce_sum(real[:, 0]), 0.3),
        }


def test_every_value_of_an_objective_can_be_made_up() -> None:
    read = {name for loss in LOSSES for name in loss.reads} - {"mask"}
    assert read <= set(MAKE) | set(SHARED) <= set(described(builtin_registry()))
    assert len(ENTRIES) >= 13


@pytest.mark.parametrize(("loss", "layout"), CASES, ids=NAMES)
def test_invariants(loss: Loss, layout: str) -> None:
    for check in CHECKS:
        check(loss, layout)
    if not loss.compares:
        check_micro_batches(loss, layout)


@pytest.mark.parametrize(("loss", "layout"), COMPILED)
def test_compiled(loss: Loss, layout: str) -> None:
    check_compilation(loss, layout)


@pytest.mark.parametrize("check", [check_compilation, check_micro_batches, *CHECKS])
def test_terms_of_different_weights(check: Callable[[Loss, str], None]) -> None:
    check(MeanAndLength(), "sequences")
