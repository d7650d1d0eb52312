"""Errors while a model is built: a damaged run, or an impossible config."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from nlpx.errors import ConfigError, DamagedRun, DataError
from nlpx.runs.directory import RunDirectory
from nlpx.runs.flatten import flatten
from nlpx.specs.experiment import Experiment

SHOWN = 300
"""Maximum length of a reason given by another library."""
INTERNAL = re.compile(
    r"\x1b\[[\d;]*m|\{\{.*?\}\}|\[Op:\w*\]|\bname: *(?=\x1b|$)|Arguments received by.*", re.DOTALL
)
"""Colours of a terminal, nodes of a graph and tensors in such a reason."""


@contextmanager
def buildable(run: RunDirectory | None = None) -> Iterator[None]:
    """Build a model in this block; errors of TensorFlow about impossible sizes become errors of the config.

    Args:
        run: the run that the config belongs to; None for a new one.

    Raises:
        DamagedRun: the model of a run cannot be built.
        ConfigError: the model of a config cannot be built.
    """
    import tensorflow as tf

    try:
        yield
    except (ValueError, OverflowError, MemoryError, tf.errors.OpError) as error:
        reason = " ".join(INTERNAL.sub(" ", str(error)).split())[:SHOWN] or type(error).__name__
        what = f"the model does not fit in memory, or is impossible: {reason}"
        if run is not None:
            raise DamagedRun(run.resolved, what) from error
        raise ConfigError(f"{what}. Reduce the size of its layers.") from error


@contextmanager
def files_of_config(
    run: RunDirectory, trained: Experiment, experiment: Experiment | None = None
) -> Iterator[None]:
    """Read the files of a run's components in this block; errors do not quote their content.

    The files were chosen by the creator of the run, and the message may be read by somebody else.

    Args:
        run: the run.
        trained: its config.
        experiment: the config with overrides; errors in files that only this names are reported in full.

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
            "Restore the file, or name another one with --set.",
        ) from None


def _files(experiment: Experiment) -> set[str]:
    """The files that the decoder and the metrics of a config read, with absolute paths."""
    config = experiment.model_dump(mode="json")
    named = flatten({section: config[section] for section in ("decode", "metrics") if section in config})
    return {f"{key}: {value}" for key, value in named.items() if str(value).startswith("/")}
