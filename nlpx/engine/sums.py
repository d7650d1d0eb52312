"""Sums over updates, from which means are taken when somebody is told of them."""

from __future__ import annotations

from dataclasses import dataclass, field

Pairs = dict[str, tuple[float, float]]
"""By name, a sum and what it is divided by."""


@dataclass
class Sums:
    """Sums over updates of a run.

    Attributes:
        updates: how many.
        skipped: how many of them were left out because gradients overflowed.
        losses: loss sums and weights; one entry for each phase and each different weight of its terms.
        terms: sums and weights, by term.
        norms: gradient norms and their number, by phase.
        rates: learning rate of the latest update, by phase.
    """

    updates: int = 0
    skipped: int = 0
    losses: Pairs = field(default_factory=dict)
    terms: Pairs = field(default_factory=dict)
    norms: Pairs = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)

    @property
    def loss(self) -> float:
        """Mean loss; 0 where nothing was weighed."""
        return sum(map(_mean, self.losses.values()))

    @property
    def weight(self) -> float:
        """What the loss sums are divided by: characters, rows, ...; of all phases."""
        return sum(weight for name, (_, weight) in self.losses.items() if name.endswith("/0"))

    @property
    def gradient_norm(self) -> float:
        """Mean gradient norm; of several phases, the root of the sum of the squares."""
        means = [_mean(pair) for pair in self.norms.values()]
        return means[0] if len(means) == 1 else sum(mean**2 for mean in means) ** 0.5

    @property
    def learning_rate(self) -> float:
        """Of the first phase."""
        return next(iter(self.rates.values()), 0.0)

    def term_means(self) -> dict[str, float]:
        """The mean of every term; empty where there is only one, which is the loss."""
        return {name: _mean(pair) for name, pair in self.terms.items()} if len(self.terms) > 1 else {}

    def by_phase(self) -> dict[str, dict[str, float]]:
        """Learning rate and gradient norm of every phase; empty where there is only one."""
        if len(self.rates) < 2:
            return {}
        return {
            name: {"learning_rate": rate, "gradient_norm": _mean(self.norms[name])}
            for name, rate in self.rates.items()
        }

    def add(self, other: Sums) -> None:
        self.updates += other.updates
        self.skipped += other.skipped
        for own, new in ((self.losses, other.losses), (self.terms, other.terms), (self.norms, other.norms)):
            for name, (value, weight) in new.items():
                before = own.get(name, (0.0, 0.0))
                own[name] = before[0] + value, before[1] + weight
        self.rates |= other.rates


def _mean(pair: tuple[float, float]) -> float:
    return pair[0] / pair[1] if pair[1] else 0.0
