"""Terms that tricks add to those of an objective."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, count

from nlpx.components.losses.base import Term
from nlpx.core.lazy import tf

TOTAL = "loss"
"""The name by which runs record the total."""


def extended(terms: Mapping[str, Term], more: Mapping[str, Term]) -> dict[str, Term]:
    """The terms and others. One called `loss` becomes `plain_loss`, as runs record the total by that name.

    Others of a name that there is already, such as those of a second trick of the same type, get a number.
    """
    found = {f"plain_{name}" if name == TOTAL else name: term for name, term in terms.items()}
    for name, term in more.items():
        numbered = (f"{name}_{number}" for number in count(2))
        found[next(new for new in chain([name], numbered) if new not in found)] = term
    return found


def first_weight(terms: Mapping[str, Term]) -> tf.Tensor:
    """The divisor of the first term. Terms that share it cost no further backward pass with accumulation."""
    return next(iter(terms.values())).weight
