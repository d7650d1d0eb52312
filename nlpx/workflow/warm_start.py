"""Start training with weights of another run, `init`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from nlpx.components.tricks.base import value_of
from nlpx.core.lazy import np
from nlpx.core.suggest import listed
from nlpx.data.codec import Vocabularies
from nlpx.errors import ConfigError, NlpxError
from nlpx.runs.record import Snapshot
from nlpx.specs.experiment import Experiment
from nlpx.text.vocabulary import Vocabulary
from nlpx.workflow.trained import Trained
from nlpx.workflow.vocabulary_axes import vocabulary_axes

if TYPE_CHECKING:
    from nlpx.engine.learner import Learner

Rows: TypeAlias = "tuple[np.ndarray, np.ndarray]"
"""Numbers of rows of an old table, and where they are in a new one."""
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
    if not chosen:
        raise ConfigError("init.exclude: it leaves out all variables that init.include selects. Change one.")
    moves = {
        name: Move.between(name, known[name], vocabularies[name])
        for name in sorted(known.keys() & vocabularies.keys())
        if known[name].tokens != vocabularies[name].tokens
    }
    where = f"init.from: {source.run.path}"
    for move in moves.values() if init.vocabulary == "same" else ():
        raise ConfigError(f"{where}: {move.text}, so that rows differ. Use map as init.vocabulary.")
    chosen = [variable for variable in chosen if names[variable] in found]
    if not chosen:
        raise ConfigError(f"{where}: it has none of the variables; it has {listed(found)}.")
    axes = vocabulary_axes(experiment, learner, vocabularies, moves)
    for variable in chosen:
        name = names[variable]
        try:
            of_axes = [[moves[grown] for grown in axis] for axis in axes[name]]
            variable.assign(moved(found[name], value_of(variable), of_axes))
        except ValueError as error:
            raise ConfigError(
                f"{where}: the variable {name} {error}. Leave it out with init.exclude."
            ) from None
    loaded = [names[variable] for variable in chosen]
    fresh = [name for name in map(names.__getitem__, variables) if name not in loaded]
    say(
        f"init: {len(loaded)} of {len(variables)} variables from {source.text}: "
        f"{listed(loaded)}" + (f"; initial weights: {listed(fresh)}" if fresh else "")
    )
    for move in moves.values():
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

    def rows(self, old: int, new: int) -> Rows | None:
        """The rows for axes of these lengths, which may have a few more rows; None for other lengths."""
        more = old - self.sizes[0]
        if not 0 <= more == new - self.sizes[1] <= MOST_EXTRA:
            return None
        extra = np.arange(more)
        return np.append(self.taken, self.sizes[0] + extra), np.append(self.put, self.sizes[1] + extra)


def moved(old: np.ndarray, new: np.ndarray, moves: Sequence[Sequence[Move]]) -> np.ndarray:
    """The old array, or the new one with the rows of the old one along the axes of vocabularies that differ.

    Args:
        moves: those of the vocabularies with which each axis grows, one for every row that a token adds.
            Classes have an axis without the unknown one, in an order that is not that of the vocabulary,
            and are taken as they are.

    Raises:
        ValueError: the shapes do not fit, or an axis has the rows of several vocabularies that differ.
    """
    if old.ndim != new.ndim:
        raise ValueError(f"has the shape {old.shape} there and {new.shape} here")
    places = [_rows(*axis) for axis in zip(old.shape, new.shape, moves, strict=True)]
    found = [rows for rows in places if rows is not None]
    if len(found) < len(places):
        if old.shape == new.shape:
            raise ValueError(f"has the shape {old.shape}, in which the rows of tokens cannot be found")
        raise ValueError(f"has the shape {old.shape} there and {new.shape} here")
    result = new.copy()
    result[np.ix_(*(put for _, put in found))] = old[np.ix_(*(taken for taken, _ in found))]
    return result


def _rows(old: int, new: int, moves: Sequence[Move]) -> Rows | None:
    rows = moves[0].rows(old, new) if len(moves) == 1 else None
    # One that has several rows for every class, such as those of capsules, has none for the unknown one.
    classes = not moves or all(
        length <= sum(move.sizes[i] - 1 for move in moves) for i, length in enumerate((old, new))
    )
    if rows is None and old == new and classes:
        return np.arange(old), np.arange(old)
    return rows
