"""What a metric is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from nlpx.core.component import Component

Direction = Literal["min", "max"]


class Metric(Component):
    """The base of every metric: numbers about the examples of a split, which are records with predictions.

    A number is a quotient of two sums over examples, and a metric says with `terms` what an example adds to
    them; one whose numbers are made otherwise overrides `update` and `result`. Of an example it reads the
    attributes that `needs` names, so that it fits every task whose examples have them.

    The object in a config only holds options. What is counted lies in private attributes with a default, of
    the copy that `fresh` makes.
    """

    kind: ClassVar[str] = "metric"
    directions: ClassVar[Mapping[str, Direction]]
    """The numbers it gives, and which way is better."""
    likelihood: ClassVar[bool] = False
    """Whether its numbers are made of probabilities of answers, and so depend on what may be answered."""

    _sums: dict[str, tuple[float, float]] = {}

    def numbers(self) -> Mapping[str, Direction]:
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

    def terms(self, example: Any) -> Mapping[str, tuple[float, float]]:
        """By number: what an example adds to its numerator and to its denominator."""
        return {}

    def result(self) -> dict[str, float]:
        """The numbers so far, by name. A ratio of which nothing was counted (0 / 0) is left out."""
        return {name: over / under for name, (over, under) in self._sums.items() if under}

    @property
    def signature(self) -> str:
        """How the numbers were computed, where that needs saying."""
        return ""

    def files(self) -> Mapping[str, str]:
        """What an evaluation writes beside its numbers: the text of every file, by name."""
        return {}
