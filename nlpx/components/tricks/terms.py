"""Terms that tricks add to those of an objective."""

from __future__ import annotations

from collections.abc import Mapping

from nlpx.components.losses.base import Term
from nlpx.core.lazy import tf

TOTAL = "loss"
"""The name by which runs record the total."""


def extended(terms: Mapping[str, Term], more: Mapping[str, Term]) -> dict[str, Term]:
    """The terms and others; one called `loss` becomes `plain_loss`, to be recorded in addition to the total."""
    return {f"plain_{name}" if name == TOTAL else name: term for name, term in terms.items()} | dict(more)


def first_weight(terms: Mapping[str, Term]) -> tf.Tensor:
    """The divisor of the first term. Terms that share it cost no further backward pass with accumulation."""
    return next(iter(terms.values())).weight
