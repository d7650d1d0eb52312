"""The config of a run, loaded without executing anything that the run names.

Components of plugin files are Python: they are imported where the command line says `--include FILE`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nlpx.config.load import Loaded, load_experiment
from nlpx.config.problems import ConfigProblems
from nlpx.config.source import absolute
from nlpx.core.files import file_hash
from nlpx.core.registry import load_registry
from nlpx.errors import ConfigError, DamagedRun, UsageError
from nlpx.runs.directory import RunDirectory
from nlpx.runs.record import Snapshot

if TYPE_CHECKING:
    from nlpx.specs.experiment import Experiment

NOT_INCLUDED = "C012"
CALLBACK = re.compile(r"[\w.]+:\w+")
HARMLESS = frozenset(
    f"keras.callbacks:{name}" for name in ("EarlyStopping", "History", "ReduceLROnPlateau", "TerminateOnNaN")
)
"""Keras callbacks that write no file, open no connection and call no function they are given."""
SHORT_HASH = 12


def load_run(
    run: RunDirectory,
    overrides: Sequence[str] = (),
    includes: Sequence[Path] = (),
    *,
    say: Callable[[str], None] = lambda message: None,
) -> Loaded:
    """The config of a run, to use its model.

    Args:
        run: the run, which may be somebody else's.
        overrides: `a.b=value`.
        includes: plugin files that the command line names: only these are executed.
        say: told of a plugin file that is not what the run was trained with.

    Raises:
        DamagedRun: resolved.yaml is not what nlpx wrote.
        UsageError: components of a plugin file are needed that the command line does not name.
        ConfigError: a plugin file or an override is wrong.
    """
    recorded = Snapshot.of(run).includes
    load_registry(
        [absolute(Path(), str(path)) for path in includes]
    )  # what is wrong with them is not the run's fault
    _compare_plugins(recorded, includes, say)
    try:
        loaded = load_experiment(run.resolved, (), includes, moved=True, of_run=True)
    except ConfigError as error:
        raise _explained(run, recorded, includes, error) from None
    if not overrides:
        return loaded
    return load_experiment(run.resolved, overrides, includes, moved=True, of_run=True)


def load_run_to_train(run: RunDirectory, includes: Sequence[Path] = ()) -> Loaded:
    """The config of a run, to go on with it on this machine, whose own cache is used.

    Args:
        run: the run.
        includes: plugin files, and `module:Class` of Keras callbacks, that the command line names.

    Raises:
        DamagedRun, UsageError: as `load_run`, and for a Keras callback that is not named.
        ConfigError: this machine lacks something.
    """
    callbacks = {str(path) for path in includes if CALLBACK.fullmatch(str(path))}
    files = [path for path in includes if str(path) not in callbacks]
    _refuse_callbacks(run, load_run(run, (), files).experiment, callbacks)
    loaded = load_experiment(run.resolved, (), files, of_run=True)
    # A cache is written and cleaned: in no folder that a run names.
    data = loaded.experiment.data.model_copy(update={"cache": None})
    return replace(loaded, experiment=loaded.experiment.model_copy(update={"data": data}))


def missing_plugins(recorded: Mapping[str, str], includes: Sequence[Path]) -> list[str]:
    """The plugin files that a run was trained with, but for those that are there under any name."""
    hashes = {file_hash(path) for path in includes if path.is_file()}
    names = {path.name for path in includes}
    return [
        path for path, sha256 in recorded.items() if sha256 not in hashes and Path(path).name not in names
    ]


def _compare_plugins(
    recorded: Mapping[str, str], includes: Sequence[Path], say: Callable[[str], None]
) -> None:
    by_name = {Path(path).name: sha256 for path, sha256 in recorded.items()}
    for path in includes:
        now, then = file_hash(path), by_name.get(path.name)
        if then is not None and now not in recorded.values():
            say(
                f"the plugin {path} is not what it was when the run was trained: its sha256 was "
                f"{then[:SHORT_HASH]}…, is {now[:SHORT_HASH]}…"
            )


def _explained(
    run: RunDirectory, recorded: Mapping[str, str], includes: Sequence[Path], error: ConfigError
) -> Exception:
    """Why a config cannot be used: a plugin that is not named, a demand to execute one, or damage."""
    missing = missing_plugins(recorded, includes)
    if missing:
        flags = " ".join(f"--include {path}" for path in missing)
        files = ", ".join(f"{path} (sha256 {recorded[path][:SHORT_HASH]}…)" for path in missing)
        return UsageError(
            f"{run.path}: this run was trained with the plugin {files}. Plugins are Python, and are executed "
            f"only where the command line names them: {flags}\nWithout it:\n{error}"
        )
    if isinstance(error, ConfigProblems) and any(p.code == NOT_INCLUDED for p in error.problems):
        return error
    return DamagedRun(run.resolved, f"it is no config of a run:\n{error}\n", "Restore it from a copy.")


def _refuse_callbacks(run: RunDirectory, experiment: Experiment, named: set[str]) -> None:
    """A Keras callback may be any class with any arguments, such as one that writes any file."""
    for observer in experiment.observers:
        callback = getattr(observer, "callback", None)
        if isinstance(callback, str) and callback not in HARMLESS and callback not in named:
            raise UsageError(
                f"{run.path}: this run trains with the Keras callback {callback}, which may execute and "
                "write anything. It is used only where the command line names it: if you trust the run, add "
                f"--include {callback}"
            )
