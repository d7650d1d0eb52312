"""What goes wrong when a model is built: damage of a run, or a config that asks too much."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nlpx.errors import ConfigError, DamagedRun, DataError
from nlpx.runs.directory import RunDirectory
from nlpx.runs.flatten import flatten
from nlpx.specs.experiment import Experiment

SHOWN = 300
"""Characters of a reason that is not nlpx's own."""


@contextmanager
def buildable(run: RunDirectory | None = None) -> Iterator[None]:
    """Within, a model is built; what the framework says about impossible sizes is an error of the config.

    Args:
        run: whose config it is, as nlpx wrote it; None for one that is trained the first time.

    Raises:
        DamagedRun: the model of a run cannot be built.
        ConfigError: that of a config cannot.
    """
    import tensorflow as tf

    try:
        yield
    except (ValueError, OverflowError, MemoryError, tf.errors.OpError) as error:
        reason = " ".join(str(error).split())[:SHOWN] or type(error).__name__
        what = f"the model does not fit into memory, or is impossible: {reason}"
        if run is not None:
            raise DamagedRun(run.resolved, what) from error
        raise ConfigError(f"{what}. Make its layers smaller.") from error


@contextmanager
def files_of_config(
    run: RunDirectory, trained: Experiment, experiment: Experiment | None = None
) -> Iterator[None]:
    """Within, components of a run's config read their files: what is wrong with one is told without its text.

    Whoever made the run has chosen the files, and the reader of the message may be somebody else.

    Args:
        run: the run.
        trained: its config.
        experiment: the same with what the command line changes; of files that this names, all is told.

    Raises:
        DamagedRun: a file that the run's config names is missing or damaged.
    """
    try:
        yield
    except DataError:
        files = _files(trained)
        if experiment is not None and _files(experiment) - files:
            raise
        raise DamagedRun(
            run.resolved,
            f"a file that this config names is missing or damaged ({', '.join(sorted(files))})",
            "Put the file back, or name another one with --set.",
        ) from None


def _files(experiment: Experiment) -> set[str]:
    """The files that decoder and metrics of a config read; their paths are absolute."""
    config = experiment.model_dump(mode="json")
    named = flatten({section: config[section] for section in ("decode", "metrics")})
    return {f"{key}: {value}" for key, value in named.items() if str(value).startswith("/")}
