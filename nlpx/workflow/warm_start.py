"""Start training with weights of another run, `init`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.components.tricks.base import value_of
from nlpx.core.lazy import np
from nlpx.core.suggest import listed
from nlpx.data.codec import Vocabularies
from nlpx.errors import ConfigError, NlpxError
from nlpx.runs.record import Snapshot
from nlpx.specs.experiment import Experiment
from nlpx.text.vocabulary import Vocabulary
from nlpx.workflow.trained import Trained

if TYPE_CHECKING:
    from nlpx.engine.learner import Learner

MOST_EXTRA = 2
"""Largest number of rows after those of a vocabulary, such as those of `start` and `end`."""


def promised(experiment: Experiment) -> list[str]:
    """What `init` would load, as far as this is known without the models; raises UsageError, DamagedRun."""
    init = experiment.init
    if init is None:
        return []
    source = _opened(init.source)
    but = f", but not {', '.join(init.exclude)}" if init.exclude else ""
    task = Snapshot.of(source.run).task
    return [f"init: {', '.join(init.include)}{but} of {source.text}, a model of the task {task}"]


def warm_start(
    experiment: Experiment,
    learner: Learner,
    vocabularies: Vocabularies,
    includes: Sequence[Path],
    say: Callable[[str], None],
) -> None:
    """Set the weights that `init` selects to those of its run, and report them.

    Variables that the run does not have keep their initial weights.

    Raises:
        ConfigError: the run has none of the selected variables, one of another shape, or another vocabulary.
        UsageError, DamagedRun, CheckpointError: the run cannot be used.
    """
    from nlpx.engine.learner import names_of
    from nlpx.engine.update import floating

    init = experiment.init
    if init is None:
        return
    source = _opened(init.source)
    found, known = source.weights(includes)
    names, variables = names_of(learner), floating(learner.model.weights)
    chosen = names.select(init.include, variables, "init.include")
    if init.exclude:
        left_out = {id(variable) for variable in names.select(init.exclude, variables, "init.exclude")}
        chosen = [variable for variable in chosen if id(variable) not in left_out]
    moves = [
        Move.between(name, known[name], vocabularies[name])
        for name in sorted(known.keys() & vocabularies.keys())
        if known[name].tokens != vocabularies[name].tokens
    ]
    where = f"init.from: {source.run.path}"
    if moves and init.vocabulary == "same":
        raise ConfigError(f"{where}: {moves[0].text}, so that rows differ. Use map as init.vocabulary.")
    chosen = [variable for variable in chosen if names[variable] in found]
    if not chosen:
        raise ConfigError(f"{where}: it has none of the variables; it has {listed(found)}.")
    for variable in chosen:
        try:
            variable.assign(moved(found[names[variable]], value_of(variable), moves))
        except ValueError as error:
            raise ConfigError(
                f"{where}: the variable {names[variable]} {error}. Leave it out with init.exclude."
            ) from None
    loaded = [names[variable] for variable in chosen]
    fresh = [name for name in map(names.__getitem__, variables) if name not in loaded]
    say(
        f"init: {len(loaded)} of {len(variables)} variables from {source.text}: "
        f"{listed(loaded)}" + (f"; initial weights: {listed(fresh)}" if fresh else "")
    )
    for move in moves:
        say(f"init: {move.text}")


def _opened(source: str) -> Trained:
    try:
        return Trained.open(Path(source))
    except NlpxError as error:
        error.args = (f"init.from: {error}",)
        raise


@dataclass(frozen=True)
class Move:
    """Which rows of a table a vocabulary has, and where they are in that of another vocabulary.

    Attributes:
        sizes: of the two vocabularies.
        taken, put: the rows of the tokens that are in both.
        text: how many these are.
    """

    sizes: tuple[int, int]
    taken: np.ndarray
    put: np.ndarray
    text: str

    @classmethod
    def between(cls, name: str, old: Vocabulary, new: Vocabulary) -> Move:
        """From one vocabulary called `name` to another one."""
        ids = {token: i for i, token in enumerate(old.tokens)}
        put = [i for i, token in enumerate(new.tokens) if token in ids]
        taken = [ids[new.tokens[i]] for i in put]
        text = f"{len(put) - 1} of {len(new) - 1} tokens of the vocabulary {name} are in the run"
        return cls((len(old), len(new)), np.array(taken), np.array(put), text)

    def rows(self, old: int, new: int) -> tuple[np.ndarray, np.ndarray] | None:
        """The rows for axes of these lengths, which may have a few more rows; None for other lengths."""
        more = old - self.sizes[0]
        if not 0 <= more == new - self.sizes[1] <= MOST_EXTRA:
            return None
        extra = np.arange(more)
        return np.append(self.taken, self.sizes[0] + extra), np.append(self.put, self.sizes[1] + extra)


def moved(old: np.ndarray, new: np.ndarray, moves: Sequence[Move]) -> np.ndarray:
    """The old array, or the new one with the rows of the old one where an axis is that of a vocabulary.

    Raises:
        ValueError: the shapes do not fit, or several axes have the length of a vocabulary.
    """
    sizes = list(zip(old.shape, new.shape, strict=False))
    found = [(axis, rows) for axis, pair in enumerate(sizes) for m in moves if (rows := m.rows(*pair))]
    same = [a == b for axis, (a, b) in enumerate(sizes) if axis not in dict(found)]
    if old.ndim != new.ndim or not all(same):
        raise ValueError(f"has the shape {old.shape} there and {new.shape} here")
    if not found:
        return old
    if len(found) > 1:
        raise ValueError(f"has the shape {old.shape}, of which several axes may be those of a vocabulary")
    ((axis, (taken, put)),) = found
    result = np.moveaxis(new.copy(), axis, 0)
    result[put] = np.moveaxis(old, axis, 0)[taken]
    return np.moveaxis(result, 0, axis)
