"""Which axes of the variables of a model have a row for every token of a vocabulary."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from nlpx.data.codec import Vocabularies
from nlpx.errors import DataError
from nlpx.specs.experiment import Experiment
from nlpx.workflow.of_run import buildable

if TYPE_CHECKING:
    from nlpx.engine.learner import Learner

ANOTHER = "\U000f0000"
"""A token of no text: its code point is for private use."""

Axes = Mapping[str, Sequence[Sequence[str]]]
"""The vocabularies with which each axis of a variable grows, by the name of the variable."""


def vocabulary_axes(
    experiment: Experiment, learner: Learner, vocabularies: Vocabularies, tried: Iterable[str]
) -> Axes:
    """Find the axes of some vocabularies by building the model with one token more of each.

    Equal lengths prove nothing: a kernel of three positions is no table of two classes and the unknown one.
    A model that refuses another token, such as one for exactly two classes, has no axis of that vocabulary.
    """
    from nlpx.engine.learner import names_of

    names = names_of(learner)
    found: dict[str, list[list[str]]] = {
        names[variable]: [[] for _ in variable.shape] for variable in learner.model.weights
    }
    for name in tried:
        state = random.getstate()
        try:
            with buildable():
                larger = experiment.learner(
                    experiment.codec(), {**vocabularies, name: vocabularies[name].extended([ANOTHER])}
                )
        except DataError:
            continue
        finally:
            # Seeds that Keras draws later are those that it would draw without this.
            random.setstate(state)
        for variable, other in zip(learner.model.weights, larger.model.weights, strict=True):
            lengths = zip(found[names[variable]], variable.shape, other.shape, strict=True)
            for grown, before, after in lengths:
                grown += [name] * (after - before)
    return found
