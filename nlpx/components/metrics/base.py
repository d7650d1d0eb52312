"""What a metric is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from nlpx.core.component import Component

Direction = Literal["min", "max"]
Directions = Mapping[str, Direction]
"""Names of numbers, and which way each is better."""
Terms = Mapping[str, tuple[float, float]]
"""By number: what an example adds to its numerator and to its denominator."""


class Metric(Component):
    """The base of every metric: numbers about the examples of a split, which are records with predictions.

    A number is a quotient of two sums over examples, and a metric says with `terms` what an example adds to
    them; one whose numbers are made otherwise overrides `update` and `result`. Of an example it reads the
    attributes that `needs` names, so that it fits every task whose examples have them.

    The object in a config only holds options: `fresh` makes a copy that counts. Its sums and counts are
    private attributes with a default.
    """

    kind: ClassVar[str] = "metric"
    directions: ClassVar[Directions]
    """The numbers it gives with any options."""
    likelihood: ClassVar[bool] = False
    """Whether its numbers are probabilities of predictions, and so depend on what may be predicted."""

    _sums: dict[str, tuple[float, float]] = {}

    def numbers(self) -> Directions:
        """The numbers it gives with these options."""
        return self.directions

    def fresh(self) -> Self:
        """A copy that has counted nothing yet; examples are given to such copies only.

        Raises:
            EnvironmentProblem: a library that it uses is not installed.
            DataError: a file that it reads cannot be read, or is wrong.
        """
        return self.model_construct(self.model_fields_set, **dict(self.prepare()))

    def update(self, example: Any) -> None:
        """Count one example."""
        for name, (over, under) in self.terms(example).items():
            before = self._sums.get(name, (0, 0))
            self._sums[name] = before[0] + over, before[1] + under

    def terms(self, example: Any) -> Terms:
        """What an example adds."""
        return {}

    def result(self) -> dict[str, float]:
        """The numbers so far, by name. A ratio of which nothing was counted (0 / 0) is left out."""
        return {name: over / under for name, (over, under) in self._sums.items() if under}

    @property
    def signature(self) -> str:
        """How the numbers were computed, where that needs saying."""
        return ""

    def files(self) -> Mapping[str, str]:
        """What an evaluation writes in addition to the numbers: the text of every file, by name."""
        return {}
