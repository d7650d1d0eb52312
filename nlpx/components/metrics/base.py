"""Base class of metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from nlpx.components.metrics.resampled import Resampled
from nlpx.core.component import Component

Direction = Literal["min", "max"]
Directions = Mapping[str, Direction]
"""Names of values, and whether lower or higher is better."""
Terms = Mapping[str, tuple[float, float]]
"""For every value, what an example adds to its numerator and to its denominator."""


class Metric(Component):
    """Base class of metrics, which compute values from the examples of a split (records with predictions).

    A value is a quotient of two sums over examples; `terms` returns the summands of an example. A metric that
    is computed differently overrides `update` and `result`. It reads the attributes of an example that are
    listed in `needs`, and therefore fits every task whose examples have them.

    The object in a config only contains options; `fresh` makes a copy that accumulates. Accumulators are
    private attributes with a default.
    """

    kind: ClassVar[str] = "metric"
    directions: ClassVar[Directions]
    """All values that the metric can compute."""
    likelihood: ClassVar[bool] = False
    """Whether its values are likelihoods, which depend on the output vocabulary."""
    no_interval: ClassVar[Mapping[str, str]] = {}
    """Values for which drawing rows again says nothing, and why."""

    sized: ClassVar[frozenset[str]] = frozenset()
    """Values that depend on the number of rows, so that subsets are not compared by them."""

    _sums: dict[str, tuple[float, float]] = {}

    def numbers(self, given: frozenset[str] | None = None) -> Directions:
        """The values that the metric computes with these options.

        Args:
            given: values that examples have; None stands for all.
        """
        return self.directions

    def fresh(self) -> Self:
        """A copy with empty accumulators; only such copies are updated.

        Raises:
            EnvironmentProblem: a required library is not installed.
            DataError: a file that it needs cannot be read or is invalid.
        """
        return self.model_construct(self.model_fields_set, **dict(self.prepare()))

    def update(self, example: Any) -> None:
        """Add one example."""
        sums = self._sums  # pydantic takes long to find a private attribute
        for name, (over, under) in self.terms(example).items():
            before = sums.get(name, (0, 0))
            sums[name] = before[0] + over, before[1] + under

    def terms(self, example: Any) -> Terms:
        """The summands of an example."""
        return {}

    def of_sums(self, sums: Terms) -> dict[str, float]:
        """The values that follow from sums of terms. An undefined ratio (0 / 0) is omitted."""
        return {name: over / under for name, (over, under) in sums.items() if under}

    def result(self) -> dict[str, float]:
        """The current values by name."""
        return self.of_sums(self._sums)

    def resampled(self) -> Resampled | None:
        """What computes the values that `of_sums` does not give from rows that are drawn again.

        Called for a copy that has been updated with all rows.
        """
        return None

    @property
    def signature(self) -> str:
        """How the values were computed, if this is ambiguous."""
        return ""

    def files(self) -> Mapping[str, str]:
        """Additional files that an evaluation writes: content by name."""
        return {}
